// LogConnectorHost: what leaves a connector's process, where it lands, and what a failing log does to it.
#include "connectors/log_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "connectors/memory_log.h"
#include "schemas/codec.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr uint32_t kPartitions = 4;

class LogHostTest : public ::testing::Test {
 protected:
  LogHostTest() {
    options.names = {
        .tenant = TenantName("hospital"), .source = SourceName("notes"), .collection = CollectionName("charts")};
    options.partitions = kPartitions;
    options.writer.backoff = {.first = 1ms, .longest = 4ms};
  }
  LogConnectorHost& Host() {
    if (host == nullptr) {
      host = std::make_unique<LogConnectorHost>(LogConnectorHost::Parts{log, keys, clock}, options);
    }
    return *host;
  }
  static ChangeEvent Event(const std::string& document, Change change) {
    return {.origin = {.document = DocumentId(document), .version = {1, 2}, .committed = FromMicros(5)},
            .change = std::move(change)};
  }
  std::string TopicOf(Topic topic) const { return TopicName(options.names.tenant, topic); }
  ChangeEvent Only(Topic topic) {
    const std::vector<log::Delivered> rows = log.Rows(TopicOf(topic));
    EXPECT_EQ(rows.size(), 1u);
    Result<ChangeEvent> event = DecodeChange(*rows.at(0).value, keys);
    EXPECT_TRUE(event.ok()) << event.status().ToString();
    return *event;
  }

  MemoryLog log;
  const KeyRing keys = *KeyRing::Parse(KeyRing::NewKeyLine());
  ManualClock clock{FromMicros(1'000'000)};
  LogConnectorHost::Options options;
  std::unique_ptr<LogConnectorHost> host;
};

TEST_F(LogHostTest, FillsInWhatTheConnectorDoesNotKnow) {
  ASSERT_TRUE(
      Host().Publish({Event("a.md", Upsert{.content = "text", .access_scope = ScopeId("/")})}, Lane::kLive).ok());
  const ChangeEvent event = Only(Topic::kChangesLive);
  EXPECT_EQ(event.origin.source, SourceName("notes"));
  EXPECT_EQ(event.origin.collection, CollectionName("charts"));
  EXPECT_EQ(event.origin.version, (Version{1, 2}));
  EXPECT_EQ(event.origin.committed, FromMicros(5));
  EXPECT_EQ(event.origin.StampOf(Step::kCaptured), clock.Now());
  EXPECT_TRUE(TraceContext::Parse(event.origin.traceparent).has_value());
  const log::Delivered row = log.Rows(TopicOf(Topic::kChangesLive)).at(0);
  EXPECT_EQ(row.key, RecordKey(event));
  EXPECT_EQ(row.partition, PartitionFor(row.key, kPartitions));
}

TEST_F(LogHostTest, NativeNamesTravelSealedOnly) {
  const std::string canary = "doe-jane-mrn-4711";
  ASSERT_TRUE(Host()
                  .Publish({Event(canary, Upsert{.content = canary,
                                                 .title = canary,
                                                 .access_scope = ScopeId("/" + canary),
                                                 .patients = {PatientId(canary)}}),
                            Event(canary, Delete{}), Event(canary, Present{}), Event(canary, Withhold{}),
                            Event("", AccessChange{.scope = ScopeId("/" + canary)}),
                            Event("", ConsentChange{.patient = PatientId(canary)}),
                            Event("", IdentityChange{.patient = PatientId(canary),
                                                     .identity = canary,
                                                     .merged_into = PatientId(canary)})},
                           Lane::kLive)
                  .ok());
  ASSERT_TRUE(Host().SavePositions({{"f/" + canary, canary}}).ok());
  EXPECT_GE(log.AllRows().size(), 8u);
  for (const log::Delivered& row : log.AllRows()) {
    EXPECT_THAT(row.key, Not(HasSubstr("doe")));
    EXPECT_THAT(*row.value, Not(HasSubstr(canary)));
  }
  const ChangeEvent upsert = *DecodeChange(*log.Rows(TopicOf(Topic::kChangesLive)).at(0).value, keys);
  EXPECT_EQ(std::get<Upsert>(upsert.change).native_id, canary);
  EXPECT_EQ(upsert.origin.document.value.size(), 32u);
}

