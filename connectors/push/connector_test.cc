// The source over a real socket and a host that fails: what is answered, in which order it counts, what is left out.
#include "connectors/push/connector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <fstream>
#include <future>
#include <nlohmann/json.hpp>

#include "common/config/yaml.h"
#include "connectors/kit/kit_host.h"
#include "connectors/source/source_connector.h"

namespace freshet::push {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

class PushSourceTest : public ::testing::Test {
 protected:
  PushSourceTest() {
    options.listen = {"127.0.0.1", 0};
    options.tokens = "token";
    Restart();
  }
  ~PushSourceTest() override { connector.reset(); }

  void Restart() {
    connector.reset();
    auto made = std::make_unique<PushSource>(options);
    source = made.get();
    connector = std::make_unique<SourceConnector>(std::move(made));
    while (source->port() == 0) ASSERT_TRUE(connector->Step(host).ok());
  }
  static Json Event(const std::string& id, const std::string& type, const std::string& subject, int second) {
    return {{"specversion", "1.0"},
            {"id", id},
            {"source", "/ehr"},
            {"type", "org.freshet." + type + ".v1"},
            {"subject", subject},
            {"datacontenttype", "application/json"},
            {"time", "2026-01-31T09:30:" + std::to_string(second) + "Z"}};
  }
  // The status of the answer, with the connector at work until it comes.
  int Post(const Json& event) {
    auto answer = std::async(std::launch::async, [&] {
      httplib::Client client("127.0.0.1", source->port());
      client.set_bearer_token_auth("token");
      const auto result = client.Post("/v1/events", event.dump(), "application/cloudevents+json");
      return result ? result->status : 0;
    });
    while (answer.wait_for(1ms) != std::future_status::ready) (void)connector->Step(host).ok();
    return answer.get();
  }

