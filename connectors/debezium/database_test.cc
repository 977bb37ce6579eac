// What is asked of the database behind the topics is as of what they told, on a real server.
#include "connectors/debezium/database.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "connectors/debezium/testing.h"
#include "connectors/postgres/local_server.h"

namespace freshet::debezium {
namespace {

using postgres::SqlClient;

class DebeziumDatabase : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto missing = postgres::LocalServer::Missing()) GTEST_SKIP() << *missing;
    std::string pattern = (std::filesystem::temp_directory_path() / "freshet-database-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    std::filesystem::permissions(folder_, std::filesystem::perms(0755));  // the server is another user's
    auto server = postgres::LocalServer::Start({.directory = folder_ / "server"});
    ASSERT_TRUE(server.ok()) << server.status().ToString();
    server_ = std::move(*server);
    sql_ = Connect();
    Run("CREATE TABLE reader (ward text, who text, PRIMARY KEY (ward, who))");
    Run("INSERT INTO reader VALUES ('icu', 'ada')");
  }
  void TearDown() override {
    sql_.reset();
    server_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  std::unique_ptr<SqlClient> Connect() const {
    return std::move(*SqlClient::Connect(server_->url(), SqlClient::Kind::kQueries));
  }
  std::string Run(const std::string& query) {
    const auto rows = sql_->Query(query);
    EXPECT_TRUE(rows.ok()) << rows.status().ToString();
    return rows.ok() ? rows->First() : "";
  }
  // Of the transaction that is open, as the stream has it.
  uint32_t Number() { return static_cast<uint32_t>(std::stoul(Run("SELECT txid_current() % 4294967296"))); }

  std::filesystem::path folder_;
  std::unique_ptr<postgres::LocalServer> server_;
  std::unique_ptr<SqlClient> sql_;
};

std::string ReaderRecord(uint32_t transaction, const std::string& who) {
  const Json row = {{"ward", "icu"}, {"who", who}};
  Json record = Json::parse(RecordOf({.place = 104, .after = row, .table = "reader"}));
  record["source"]["txId"] = transaction;
  record["source"]["ts_us"] = ToMicros(SystemClock().Now());
  return record.dump();
}

// A commit is told to Debezium before others see it: here it ends after the connector has asked something.
TEST_F(DebeziumDatabase, AListIsLookedUpOnceOthersSeeTheChangeOfIt) {
  TestSite site("t");
  site.options.connection = server_->url();
  site.options.mapping.access = {{.table = "public.reader", .scope = "s/{ward}", .allow = {"user:{who}"}}};
  Run("BEGIN");
  Run("DELETE FROM reader WHERE who = 'ada'");
  Run("INSERT INTO reader VALUES ('icu', 'bob')");
  site.topics->Append({"t.public.reader", 0, R"({"ward":"icu","who":"bob"})", ReaderRecord(Number(), "bob")});
  const std::string asked = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle' AND query LIKE 'SELECT %FROM%'";
  std::atomic<bool> ended = false;
  std::jthread commits([&] {
    const auto watch = Connect();
    while (!ended && watch->Query(asked)->First() == "0") std::this_thread::yield();
    Run("COMMIT");
  });
  EXPECT_EQ(site.Run(), Code::kOk);
  ended = true;
  commits.join();
  EXPECT_EQ(site.sink().Access("s/icu"), "allow user:bob");
}

TEST_F(DebeziumDatabase, WhatNeverShowsIsGivenUpUntilSomethingIsSeenAgain) {
  Database database(Connect(), std::chrono::milliseconds(20));
  const rows::RowQuery query = {
      .table = "public.reader", .columns = {"who"}, .by = {"ward"}, .keys = {{"icu"}}, .order = {"who"}};
  const auto count = [&] {
    const auto rows = database.Select(query);
    return rows.ok() ? rows->size() : 0;
  };
  const uint32_t seen = Number();
  database.Await({seen + 1'000'000});  // of a server that is further
  EXPECT_EQ(count(), 1u);
  EXPECT_TRUE(database.has_given_up());
  EXPECT_EQ(count(), 1u);
  EXPECT_TRUE(database.has_given_up()) << "nothing was awaited";
  database.Await({seen});
  EXPECT_EQ(count(), 1u);
  EXPECT_FALSE(database.has_given_up());
}

TEST(DebeziumDecoder, RowsOfASnapshotHaveNoTransactionToAwait) {
  const DebeziumOptions options = NoteOptions("t");
  const auto mapping = rows::Mapping::Compile(options.mapping);
  Decoder decoder(options, *mapping, 7);
  for (const char* snapshot : {"false", "last"}) {
    Json record = Json::parse(RecordOf({.after = NoteRow(1, "one")}));
    record["source"]["txId"] = (uint64_t{1} << 32) + 711;  // the low half counts
    record["source"]["snapshot"] = snapshot;
    log::Delivered delivered{.topic = "t.public.note", .key = KeyOf(1), .value = record.dump()};
    ASSERT_TRUE(decoder.Take(delivered).ok());
    const Taken taken = decoder.Drain();
    ASSERT_EQ(taken.changes.size(), 1u);
    const auto expected = std::string(snapshot) == "false" ? std::optional<uint32_t>(711) : std::nullopt;
    EXPECT_EQ(taken.changes[0].transaction, expected) << snapshot;
  }
}

}  // namespace
}  // namespace freshet::debezium
