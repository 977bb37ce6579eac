// Random histories on a real server: changes of all kinds, transactions that are undone, large ones, schema changes,
// connectors that die at any write, a server that is killed. At the end the published documents and lists are those of
// the tables. A failing seed is replayed by FRESHET_FIRST_SEED=<seed> FRESHET_HISTORIES=1.
#include <random>

#include "tests/postgres/clinic.h"

namespace freshet::postgres {
namespace {

class History {
 public:
  History(LocalServer& server, uint64_t seed)
      : server_(server), random_(seed), clinic_(server, "h" + std::to_string(seed), "spool_memory: 64KiB\n") {
    // This thread is the connector's too: neither may wait for the other, a new slot for the transactions under way, a
    // table's change for a snapshot that reads it.
    clinic_.setting = "idle_in_transaction_session_timeout = '3s'; SET lock_timeout = '3s'";
    clinic_.Disconnect();
  }

  Status Play() {
    for (int i = 0, count = 40 + Below(40); i < count; ++i) {
      FRESHET_RETURN_IF_ERROR(Fault());
      (void)clinic_.TryRun(Statement());
      for (int steps = Below(4); steps > 0; --steps) (void)clinic_.Step();
    }
    if (in_transaction_) (void)clinic_.TryRun(Below(2) == 0 ? "COMMIT" : "ROLLBACK");
    clinic_.host.Revive();
    if (clinic_.connector == nullptr) clinic_.Restart();
    return clinic_.Settle(120s);
  }
  Clinic& clinic() { return clinic_; }
  std::string counts() const {
    return std::to_string(crashes_) + " crashes, " + std::to_string(kills_) + " kills of the server";
  }
  void End() {
    clinic_.connector.reset();
    for (int i = 0; i < 200; ++i) {
      if (clinic_.TryRun("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots").ok()) return;
      std::this_thread::sleep_for(50ms);
    }
  }

 private:
  int Below(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most)); }
  std::string Id() { return std::to_string(Below(12)); }
  std::string Ward() { return "'w" + std::to_string(Below(4)) + "'"; }
  std::string Body() {
    const int size = Below(8) == 0 ? 3000 + Below(3000) : 1 + Below(5);
    return "repeat('" + std::to_string(random_() % 100000) + " ', " + std::to_string(size) + ")";
  }

  // A crash of the connector at one of its next writes, or of the server, now and then.
  Status Fault() {
    if (!clinic_.host.alive()) {
      clinic_.connector.reset();
      clinic_.host.Revive();
      ++crashes_;
    }
    if (Below(6) == 0) {
      clinic_.host.CrashAt(1 + static_cast<size_t>(Below(4)),
                           Below(2) == 0 ? kit::KitHost::Crash::kBefore : kit::KitHost::Crash::kAfter);
    }
    if (Below(60) != 0) return OkStatus();
    ++kills_;
    clinic_.Disconnect();
    in_transaction_ = false;
    server_.Kill();
    for (int steps = Below(3); steps > 0; --steps) (void)clinic_.Step();
    return server_.Launch();
  }

  std::string Statement() {
    switch (Below(18)) {
      case 0:
        in_transaction_ = !in_transaction_;
        return in_transaction_ ? "BEGIN" : Below(3) == 0 ? "ROLLBACK" : "COMMIT";
      case 1:
        return in_transaction_ ? "SAVEPOINT s" : "SELECT 1";
      case 2:
        return in_transaction_ ? "ROLLBACK TO s" : "SELECT 1";
      case 3:
        return "DELETE FROM memo WHERE id = " + Id();
      case 4:
        return "UPDATE memo SET ward = " + Ward() + " WHERE id = " + Id();
      case 5:
        return "UPDATE memo SET id = " + Id() + " WHERE id = " + Id();
      case 6:
        return "INSERT INTO addendum VALUES (" + Id() + ", " + Id() + ", " + Body() + ") ON CONFLICT DO NOTHING";
      case 7:
        return "UPDATE addendum SET note_id = " + Id() + " WHERE note_id = " + Id() + " AND seq < 4";
      case 8:
        return "DELETE FROM addendum WHERE note_id = " + Id();
      case 9:
        return "INSERT INTO ward_reader VALUES (" + Ward() + ", 'u" + Id() + "') ON CONFLICT DO NOTHING";
      case 10:
        return "DELETE FROM ward_reader WHERE ward = " + Ward() + " AND login < 'u5'";
      case 11:
        return "UPDATE ward_reader SET ward = " + Ward() + " WHERE login = 'u" + Id() + "' AND ward = " + Ward();
      case 12:
        return "DELETE FROM note WHERE id = " + Id();
      case 13:
        return Rare();
      default:
        return "INSERT INTO " + std::string(Below(2) == 0 ? "memo" : "note") + " VALUES (" + Id() + ", " + Body() +
               ", " + Ward() + ") ON CONFLICT (id) DO UPDATE SET body = excluded.body";
    }
  }
  std::string Rare() {
    switch (Below(5)) {
      case 0:
        return "TRUNCATE memo";
      case 1:
        return "ALTER TABLE memo REPLICA IDENTITY " + std::string(Below(2) == 0 ? "FULL" : "DEFAULT");
      case 2:
        return "ALTER TABLE memo ADD COLUMN c" + std::to_string(++columns_) + " text DEFAULT 'x'";
      case 3:
        return "ALTER TABLE memo DROP COLUMN IF EXISTS c" + std::to_string(columns_);
      default:
        return "INSERT INTO memo SELECT 100 + i, repeat('l', 300), 'w1' FROM generate_series(1, 400) i "
               "ON CONFLICT (id) DO UPDATE SET body = memo.body || '+'";
    }
  }

  LocalServer& server_;
  std::mt19937_64 random_;
  Clinic clinic_;
  bool in_transaction_ = false;
  int columns_ = 0;
  int crashes_ = 0;
  int kills_ = 0;
};

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(PostgresHistory, EndsAsTheTables) {
  if (const auto missing = LocalServer::Missing()) GTEST_SKIP() << *missing;
  ASSERT_NE(TheServer(), nullptr);
  const uint64_t first = FromEnvironment("FRESHET_FIRST_SEED", 1);
  for (uint64_t seed = first; seed < first + FromEnvironment("FRESHET_HISTORIES", 3); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History history(*TheServer(), seed);
    const Status played = history.Play();
    ASSERT_TRUE(played.ok()) << played.ToString() << " after " << history.counts();
    const rows::SinkModel sink = history.clinic().Published();
    EXPECT_EQ(sink.Contents(), history.clinic().Expected()) << history.counts();
    for (const auto& [id, document] : sink.documents) {
      if (!document.has_content) continue;
      const std::string scope = document.upsert.access_scope.value;
      EXPECT_EQ(sink.Access(scope), history.clinic().ExpectedReaders(scope.substr(5))) << scope;
    }
    EXPECT_TRUE(history.clinic().host.violations.empty());
    history.End();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace freshet::postgres