TEST_F(LogHostTest, NamesAreStableAndBoundToTheirPlace) {
  const NativeNames one(options.names, keys);
  NativeNames::Options other = options.names;
  other.collection = CollectionName("other");
  const NativeNames two(other, keys);
  EXPECT_EQ(one.Document("a.md"), NativeNames(options.names, keys).Document("a.md"));
  EXPECT_NE(one.Document("a.md"), two.Document("a.md"));
  EXPECT_NE(one.Document("a").value, one.Scope("a").value);
  EXPECT_EQ(one.Patient("4711"), two.Patient("4711"));  // one patient in all sources of the tenant
  other.tenant = TenantName("clinic");
  EXPECT_NE(one.Patient("4711"), NativeNames(other, keys).Patient("4711"));
  EXPECT_EQ(one.Document(""), DocumentId());
}

TEST_F(LogHostTest, UnderPolicyNoneDocumentsKeepTheirNames) {
  options.names.opaque = false;
  ASSERT_TRUE(
      Host()
          .Publish({Event("a.md", Upsert{.access_scope = ScopeId("/"), .patients = {PatientId("7")}})}, Lane::kBackfill)
          .ok());
  const ChangeEvent event = Only(Topic::kChangesBackfill);
  EXPECT_EQ(event.origin.document, DocumentId("a.md"));
  EXPECT_EQ(std::get<Upsert>(event.change).access_scope, ScopeId("/"));
  EXPECT_NE(std::get<Upsert>(event.change).patients.at(0), PatientId("7"));
}

TEST_F(LogHostTest, OwnPrincipalsAreQualified) {
  options.names.own_principals = true;
  AccessChange change{.scope = ScopeId("/"),
                      .allow = {Principal("group:nurses"), Principal(std::string(kEveryone))},
                      .deny = {Principal("user:bob")}};
  ASSERT_TRUE(Host().Publish({Event("", change)}, Lane::kUrgent).ok());
  ASSERT_TRUE(
      Host()
          .Publish({Event("", GroupChange{.group = Principal("group:nurses"), .members = {Principal("user:ada")}})},
                   Lane::kUrgent)
          .ok());
  const AccessChange access = std::get<AccessChange>(Only(Topic::kChangesUrgent).change);
  EXPECT_EQ(access.allow, (std::vector<Listed>{Principal("group:notes/nurses"), Principal("group:everyone")}));
  EXPECT_EQ(access.deny, std::vector<Listed>{Principal("user:notes/bob")});
  const GroupChange group = std::get<GroupChange>(Only(Topic::kGroups).change);
  EXPECT_EQ(group.group, Principal("group:notes/nurses"));
  EXPECT_EQ(group.members, std::vector<Listed>{Principal("user:notes/ada")});
}

TEST_F(LogHostTest, TheTenantsPrincipalsStayAsTheyAre) {
  ASSERT_TRUE(Host()
                  .Publish({Event("", AccessChange{.scope = ScopeId("/"), .allow = {Principal("group:nurses")}})},
                           Lane::kUrgent)
                  .ok());
  EXPECT_EQ(std::get<AccessChange>(Only(Topic::kChangesUrgent).change).allow,
            std::vector<Listed>{Principal("group:nurses")});
}

TEST_F(LogHostTest, EdgesAndHeartbeatsGoToEveryPartition) {
  ASSERT_TRUE(Host().Publish({Event("", SnapshotEdge{.begin_version = {1, 1}})}, Lane::kBackfill).ok());
  ASSERT_TRUE(Host().PublishHeartbeat(FromMicros(7), kLanes).ok());
  EXPECT_EQ(log.Rows(TopicOf(Topic::kChangesBackfill)).size(), 2 * kPartitions);
  EXPECT_EQ(log.Rows(TopicOf(Topic::kChangesUrgent)).size(), kPartitions);
  EXPECT_EQ(log.Rows(TopicOf(Topic::kGroups)).size(), kPartitions);
  std::set<Partition> partitions;
  for (const log::Delivered& row : log.Rows(TopicOf(Topic::kChangesLive))) {
    partitions.insert(row.partition);
    const ChangeEvent event = *DecodeChange(*row.value, keys);
    EXPECT_EQ(std::get<Heartbeat>(event.change).committed_up_to, FromMicros(7));
  }
  EXPECT_EQ(partitions.size(), kPartitions);
}