  PushOptions options;
  kit::KitHost host;
  PushSource* source = nullptr;
  std::unique_ptr<SourceConnector> connector;
};

Json Members(Json event, std::vector<std::string> members) {
  event["data"] = {{"members", members}};
  return event;
}

// The topic of groups keeps the last record: an older list must not follow a newer one, after a restart neither.
TEST_F(PushSourceTest, AnOlderListOfAGroupIsAnsweredAndLeftOut) {
  EXPECT_EQ(Post(Members(Event("2", "group.changed", "group:staff", 20), {"user:ada"})), 202);
  EXPECT_EQ(Post(Members(Event("1", "group.changed", "group:staff", 10), {"user:bob"})), 202);
  Restart();
  EXPECT_EQ(Post(Members(Event("1", "group.changed", "group:staff", 10), {"user:bob"})), 202);
  EXPECT_EQ(Post(Members(Event("0", "group.changed", "group:other", 10), {"user:bob"})), 202);
  const auto lists = host.All<GroupChange>();
  ASSERT_EQ(lists.size(), 2u);
  EXPECT_EQ(lists[0].members, std::vector<Listed>{Principal("user:ada")});
  EXPECT_EQ(lists[1].group, Principal("group:other"));
  EXPECT_EQ(Post(Members(Event("3", "group.changed", "group:staff", 30), {})), 202);
  EXPECT_EQ(host.All<GroupChange>().size(), 3u);
}

TEST_F(PushSourceTest, AnOlderIdentityIsAnsweredAndLeftOut) {
  Json newer = Event("2", "patient.changed", "p1", 20), older = Event("1", "patient.changed", "p1", 10);
  newer["data"] = {{"birth_date", "1961-03-04"}};
  older["data"] = {{"birth_date", "1961-03-05"}};
  EXPECT_EQ(Post(newer), 202);
  EXPECT_EQ(Post(older), 202);
  older["data"]["identity"] = "alias";
  older["id"] = "3";
  EXPECT_EQ(Post(older), 202);
  const auto identities = host.All<IdentityChange>();
  ASSERT_EQ(identities.size(), 2u);
  EXPECT_EQ(identities[0].birth_date, "1961-03-04");
  EXPECT_EQ(identities[1].identity, "alias");
}

TEST_F(PushSourceTest, TimeDecidesAndArrivalAmongEqualTimes) {
  std::vector<Json> events = {Event("1", "document.upserted", "a", 20), Event("2", "document.upserted", "a", 10),
                              Event("3", "document.upserted", "a", 20)};
  for (Json& event : events) {
    event["data"] = event["id"];
    EXPECT_EQ(Post(event), 202);
  }
  Restart();
  EXPECT_EQ(Post(events[1]), 202) << "sent again to a new process";
  std::map<Version, std::string> versions;
  for (const kit::Published& one : host.published) {
    if (const auto* const upsert = std::get_if<Upsert>(&one.event.change)) {
      versions.emplace(one.event.origin.version, upsert->content);
    }
  }
  EXPECT_EQ(versions.size(), 4u);
  EXPECT_EQ(versions.rbegin()->second, "\"3\"");
}

TEST_F(PushSourceTest, NothingIsAcceptedThatTheLogDoesNotHave) {
  const Json event = Event("1", "document.deleted", "a", 20);
  host.CrashAt(1, kit::KitHost::Crash::kBefore);
  EXPECT_NE(Post(event), 202);
  host.Revive();
  Restart();
  EXPECT_TRUE(host.All<Delete>().empty());
  EXPECT_EQ(Post(event), 202);
  EXPECT_EQ(host.All<Delete>().size(), 1u);
}

// A log that takes nothing: answers come when ack_timeout is over, and soon where the inbox is full already.
TEST_F(PushSourceTest, ASlowLogIsToldToTheSenders) {
  options.ack_timeout = 20ms;
  options.queue_bytes = ByteSize{2048};
  Restart();
  httplib::Client client("127.0.0.1", source->port());
  client.set_bearer_token_auth("token");
  std::vector<std::string> codes;
  for (int i = 0; i < 6; ++i) {
    const std::string body = Event(std::to_string(i), "document.deleted", "a", 20).dump();
    const auto result = client.Post("/v1/events", body, "application/cloudevents+json");
    ASSERT_TRUE(result);
    EXPECT_EQ(result->status, 503);
    EXPECT_EQ(result->get_header_value("Retry-After"), "2");
    codes.push_back(Json::parse(result->body)["code"]);
  }
  EXPECT_EQ(codes.front(), "timeout");
  EXPECT_EQ(codes.back(), "backpressure");
}

TEST_F(PushSourceTest, CheckChangesNothingAndTellsWhatIsWrong) {
  EXPECT_TRUE(connector->Check().ok()) << "running";
  EXPECT_TRUE(PushSource(options).Check().ok());
  PushOptions taken = options;
  taken.listen.port = static_cast<uint16_t>(source->port());
  EXPECT_EQ(PushSource(taken).Check().code(), Code::kUnavailable);
}

TEST(PushExample, ItsSourceIsTaken) {
  const std::filesystem::path example = "connectors/push/example.yaml";
  if (!std::filesystem::exists(example)) GTEST_SKIP() << "not run from the project's root";
  const auto folder = std::filesystem::temp_directory_path() / "push-example";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(example, folder / "site.yaml", std::filesystem::copy_options::overwrite_existing);
  for (const char* named : {"tenant.key", "tokens.yaml", "push-tokens.txt"}) std::ofstream(folder / named) << "x\n";
  const auto site = LoadConfigFile(folder / "site.yaml");
  ASSERT_TRUE(site.ok()) << site.status().message();
  const ConfigNode& source = site->Find("sources")->items.at(0);
  EXPECT_EQ(source.Find("connector")->text, "push");
  const auto made = MakePushConnector(*source.Find("options"));
  EXPECT_TRUE(made.ok()) << made.status().message();
}

}  // namespace
}  // namespace freshet::push
