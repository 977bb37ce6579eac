// The connector over a real server, one behaviour a test.
#include <array>
#include <thread>

#include "connectors/postgres/visible.h"
#include "tests/postgres/clinic.h"

namespace freshet::postgres {
namespace {

class Postgres : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto missing = LocalServer::Missing()) GTEST_SKIP() << *missing;
    ASSERT_NE(TheServer(), nullptr);
    clinic = std::make_unique<Clinic>(*TheServer(), Name());
  }
  void TearDown() override {
    if (clinic == nullptr) return;
    clinic->connector.reset();
    (void)clinic->TryRun("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active");
  }
  static std::string Name() {
    std::string name = "t_";
    for (const char c : std::string(::testing::UnitTest::GetInstance()->current_test_info()->name())) {
      name += static_cast<char>(std::tolower(c));
    }
    return name.substr(0, 40);
  }
  void ExpectSame() {
    ASSERT_TRUE(clinic->Settle().ok());
    EXPECT_EQ(clinic->Published().Contents(), clinic->Expected());
  }
  std::unique_ptr<Clinic> clinic;
};

TEST_F(Postgres, SnapshotThenStreamWithoutAGap) {
  clinic->Run("INSERT INTO memo SELECT i, 'memo ' || i, 'icu' FROM generate_series(1, 500) i");
  clinic->Run("INSERT INTO ward_reader VALUES ('icu', 'ada'), ('icu', 'bob')");
  clinic->Run("INSERT INTO note VALUES (1, 'first', 'icu'); INSERT INTO addendum VALUES (1, 2, 'b'), (1, 1, 'a')");
  // Changes between the steps of a snapshot.
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(clinic->Step().ok());
    clinic->Run("UPDATE memo SET body = body || '!' WHERE id % 20 = " + std::to_string(i));
    clinic->Run("DELETE FROM memo WHERE id = " + std::to_string(500 - i));
  }
  ExpectSame();
  EXPECT_EQ(clinic->Published().Access("ward/icu"), "user:ada user:bob");
  EXPECT_EQ(clinic->Published().Contents().at("note/1"), "first+a+b");
  EXPECT_TRUE(clinic->host.violations.empty()) << clinic->host.violations.front();
}

// A commit is told to replication before others see it; what is looked up meanwhile would be of the time before.
TEST_F(Postgres, WhatWasSentIsAwaitedUntilOthersSeeIt) {
  const auto writer = std::move(*SqlClient::Connect(TheServer()->url(), SqlClient::Kind::kQueries));
  const auto reader = std::move(*SqlClient::Connect(TheServer()->url(), SqlClient::Kind::kQueries));
  ASSERT_TRUE(writer->Query("BEGIN").ok());
  const auto number = static_cast<uint32_t>(std::stoul(writer->Query("SELECT txid_current() % 4294967296")->First(0)));
  const std::array<uint32_t, 2> sent = {3, number};  // long ago, and now
  EXPECT_FALSE(*AwaitVisible(*reader, sent, std::chrono::milliseconds(50)));
  std::jthread commits([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_TRUE(writer->Query("COMMIT").ok());
  });
  EXPECT_TRUE(*AwaitVisible(*reader, sent));
}

TEST_F(Postgres, InsertUpdateDeleteAndKeyChange) {
  ASSERT_TRUE(clinic->Settle().ok());
  clinic->Run("INSERT INTO memo VALUES (1, 'one', 'icu'), (2, 'two', 'icu'), (3, 'three', 'er')");
  clinic->Run("UPDATE memo SET body = 'zwei' WHERE id = 2");
  clinic->Run("UPDATE memo SET id = 30 WHERE id = 3");
  clinic->Run("DELETE FROM memo WHERE id = 1");
  ExpectSame();
  EXPECT_EQ(clinic->Published().Contents(),
            (std::map<std::string, std::string>{{"memo/2", "zwei"}, {"memo/30", "three"}}));
  const rows::SinkModel sink = clinic->Published();
  EXPECT_LT(SystemClock().Now() - sink.documents.at("memo/2").committed, 5min);
}