TEST_F(LogHostTest, WhatDoesNotFitTravelsAsRefused) {
  Upsert upsert{.content = std::string(kMaxMessageBytes, 'x'),
                .media_type = "text/plain",
                .title = "t",
                .access_scope = ScopeId("/")};
  ASSERT_TRUE(Host().Publish({Event("a.md", upsert), Event("b.md", Upsert{.content = "small"})}, Lane::kLive).ok());
  std::map<std::string, Upsert> upserts;
  for (const log::Delivered& row : log.Rows(TopicOf(Topic::kChangesLive))) {
    const Upsert read = std::get<Upsert>(DecodeChange(*row.value, keys)->change);
    upserts[read.native_id] = read;
  }
  EXPECT_EQ(upserts["a.md"].refused, Code::kDocumentTooLarge);
  EXPECT_TRUE(upserts["a.md"].content.empty());
  EXPECT_EQ(upserts["a.md"].title, "t");
  EXPECT_EQ(upserts["b.md"].refused, Code::kOk);
  EXPECT_EQ(Host().stats().refused, 1u);
}

TEST_F(LogHostTest, AnAccessListThatDoesNotFitLetsNobodyIn) {
  AccessChange change{.scope = ScopeId("/"), .allow = {Principal("user:" + std::string(kMaxMessageBytes, 'x'))}};
  ASSERT_TRUE(Host().Publish({Event("", change)}, Lane::kUrgent).ok());
  EXPECT_TRUE(std::get<AccessChange>(Only(Topic::kChangesUrgent).change).allow.empty());
}

TEST_F(LogHostTest, AGroupThatDoesNotFitIsAnError) {
  GroupChange change{.group = Principal("group:g"),
                     .members = {Principal("user:" + std::string(kMaxMessageBytes, 'x'))}};
  EXPECT_EQ(Host().Publish({Event("a", Delete{}), Event("", change)}, Lane::kUrgent).code(), Code::kDocumentTooLarge);
  ASSERT_TRUE(Host().Publish({}, Lane::kUrgent).ok());
  EXPECT_TRUE(log.AllRows().empty());  // nothing of the failed call is left over
}

