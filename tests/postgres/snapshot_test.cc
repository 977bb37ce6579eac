// Snapshots that are cut short, over a real server.
#include "connectors/kit/invariants.h"
#include "tests/postgres/clinic.h"

namespace freshet::postgres {
namespace {

// Two runs die with their snapshot, from the same position; between them the row changes, which no stream has told yet.
TEST(PostgresSnapshot, WhatIsReadAgainIsNewer) {
  if (const auto missing = LocalServer::Missing()) GTEST_SKIP() << *missing;
  ASSERT_NE(TheServer(), nullptr);
  Clinic clinic(*TheServer(), "read_again");
  clinic.Run("INSERT INTO memo VALUES (1, 'first', 'icu')");
  ASSERT_TRUE(clinic.Settle().ok());
  for (int write = 2; write <= 6; ++write) {
    ++clinic.host.request;
    for (int died = 0; died < 3; ++died) {
      clinic.host.CrashAt(static_cast<size_t>(write), kit::KitHost::Crash::kAfter);
      for (int i = 0; i < 1000 && clinic.host.alive(); ++i) (void)clinic.Step();
      clinic.connector.reset();
      clinic.Run("UPDATE memo SET body = 'after " + std::to_string(write) + "/" + std::to_string(died) + "'");
      clinic.host.Revive();
    }
    ASSERT_TRUE(clinic.Settle().ok());
    EXPECT_EQ(clinic.Published().Contents(), clinic.Expected());
    EXPECT_EQ(kit::BrokenInvariant(clinic.host, {}), "") << write;
  }
  clinic.connector.reset();
  (void)clinic.TryRun("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active");
}

}  // namespace
}  // namespace freshet::postgres
