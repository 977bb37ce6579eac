// A server that is restored from a copy has the slot as the copy had it. What was read must be in its history, else a
// new generation begins with a snapshot, however far the server has gone on since; and where it is, nothing is read
// again.
#include "tests/postgres/clinic.h"

namespace freshet::postgres {
namespace {

class Restored : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto missing = LocalServer::Missing()) GTEST_SKIP() << *missing;
    server = First();
    ASSERT_NE(server, nullptr);
    ASSERT_TRUE(server->Launch().ok());
    clinic = std::make_unique<Clinic>(*server, name);
    clinic->Run("INSERT INTO memo VALUES (1, 'one', 'icu'), (2, 'two', 'icu'), (3, 'three', 'icu')");
    Settle();
    clinic->Run("UPDATE memo SET body = 'eins' WHERE id = 1");
    Settle();
  }
  void TearDown() override {
    if (clinic == nullptr) return;
    clinic->connector.reset();
    server->Kill();
  }
  static constexpr const char* kQuick = "fsync = off\nmax_wal_size = 4GB\n";

  // One for all, each test with a schema of its own.
  static LocalServer* First() {
    static const std::unique_ptr<LocalServer> first = Started({.directory = Folder("first"), .extra = kQuick});
    return first.get();
  }

  static std::string Folder(const std::string& name) { return ::testing::TempDir() + "/restored_" + name; }
  static std::unique_ptr<LocalServer> Started(LocalServerOptions options) {
    std::error_code ignored;
    std::filesystem::remove_all(options.directory, ignored);
    auto started = LocalServer::Start(std::move(options));
    EXPECT_TRUE(started.ok()) << started.status().ToString();
    return started.ok() ? std::move(*started) : nullptr;
  }
  void Settle() {
    const Status settled = clinic->Settle();
    ASSERT_TRUE(settled.ok()) << settled.ToString();
    // Until it rests, so that its position is stored.
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    Result<bool> did = true;
    while (did.ok() && *did && std::chrono::steady_clock::now() < deadline) did = clinic->connector->Step(clinic->host);
    ASSERT_TRUE(did.ok()) << did.status().ToString();
  }
  // The first server as it is now, to be restored from later.
  void TakeCopy() {
    clinic->connector.reset();
    server->Stop();
    clinic->Disconnect();
    std::error_code error;
    std::filesystem::remove_all(Folder("copy"), error);
    std::filesystem::copy(Folder("first"), Folder("copy"), std::filesystem::copy_options::recursive, error);
    ASSERT_FALSE(error) << error.message();
    ASSERT_TRUE(server->Launch().ok());
  }
  // The copy stands where the first server stood.
  void Restore(bool promoted) {
    clinic->connector.reset();
    server->Kill();
    restored =
        Started({.directory = Folder("second"), .extra = kQuick, .copy_of = Folder("copy"), .promoted = promoted});
    ASSERT_NE(restored, nullptr);
    there = std::make_unique<Clinic>(*restored, name, "", false);
  }
  // The connector goes over to the restored server. How often a snapshot began there.
  size_t GoOver() {
    const size_t told = clinic->host.published.size();
    clinic->connector = there->Make();
    Settle();
    EXPECT_EQ(clinic->Published().Contents(), there->Expected());
    EXPECT_TRUE(clinic->host.violations.empty()) << clinic->host.violations.front();
    return Snapshots(told);
  }
  size_t Snapshots(size_t from) const {
    size_t begun = 0;
    for (size_t i = from; i < clinic->host.published.size(); ++i) {
      const auto* const edge = std::get_if<SnapshotEdge>(&clinic->host.published[i].event.change);
      begun += edge != nullptr && edge->side == SnapshotEdge::Side::kBegin ? 1 : 0;
    }
    return begun;
  }
  // More than the first server ever wrote, so that no position tells them apart.
  void GoOnPast(const std::string& lsn) {
    there->Run("CREATE TABLE IF NOT EXISTS filler (t text)");
    while (there->Run("SELECT pg_current_wal_flush_lsn() > '" + lsn + "'").First() != "t") {
      there->Run("INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 200)");
    }
  }
  // Of the restored server's timeline.
  static std::filesystem::path HistoryFile() {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(Folder("second"))) {
      if (entry.path().filename() == "00000002.history") return entry.path();
    }
    return {};
  }
  std::string End() { return clinic->Run("SELECT pg_current_wal_insert_lsn()").First(); }

  const std::string name = [] {
    std::string text = "r_";
    for (const char c : std::string(::testing::UnitTest::GetInstance()->current_test_info()->name())) {
      text += static_cast<char>(std::tolower(c));
    }
    return text;
  }();
  LocalServer* server = nullptr;
  std::unique_ptr<LocalServer> restored;
  std::unique_ptr<Clinic> clinic, there;
};

TEST_F(Restored, BehindWhatWasRead) {
  TakeCopy();
  clinic->Run("INSERT INTO memo VALUES (4, 'four', 'icu'); DELETE FROM memo WHERE id = 2");
  Settle();
  Restore(false);
  EXPECT_EQ(GoOver(), 1u);
  EXPECT_TRUE(clinic->Published().Contents().contains("memo/2")) << "it is back";
}