TEST_F(LogHostTest, AppendsAreBatchedUnderALimit) {
  options.writer.append_bytes = 64 << 10;
  std::vector<ChangeEvent> events;
  for (int i = 0; i < 100; ++i) events.push_back(Event(std::to_string(i), Upsert{.content = std::string(10'000, 'x')}));
  ASSERT_TRUE(Host().Publish(std::move(events), Lane::kLive).ok());
  EXPECT_EQ(log.Rows(TopicOf(Topic::kChangesLive)).size(), 100u);
  EXPECT_LE(log.most_bytes, 64u << 10);
  EXPECT_LT(log.appends, 25);
  EXPECT_EQ(Host().stats().changes[static_cast<size_t>(Lane::kLive)], 100u);
}

TEST_F(LogHostTest, AnUnavailableLogIsTriedAgainAndCounted) {
  log.fail_times = 5;
  ASSERT_TRUE(Host().Publish({Event("a", Delete{})}, Lane::kUrgent).ok());
  EXPECT_EQ(Host().stats().retries, 5u);
  EXPECT_EQ(log.Rows(TopicOf(Topic::kChangesUrgent)).size(), 1u);
}

TEST_F(LogHostTest, ACodeThatHaltsIsReturned) {
  log.fail_times = 1;
  log.failure = Code::kCorruptStore;
  EXPECT_EQ(Host().Publish({Event("a", Delete{})}, Lane::kUrgent).code(), Code::kCorruptStore);
  EXPECT_EQ(Host().stats().retries, 0u);
  EXPECT_EQ(Host().stats().changes[static_cast<size_t>(Lane::kUrgent)], 0u);
}

TEST_F(LogHostTest, StopEndsTheWaiting) {
  log.fail_times = 1 << 30;
  options.writer.backoff = {.first = 60s, .longest = 60s};
  Status status;
  LogConnectorHost& stopped = Host();
  std::thread thread([&] { status = stopped.Publish({Event("a", Delete{})}, Lane::kUrgent); });
  std::this_thread::sleep_for(20ms);
  stopped.Stop();
  thread.join();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_TRUE(stopped.stopping());
  log.fail_times = 0;
  EXPECT_TRUE(stopped.SavePositions({{"last", "words"}}).ok());  // a drain may still store what is done
}

// The clock stands still: what is owed is waited for in full.
TEST_F(LogHostTest, ContentKeepsToItsRateAndNothingElseWaits) {
  options.rate = {.documents_per_second = 10};
  const auto publish = [&](size_t count, const Change& change, Lane lane) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(Host().Publish(std::vector<ChangeEvent>(count, Event("a.md", change)), lane).ok());
    return std::chrono::steady_clock::now() - begin;
  };
  const Upsert upsert{.content = "text", .access_scope = ScopeId("/")};
  publish(10, upsert, Lane::kBackfill);
  EXPECT_FALSE(Host().over_rate());
  publish(1000, upsert, Lane::kBackfill);
  EXPECT_TRUE(Host().over_rate());
  publish(12, upsert, Lane::kLive);  // does not wait 100 s for what a backfill owes
  EXPECT_GE(publish(1, upsert, Lane::kLive), 200ms) << "but for what it owes itself";
  for (int i = 0; i < 1000; ++i) publish(1, Delete{}, Lane::kUrgent);
  EXPECT_EQ(log.Rows(TopicOf(Topic::kChangesUrgent)).size(), 1000u);
  clock.Advance(102s);
  EXPECT_FALSE(Host().over_rate());
  publish(1000, upsert, Lane::kBackfill);
  std::thread waits([&] { publish(1, upsert, Lane::kBackfill); });
  Host().Stop();
  waits.join();
}

TEST_F(LogHostTest, PositionsComeBackNewestAndWithoutTheForgotten) {
  ASSERT_TRUE(Host().SavePositions({{"epoch", "1"}, {"f/a", "old"}, {"f/b", "b"}}).ok());
  ASSERT_TRUE(Host().SavePositions({{"f/a", "new"}, {"f/b", std::nullopt}}).ok());
  host.reset();
  const auto positions = Host().LoadPositions();
  ASSERT_TRUE(positions.ok()) << positions.status().ToString();
  EXPECT_EQ(*positions, (std::map<std::string, std::string>{{"epoch", "1"}, {"f/a", "new"}}));
}

TEST_F(LogHostTest, PositionsBelongToOneSourceAndCollection) {
  ASSERT_TRUE(Host().SavePositions({{"k", "mine"}}).ok());
  host.reset();
  options.names.source = SourceName("other");
  EXPECT_TRUE(Host().LoadPositions()->empty());
  ASSERT_TRUE(Host().SavePositions({{"k", "theirs"}}).ok());
  host.reset();
  options.names.source = SourceName("notes");
  EXPECT_EQ(Host().LoadPositions()->at("k"), "mine");
}

TEST_F(LogHostTest, PositionsOfOtherNamesAreForgottenForGood) {
  ASSERT_TRUE(Host().SavePositions({{"k", "opaque"}}).ok());
  host.reset();
  options.names.opaque = false;
  EXPECT_TRUE(Host().LoadPositions()->empty());
  host.reset();
  options.names.opaque = true;
  EXPECT_TRUE(Host().LoadPositions()->empty());  // what went out in between was not of these names
}

TEST_F(LogHostTest, ForgedPositionsAreAsGoodAsNone) {
  ASSERT_TRUE(Host().SavePositions({{"k", "v"}}).ok());
  log::Delivered row = log.Rows(TopicOf(Topic::kPositions)).at(0);
  row.value->back() ^= 1;
  ASSERT_TRUE(log.Append({{{row.topic, row.partition, row.key, row.value}}}).ok());
  const auto positions = Host().LoadPositions();
  ASSERT_TRUE(positions.ok()) << "everything is published again, and nothing halts";
  EXPECT_TRUE(positions->empty());
}

}  // namespace
}  // namespace freshet
