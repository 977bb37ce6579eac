// Snapshots that are cut short, and those that are asked for again, over a real server.
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

// A run has read on, behind the position that it stored, when its snapshot begins and it dies.
TEST(PostgresSnapshot, BeginsAboveTheOneThatDiedAsItBegan) {
  if (const auto missing = LocalServer::Missing()) GTEST_SKIP() << *missing;
  ASSERT_NE(TheServer(), nullptr);
  Clinic clinic(*TheServer(), "died_at_begin");
  clinic.Run("INSERT INTO memo VALUES (1, 'first', 'icu')");
  ASSERT_TRUE(clinic.Settle().ok());
  for (int write = 1; write <= 5; ++write) {
    clinic.Run("UPDATE memo SET body = 'after " + std::to_string(write) + "'");
    for (size_t told = clinic.host.published.size(); clinic.host.published.size() == told;) {
      ASSERT_TRUE(clinic.Step().ok());
    }
    ++clinic.host.request;
    clinic.host.CrashAt(static_cast<size_t>(write), kit::KitHost::Crash::kAfter);
    for (int i = 0; i < 1000 && clinic.host.alive(); ++i) (void)clinic.Step();
    clinic.connector.reset();
    clinic.host.Revive();
    ASSERT_TRUE(clinic.Settle().ok());
    EXPECT_EQ(clinic.Published().Contents(), clinic.Expected());
    EXPECT_EQ(kit::BrokenInvariant(clinic.host, {}), "") << write;
  }
  clinic.connector.reset();
  (void)clinic.TryRun("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active");
}

// A server that lost what a snapshot was stamped with: changes below that would lose against its rows.
TEST(PostgresSnapshot, WhatItWasStampedWithMustBeThere) {
  if (const auto missing = LocalServer::Missing()) GTEST_SKIP() << *missing;
  ASSERT_NE(TheServer(), nullptr);
  Clinic clinic(*TheServer(), "stamped");
  clinic.Run("INSERT INTO memo VALUES (1, 'first', 'icu')");
  ASSERT_TRUE(clinic.Settle().ok());
  Version begun;
  ByteReader reader(clinic.host.positions.at("begun"));
  ASSERT_TRUE(reader.ReadVersion(begun));
  begun.position += uint64_t{1} << 40;
  std::string row;
  AppendVersion(row, begun);
  clinic.host.positions["begun"] = row;
  clinic.Restart();
  clinic.Run("UPDATE memo SET body = 'second'");
  ASSERT_TRUE(clinic.Settle().ok());
  EXPECT_GT(clinic.host.All<SnapshotEdge>().back().begin_version, begun) << "in a new generation";
  EXPECT_EQ(clinic.Published().Contents(), clinic.Expected());
  clinic.connector.reset();
  (void)clinic.TryRun("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active");
}

struct Reading {
  Version begin, version;
  std::string content;
};

// All of a snapshot that mentions one document.
Reading ReadOne(PostgresSource& source) {
  Reading reading;
  std::string cursor;
  for (int i = 0; i < 1000; ++i) {
    const Result<SourceBatch> batch = source.Snapshot(cursor);
    EXPECT_TRUE(batch.ok()) << batch.status().ToString();
    if (!batch.ok()) break;
    if (batch->first) reading.begin = batch->begin;
    for (const ChangeEvent& event : batch->events) {
      const auto* const upsert = std::get_if<Upsert>(&event.change);
      if (upsert != nullptr) reading = {reading.begin, event.origin.version, upsert->content};
    }
    if (batch->done) return reading;
    cursor = batch->position;
  }
  ADD_FAILURE() << "the snapshot does not end";
  return reading;
}

// One run reads the tables several times, and the stream has told nothing yet of what changed between them.
TEST(PostgresSnapshot, WhatIsAskedForAgainIsNewer) {
  if (const auto missing = LocalServer::Missing()) GTEST_SKIP() << *missing;
  ASSERT_NE(TheServer(), nullptr);
  Clinic clinic(*TheServer(), "asked_again");
  clinic.Run("INSERT INTO memo VALUES (1, 'first', 'icu')");
  const Result<ConfigNode> node = ParseYaml(clinic.Yaml(), {.name = "test", .literal_secrets = true});
  ASSERT_TRUE(node.ok()) << node.status().ToString();
  Result<PostgresOptions> options = ParseOptions<PostgresOptions>(*node);
  ASSERT_TRUE(options.ok()) << options.status().ToString();
  Result<rows::Mapping> mapping = rows::Mapping::Compile(options->mapping);
  ASSERT_TRUE(mapping.ok()) << mapping.status().ToString();
  PostgresSource source(std::move(*options), std::move(*mapping));
  const SystemClock clock;
  ASSERT_TRUE(source.Open({.clock = &clock, .epoch = 7}).ok());
  Reading before = ReadOne(source);
  EXPECT_EQ(before.content, "first");
  for (const std::string body : {"second", "third"}) {
    clinic.Run("UPDATE memo SET body = '" + body + "'");
    const Reading after = ReadOne(source);
    EXPECT_EQ(after.content, body);
    EXPECT_LT(before.version, after.version) << body;
    EXPECT_LT(before.version, after.begin) << "what only the one before mentioned is gone";
    EXPECT_LE(after.begin, after.version) << "it is mentioned";
    before = after;
  }
  Version told;
  for (int i = 0; i < 1000 && told == Version{}; ++i) {
    const Result<SourceBatch> batch = source.Stream(10ms);
    ASSERT_TRUE(batch.ok()) << batch.status().ToString();
    for (const ChangeEvent& event : batch->events) {
      if (std::holds_alternative<Upsert>(event.change)) told = event.origin.version;
    }
  }
  EXPECT_LT(before.version, told) << "the stream wins";
  source.Close();
  (void)clinic.TryRun("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active");
}

}  // namespace
}  // namespace freshet::postgres