TEST_F(Postgres, ListsItsDocumentsBesideARunningConnector) {
  clinic->Run("INSERT INTO memo SELECT i, 'memo ' || i, 'icu' FROM generate_series(1, 300) i");
  clinic->Run(
      "INSERT INTO note VALUES (1, E'two\nlines\t\\N', 'icu'), (2, NULL, 'icu'); INSERT INTO addendum VALUES (1, 1, "
      "'a')");
  ASSERT_TRUE(clinic->Settle().ok());
  const uint64_t slots = clinic->Number("SELECT count(*) FROM pg_replication_slots");
  const auto listed = [&] {
    std::set<std::string> ids;
    const Status status = clinic->Make()->List([&](const std::string& id) {
      EXPECT_TRUE(ids.insert(id).second) << id << " twice";
      return OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status.ToString();
    return ids;
  };
  const auto expected = [&] {
    std::set<std::string> ids;
    for (const auto& [id, content] : clinic->Expected()) ids.insert(id);
    return ids;
  };
  EXPECT_EQ(listed(), expected());
  EXPECT_EQ(listed().size(), 302u);
  clinic->Run("DELETE FROM memo WHERE id > 10; UPDATE note SET id = 20 WHERE id = 2");
  EXPECT_EQ(listed(), expected()) << "as the tables are now, whatever the stream has told";
  EXPECT_EQ(clinic->Number("SELECT count(*) FROM pg_replication_slots"), slots);
  ExpectSame();
  EXPECT_EQ(clinic->Make()->List([](const std::string&) { return Status(Code::kTimeout); }).code(), Code::kTimeout);
}

TEST_F(Postgres, AnUnchangedLargeValueIsNotLost) {
  clinic->Run("INSERT INTO memo VALUES (1, repeat('long ', 20000), 'icu'), (2, repeat('full ', 20000), 'icu')");
  ASSERT_TRUE(clinic->Settle().ok());
  clinic->Run("UPDATE memo SET ward = 'er' WHERE id = 1");
  ExpectSame();
  EXPECT_EQ(clinic->Published().documents.at("memo/1").upsert.access_scope.value, "ward/er");
  clinic->Run("ALTER TABLE memo REPLICA IDENTITY FULL");
  clinic->Run("UPDATE memo SET ward = 'er' WHERE id = 2");
  clinic->Run("DELETE FROM memo WHERE id = 1");
  ExpectSame();
  EXPECT_EQ(clinic->Published().documents.at("memo/2").upsert.access_scope.value, "ward/er");
}

TEST_F(Postgres, ChildrenMakeTheirParentAnew) {
  clinic->Run("INSERT INTO note VALUES (1, 'x', 'icu'), (2, 'y', 'icu'); INSERT INTO addendum VALUES (1, 1, 'a')");
  ASSERT_TRUE(clinic->Settle().ok());
  clinic->Run("INSERT INTO addendum VALUES (2, 1, 'b')");
  clinic->Run("UPDATE addendum SET note_id = 2, seq = 2 WHERE note_id = 1");
  ExpectSame();
  EXPECT_EQ(clinic->Published().Contents(), (std::map<std::string, std::string>{{"note/1", "x"}, {"note/2", "y+b+a"}}));
}

TEST_F(Postgres, ListsFollowTheirRows) {
  clinic->Run("INSERT INTO ward_reader VALUES ('icu', 'ada'), ('icu', 'bob')");
  ASSERT_TRUE(clinic->Settle().ok());
  clinic->Run("DELETE FROM ward_reader WHERE login = 'ada'; INSERT INTO ward_reader VALUES ('er', 'eve')");
  ASSERT_TRUE(clinic->Settle().ok());
  EXPECT_EQ(clinic->Published().Access("ward/icu"), "user:bob");
  EXPECT_EQ(clinic->Published().Access("ward/er"), "user:eve");
  clinic->Run("UPDATE ward_reader SET ward = 'er' WHERE login = 'bob'");
  ASSERT_TRUE(clinic->Settle().ok());
  EXPECT_EQ(clinic->Published().Access("ward/icu"), "");
  EXPECT_EQ(clinic->Published().Access("ward/er"), "user:bob user:eve");
}

TEST_F(Postgres, TruncateTakesASnapshotThatDeletes) {
  clinic->Run(
      "INSERT INTO memo SELECT i, 'm', 'icu' FROM generate_series(1, 30) i; INSERT INTO note VALUES (1, 'n', 'er')");
  ASSERT_TRUE(clinic->Settle().ok());
  clinic->Run("BEGIN; TRUNCATE memo; INSERT INTO memo VALUES (7, 'again', 'icu'); COMMIT");
  ExpectSame();
  EXPECT_EQ(clinic->Published().Contents().size(), 2u);
}

TEST_F(Postgres, LargeTransactionsArriveAtTheirCommitOnly) {
  ASSERT_TRUE(clinic->Settle().ok());
  clinic->Run("BEGIN; INSERT INTO memo SELECT i, repeat('x', 200), 'icu' FROM generate_series(1, 3000) i");
  clinic->Run("SAVEPOINT s; INSERT INTO memo SELECT i, repeat('y', 200), 'icu' FROM generate_series(5000, 7000) i");
  clinic->Run("ROLLBACK TO s; UPDATE memo SET body = 'changed' WHERE id <= 10");
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(clinic->Step().ok());
  EXPECT_TRUE(clinic->Published().Contents().empty());
  clinic->Run("COMMIT");
  ExpectSame();
  EXPECT_EQ(clinic->Published().Contents().size(), 3000u);
  clinic->Run("BEGIN; INSERT INTO memo SELECT i, repeat('x', 200), 'icu' FROM generate_series(8000, 9000) i; ROLLBACK");
  ExpectSame();
}

TEST_F(Postgres, ColumnsComeAndGo) {
  clinic->Run("INSERT INTO memo VALUES (1, 'one', 'icu', 'x')");
  ASSERT_TRUE(clinic->Settle().ok());
  clinic->Run("ALTER TABLE memo ADD COLUMN more text DEFAULT 'm'; INSERT INTO memo VALUES (2, 'two', 'icu', 'x', 'y')");
  clinic->Run("ALTER TABLE memo DROP COLUMN extra; UPDATE memo SET body = 'eins' WHERE id = 1");
  ExpectSame();
  // A column that the mapping names is gone: nothing is published as if it were empty.
  clinic->Run("ALTER TABLE memo RENAME COLUMN body TO words; INSERT INTO memo VALUES (3, 'three', 'icu', 'y')");
  const Status stopped = clinic->Settle();
  EXPECT_EQ(stopped.code(), Code::kConfiguration) << stopped.ToString();
  EXPECT_NE(stopped.message().find("no column body"), std::string::npos) << stopped.ToString();
  clinic->Run("ALTER TABLE memo RENAME COLUMN words TO body");
  clinic->Restart();
  EXPECT_EQ(clinic->Settle().code(), Code::kConfiguration);  // that change is still to come
}

TEST_F(Postgres, ATableThatHidesWhatARowBelongedToIsRefused) {
  clinic->Run("ALTER TABLE ward_reader DROP CONSTRAINT ward_reader_pkey");
  clinic->Run("ALTER TABLE ward_reader ADD COLUMN id serial PRIMARY KEY");
  const Status refused = clinic->Make()->Check();
  EXPECT_EQ(refused.code(), Code::kConfiguration);
  EXPECT_NE(refused.message().find("REPLICA IDENTITY FULL"), std::string::npos);
  clinic->Run("ALTER TABLE ward_reader REPLICA IDENTITY FULL");
  EXPECT_TRUE(clinic->Make()->Check().ok());
}

TEST_F(Postgres, GoesOnWhereItWasAndConfirmsOnlyWhatIsStored) {
  ASSERT_TRUE(clinic->Settle().ok());
  clinic->Run("INSERT INTO memo VALUES (1, 'one', 'icu')");
  ASSERT_TRUE(clinic->Settle().ok());
  const size_t told = clinic->host.published.size();
  clinic->Restart();
  clinic->Run("INSERT INTO memo VALUES (2, 'two', 'icu')");
  ExpectSame();
  for (size_t i = told; i < clinic->host.published.size(); ++i) {
    EXPECT_FALSE(std::holds_alternative<SnapshotEdge>(clinic->host.published[i].event.change));
  }
  // Nothing is acknowledged to the server while the log does not take it.
  const auto confirmed = [this] {
    return clinic
        ->Run("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '" + clinic->name() + "'")
        .First();
  };
  clinic->host.failure = Status(Code::kLogUnavailable, "as the test wants it");
  clinic->Run("INSERT INTO memo VALUES (3, 'three', 'icu')");
  const std::string before = confirmed();
  for (int i = 0; i < 10; ++i) (void)clinic->Step();
  EXPECT_EQ(confirmed(), before);
  clinic->host.failure = OkStatus();
  ExpectSame();
}

TEST_F(Postgres, AQuietTableHoldsNoLogBack) {
  clinic->Run("INSERT INTO memo VALUES (1, 'one', 'icu')");
  ASSERT_TRUE(clinic->Settle().ok());
  clinic->Run("CREATE TABLE unmapped (t text)");
  for (int i = 0; i < 5; ++i) clinic->Run("INSERT INTO unmapped SELECT repeat('x', 1000) FROM generate_series(1, 500)");
  const std::string written = clinic->Run("SELECT pg_current_wal_lsn()").First();
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  bool reached = false;
  while (!reached && std::chrono::steady_clock::now() < deadline) {
    ASSERT_TRUE(clinic->Step().ok());
    reached = clinic
                  ->Run("SELECT confirmed_flush_lsn >= '" + written +
                        "' FROM pg_replication_slots WHERE slot_name = '" + clinic->name() + "'")
                  .First() == "t";
  }
  EXPECT_TRUE(reached);
}

TEST_F(Postgres, TellsWhatItsSlotHoldsBackAlsoWhileNobodyReads) {
  EXPECT_EQ(clinic->Make()->Hold()->retained_bytes, 0u) << "no slot yet";
  ASSERT_TRUE(clinic->Settle().ok());
  const Result<SourceHold> settled = clinic->Make()->Hold();
  ASSERT_TRUE(settled.ok()) << settled.status().ToString();
  EXPECT_EQ(settled->limit_bytes, 0u) << "neither the server's configuration nor ours has one";
  clinic->connector.reset();
  clinic->Run("CREATE TABLE unmapped (t text)");
  const auto written = [&](int rows) {
    const std::string count = std::to_string(rows);
    clinic->Run("INSERT INTO unmapped SELECT repeat('x', 1000) FROM generate_series(1, " + count + ")");
    return *clinic->Make()->Hold();
  };
  const SourceHold one = written(1000), two = written(3000);
  EXPECT_GE(one.lag_bytes, 1'000'000u);
  EXPECT_GE(one.retained_bytes, one.lag_bytes);
  EXPECT_GE(two.lag_bytes, one.lag_bytes + 3'000'000);
  EXPECT_GE(two.retained_bytes, one.retained_bytes + 3'000'000);
  clinic->Restart();
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  uint64_t left = two.lag_bytes;
  while (left > 100'000 && std::chrono::steady_clock::now() < deadline) {
    ASSERT_TRUE(clinic->Step().ok());
    left = clinic->Make()->Hold()->lag_bytes;
  }
  EXPECT_LE(left, 100'000u) << "what is confirmed is no lag";
}

TEST_F(Postgres, TheLowerOfTheTwoLimitsCounts) {
  clinic->Run("ALTER SYSTEM SET max_slot_wal_keep_size = '64MB'");
  clinic->Run("SELECT pg_reload_conf()");
  ASSERT_TRUE(clinic->Settle().ok());
  const auto limit = [&](const std::string& ours) {
    const Clinic other(*TheServer(), clinic->name(), ours.empty() ? "" : "max_retained_wal: " + ours + "\n", false);
    return other.Make()->Hold()->limit_bytes;
  };
  const auto deadline = std::chrono::steady_clock::now() + 60s;  // the server reads its file when it gets to it
  while (limit("") == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(limit(""), 64u << 20);
  EXPECT_EQ(limit("1MiB"), 1u << 20);
  EXPECT_EQ(limit("1GiB"), 64u << 20);
  clinic->Run("ALTER SYSTEM RESET max_slot_wal_keep_size");
  clinic->Run("SELECT pg_reload_conf()");
}

TEST_F(Postgres, BeyondItsLimitTheSlotIsGivenUpAndASnapshotTaken) {
  clinic = std::make_unique<Clinic>(*TheServer(), Name() + "_2", "max_retained_wal: 1MiB\n");
  clinic->Run("INSERT INTO memo VALUES (1, 'one', 'icu'), (2, 'two', 'icu')");
  ASSERT_TRUE(clinic->Settle().ok());
  const Version before = clinic->Published().documents.at("memo/1").content_version;
  clinic->connector.reset();
  clinic->Run("DELETE FROM memo WHERE id = 2");
  clinic->Run("CREATE TABLE unmapped (t text)");
  clinic->Run("INSERT INTO unmapped SELECT repeat('x', 1000) FROM generate_series(1, 3000)");
  ASSERT_GT(clinic->Make()->Hold()->retained_bytes, 1u << 20);
  ExpectSame();
  EXPECT_GT(clinic->Published().documents.at("memo/1").content_version.epoch, before.epoch);
  EXPECT_LE(clinic->Make()->Hold()->retained_bytes, 1u << 20);
}

TEST_F(Postgres, ALostSlotIsNoticedAndReconciled) {
  clinic->Run("INSERT INTO memo VALUES (1, 'one', 'icu'), (2, 'two', 'icu')");
  ASSERT_TRUE(clinic->Settle().ok());
  const Version before = clinic->Published().documents.at("memo/1").content_version;
  clinic->connector.reset();
  clinic->Run("DELETE FROM memo WHERE id = 2");
  bool dropped = false;  // the server needs a moment to see that the connection is gone
  for (int i = 0; i < 600 && !dropped; ++i) {
    dropped = clinic->TryRun("SELECT pg_drop_replication_slot('" + clinic->name() + "')").ok();
    if (!dropped) std::this_thread::sleep_for(50ms);
  }
  ASSERT_TRUE(dropped);
  ExpectSame();
  const Version after = clinic->Published().documents.at("memo/1").content_version;
  EXPECT_GT(after.epoch, before.epoch);
}

TEST_F(Postgres, ASnapshotGoesOnAfterACrash) {
  clinic->Run("INSERT INTO memo SELECT i, repeat('m', 500), 'icu' FROM generate_series(1, 2000) i");
  for (int round = 0; round < 5; ++round) {
    clinic->host.CrashAt(8, kit::KitHost::Crash::kAfter);
    for (int i = 0; i < 200 && clinic->host.alive(); ++i) (void)clinic->Step();
    clinic->connector.reset();
    clinic->host.Revive();
  }
  ExpectSame();
}

TEST_F(Postgres, SeveralReadersMissNothingWhileRowsMove) {
  clinic = std::make_unique<Clinic>(*TheServer(), Name(), "snapshot_readers: 3\n", false);
  clinic->Run("INSERT INTO memo SELECT i, repeat('m', 300), 'w' || i % 7 FROM generate_series(1, 1500) i");
  clinic->Run("INSERT INTO note SELECT i, 'n' || i, 'icu' FROM generate_series(1, 400) i");
  clinic->Run("INSERT INTO addendum SELECT i, j, 'a' || j FROM generate_series(1, 400) i, generate_series(1, 3) j");
  clinic->Run("INSERT INTO ward_reader SELECT 'w' || i, 'ada' FROM generate_series(0, 6) i");
  for (int i = 1; i <= 15; ++i) {
    ASSERT_TRUE(clinic->Step().ok());
    // Each update moves its rows to other pages.
    clinic->Run("UPDATE memo SET body = body || '!' WHERE id % 15 = " + std::to_string(i % 15));
    clinic->Run("UPDATE addendum SET body = 'b' WHERE seq = 2 AND note_id = " + std::to_string(i * 20));
    clinic->Run("DELETE FROM note WHERE id = " + std::to_string(i * 21));
  }
  ExpectSame();
  EXPECT_EQ(clinic->Published().Access("ward/w3"), "user:ada");
  EXPECT_TRUE(clinic->host.violations.empty()) << clinic->host.violations.front();
}

TEST_F(Postgres, ASnapshotThatIsAskedForRunsBesideTheStream) {
  clinic->Run("INSERT INTO memo SELECT i, 'memo ' || i, 'icu' FROM generate_series(1, 2000) i");
  ASSERT_TRUE(clinic->Settle().ok());
  const size_t before = clinic->host.published.size();
  const auto edges = [&] {
    return std::count_if(clinic->host.published.begin() + static_cast<ptrdiff_t>(before), clinic->host.published.end(),
                         [](const auto& one) { return std::holds_alternative<SnapshotEdge>(one.event.change); });
  };
  clinic->host.request = 1;
  for (int i = 1; i <= 2000 && edges() < 2; ++i) {
    ASSERT_TRUE(clinic->Step().ok());
    clinic->Run("UPDATE memo SET body = 'changed' WHERE id = " + std::to_string(2001 - i));
    clinic->Run("DELETE FROM memo WHERE id = " + std::to_string(i));
  }
  ASSERT_EQ(edges(), 2);
  std::set<std::string> mentioned;
  size_t live = 0;
  for (size_t i = before; i < clinic->host.published.size(); ++i) {
    const kit::Published& one = clinic->host.published[i];
    if (!std::holds_alternative<Upsert>(one.event.change)) continue;
    if (one.lane == Lane::kBackfill) mentioned.insert(one.event.origin.document.value);
    live += one.lane == Lane::kLive ? 1 : 0;
  }
  EXPECT_GT(live, 0u) << "the stream waits for no snapshot";
  ExpectSame();
  for (const auto& [id, body] : clinic->Expected()) {
    EXPECT_TRUE(mentioned.contains(id) || body == "changed") << id << " was not mentioned, the end would delete it";
  }
}

// As where somebody fails over to a server that was restored from elsewhere.
TEST_F(Postgres, AnotherServerIsNoticedAndReconciled) {
  clinic->Run("INSERT INTO memo VALUES (1, 'one', 'icu'), (2, 'two', 'icu'), (3, 'three', 'icu')");
  ASSERT_TRUE(clinic->Settle().ok());
  clinic->connector.reset();
  const auto other = LocalServer::Start({.directory = ::testing::TempDir() + "/other"});
  ASSERT_TRUE(other.ok()) << other.status().ToString();
  Clinic there(**other, clinic->name());
  there.Run("INSERT INTO memo VALUES (2, 'zwei', 'icu'), (4, 'vier', 'icu')");
  clinic->connector = there.Make();
  ASSERT_TRUE(clinic->Settle().ok());
  EXPECT_EQ(clinic->Published().Contents(), there.Expected());
  clinic->connector.reset();
}

TEST_F(Postgres, FetchGivesADocumentAsItIs) {
  clinic->Run("INSERT INTO note VALUES (1, 'x', 'icu'); INSERT INTO addendum VALUES (1, 1, 'a')");
  const Result<Upsert> found = clinic->Make()->Fetch(DocumentId("note/1"));
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ(found->content, "x+a");
  EXPECT_EQ(clinic->Make()->Fetch(DocumentId("note/2")).code(), Code::kNotFound);
  EXPECT_EQ(clinic->Make()->Fetch(DocumentId("other")).code(), Code::kNotFound);
}

}  // namespace
}  // namespace freshet::postgres