// Same identifier, same timeline, a position that both have.
TEST_F(Restored, PastWhatWasReadWithOtherChanges) {
  TakeCopy();
  clinic->Run("INSERT INTO memo VALUES (4, 'four', 'icu'); DELETE FROM memo WHERE id = 2");
  Settle();
  const std::string end = End();
  Restore(false);
  there->Run("INSERT INTO memo VALUES (5, 'fünf', 'icu')");
  GoOnPast(end);
  there->Run("INSERT INTO memo VALUES (6, 'sechs', 'icu')");
  EXPECT_EQ(GoOver(), 1u);
  EXPECT_FALSE(clinic->Published().Contents().contains("memo/4")) << "it never was";
  there->Run("UPDATE memo SET body = 'drei' WHERE id = 3");
  EXPECT_EQ(GoOver(), 0u) << "and the stream goes on";
}

// After the copy nothing was read but the server's word that it is quiet: the slot knows all commits of ours.
TEST_F(Restored, ChangesWhereThereWasSilence) {
  TakeCopy();
  clinic->Run("CREATE TABLE unmapped (t text)");
  clinic->Run("INSERT INTO unmapped SELECT repeat('x', 1000) FROM generate_series(1, 300)");
  Settle();
  const std::string end = End();
  Restore(false);
  there->Run("DELETE FROM memo WHERE id = 3");
  GoOnPast(end);
  EXPECT_EQ(GoOver(), 1u);
}

// The restored server is behind what was read, so it gets a new slot; we are killed at once. When we come back it has
// gone on past our position: all that its slot has to tell before that is silence, as was ours.
TEST_F(Restored, ASlotThatWasJustMadeProvesNothing) {
  TakeCopy();
  clinic->Run("DELETE FROM memo WHERE id = 2");
  clinic->Run("CREATE TABLE unmapped (t text)");
  clinic->Run("INSERT INTO unmapped SELECT repeat('x', 1000) FROM generate_series(1, 2000)");
  Settle();
  const std::string end = End();
  Restore(false);
  there->Run("CREATE TABLE filler (t text)");
  there->Run("INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 500)");
  clinic->connector = there->Make();
  ASSERT_TRUE(clinic->connector->Step(clinic->host).ok()) << "it opens, and no more";
  const std::string slots = "SELECT confirmed_flush_lsn < '" + end + "' FROM pg_replication_slots WHERE slot_name = '";
  ASSERT_EQ(there->Run(slots + name + "'").First(), "t") << "what it knows to be confirmed lies before our position";
  clinic->connector.reset();
  GoOnPast(end);
  EXPECT_EQ(GoOver(), 1u);
  EXPECT_TRUE(clinic->Published().Contents().contains("memo/2")) << "it is back";
}

// That the file is gone is an answer; any other error is no reason to begin anew.
TEST_F(Restored, AHistoryThatCannotBeReadNowIsAskedForAgain) {
  TakeCopy();
  Restore(true);
  const std::filesystem::path file = HistoryFile();
  ASSERT_FALSE(file.empty());
  const size_t told = clinic->host.published.size();
  std::filesystem::permissions(file, std::filesystem::perms::none);
  clinic->connector = there->Make();
  const Result<bool> did = clinic->connector->Step(clinic->host);
  ASSERT_FALSE(did.ok());
  EXPECT_NE(did.status().message().find("SQLSTATE 42501"), std::string::npos) << did.status().ToString();
  EXPECT_EQ(clinic->host.published.size(), told);
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  EXPECT_EQ(GoOver(), 0u);
  std::filesystem::remove(file);
  there->Run("INSERT INTO memo VALUES (7, 'sieben', 'icu')");
  EXPECT_EQ(GoOver(), 0u) << "the timeline is the stored one, whatever it came from";
}

TEST_F(Restored, PromotedBeforeWhatWasRead) {
  TakeCopy();
  clinic->Run("DELETE FROM memo WHERE id = 2");
  Settle();
  const std::string end = End();
  Restore(true);
  ASSERT_EQ(there->Run("SELECT timeline_id FROM pg_control_checkpoint()").First(), "2");
  GoOnPast(end);
  there->Run("INSERT INTO memo VALUES (7, 'sieben', 'icu')");
  EXPECT_EQ(GoOver(), 1u);
}

// A failover that kept the slot and everything that was read.
TEST_F(Restored, PromotedBehindWhatWasReadGoesOn) {
  TakeCopy();
  Restore(true);
  there->Run("INSERT INTO memo VALUES (7, 'sieben', 'icu'); DELETE FROM memo WHERE id = 1");
  EXPECT_EQ(GoOver(), 0u);
  there->Run("INSERT INTO memo VALUES (8, 'acht', 'icu')");
  EXPECT_EQ(GoOver(), 0u) << "and again from the position that it stored there";
}

// What a server confirms it writes down later: after a crash it tells again what was read.
TEST_F(Restored, ACrashIsNoRestore) {
  const size_t told = clinic->host.published.size();
  for (int i = 0; i < 4; ++i) {
    clinic->Run("BEGIN; INSERT INTO memo SELECT g, repeat('x', 300), 'icu' FROM generate_series(100, 900) g; COMMIT");
    clinic->Run("DELETE FROM memo WHERE id >= 100; UPDATE note SET body = 'n'");
    Settle();
    if (i % 2 == 0) clinic->connector.reset();
    server->Kill();
    clinic->Disconnect();
    ASSERT_TRUE(server->Launch().ok());
    Settle();
    EXPECT_EQ(clinic->Published().Contents(), clinic->Expected());
  }
  EXPECT_EQ(Snapshots(told), 0u);
}

}  // namespace
}  // namespace freshet::postgres
