// Which documents there are: topics cannot tell, the database behind them does, by the same names as their records.
#include <gmock/gmock.h>

#include "connectors/debezium/testing.h"
#include "connectors/postgres/local_server.h"

namespace freshet::debezium {
namespace {

using ::testing::ElementsAre;

// What List tells, in order; its code where it fails.
Result<std::set<std::string>> Listed(const DebeziumOptions& options) {
  FRESHET_ASSIGN_OR_RETURN(rows::Mapping mapping, rows::Mapping::Compile(options.mapping));
  SourceConnector connector(std::make_unique<DebeziumSource>(
      options, std::move(mapping), std::make_unique<MemoryTopicReader>(std::make_shared<MemoryTopics>())));
  std::set<std::string> ids;
  FRESHET_RETURN_IF_ERROR(connector.List([&](const std::string& id) {
    ids.insert(id);
    return OkStatus();
  }));
  return ids;
}

TEST(DebeziumListing, TopicsAloneCannotBeListed) {
  const Status listed = Listed(NoteOptions("t")).status();
  EXPECT_EQ(listed.code(), Code::kUnsupportedChange);
  EXPECT_NE(listed.message().find("connection"), std::string::npos) << "and it says what helps";
}

TEST(DebeziumListing, ADatabaseThatIsAwayIsUnavailable) {
  DebeziumOptions options = NoteOptions("t");
  options.connection = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2";
  EXPECT_EQ(Listed(options).code(), Code::kUnavailable);
}

TEST(DebeziumListing, TheDatabaseBehindThemTellsTheSameIdsAsTheirRecords) {
  if (const auto missing = postgres::LocalServer::Missing()) GTEST_SKIP() << *missing;
  std::string pattern = (std::filesystem::temp_directory_path() / "freshet-listing-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  std::filesystem::permissions(folder, std::filesystem::perms(0755));  // the server is another user's
  {
    auto server = postgres::LocalServer::Start({.directory = folder / "server"});
    ASSERT_TRUE(server.ok()) << server.status().ToString();
    TestSite site("t");
    site.options.connection = (*server)->url();
    auto sql = postgres::SqlClient::Connect(site.options.connection, postgres::SqlClient::Kind::kQueries);
    ASSERT_TRUE(sql.ok());
    ASSERT_TRUE((*sql)->Query("CREATE TABLE note (id int PRIMARY KEY, patient_id text, body text)").ok());
    ASSERT_TRUE((*sql)->Query("INSERT INTO note VALUES (1, 'p', 'one'), (-22, 'p', 'two')").ok());
    const auto listed = Listed(site.options);
    ASSERT_TRUE(listed.ok()) << listed.status().ToString();
    EXPECT_THAT(*listed, ElementsAre("note/-22", "note/1"));
    site.Append(1, {.place = 104, .after = NoteRow(1, "one")});
    site.Append(-22, {.place = 204, .after = NoteRow(-22, "two")});
    EXPECT_EQ(site.Run(), Code::kOk);
    std::set<std::string> recorded;
    for (const auto& [id, content] : site.Contents()) recorded.insert(id);
    EXPECT_EQ(*listed, recorded);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace freshet::debezium
