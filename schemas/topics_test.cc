#include "schemas/topics.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <set>

#include "schemas/test_records.h"

namespace freshet {
namespace {

using testing::TestChanges;

ChangeEvent Event(const char* source, const char* collection, const char* document, Change change) {
  return {{.source = SourceName(source), .collection = CollectionName(collection), .document = DocumentId(document)},
          std::move(change)};
}

TEST(Topics, RowsAreInOrderAndNamesUnique) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < AllTopics().size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(AllTopics()[i].topic), i);
    EXPECT_EQ(&RowOf(AllTopics()[i].topic), &AllTopics()[i]);
    EXPECT_TRUE(names.insert(AllTopics()[i].suffix).second);
  }
  EXPECT_EQ(AllTopics().size(), static_cast<size_t>(Topic::kPositions) + 1);
}

TEST(Topics, NamesCarryTheTenant) {
  EXPECT_EQ(TopicName(TenantName("general-hospital"), Topic::kChangesLive), "freshet.general-hospital.changes.live");
  EXPECT_EQ(TopicName(TenantName("t"), Topic::kDeadLetters), "freshet.t.dead-letters");
}

TEST(Topics, ReadmeHasTheSameTable) {
  std::ifstream file("schemas/README.md");
  ASSERT_TRUE(file) << "run from the project's root";
  std::string line, table, expected;
  while (std::getline(file, line) && !line.starts_with("| topic |")) {
  }
  for (std::getline(file, line); std::getline(file, line) && line.starts_with("| `");) table += line + "\n";
  for (const TopicRow& row : AllTopics()) {
    expected += "| `" + std::string(row.suffix) + "` | " + (row.compacted ? "yes" : "no") + " | " +
                std::string(row.key) + " | " + std::string(row.written_by) + " | " + std::string(row.read_by) + " |\n";
  }
  EXPECT_EQ(table, expected);
}

// DESIGN §2: a revoke or a delete never waits behind content, whatever lane the connector is in.
TEST(Topics, UrgentChangesTravelInTheUrgentLane) {
  for (const Lane lane : kLanes) {
    EXPECT_EQ(TopicOf(Delete{}, lane), Topic::kChangesUrgent);
    EXPECT_EQ(TopicOf(AccessChange{}, lane), Topic::kChangesUrgent);
    EXPECT_EQ(TopicOf(ConsentChange{}, lane), Topic::kChangesUrgent);
    EXPECT_EQ(TopicOf(Withhold{}, lane), Topic::kChangesUrgent);
    EXPECT_EQ(TopicOf(Release{}, lane), Topic::kChangesUrgent);
    EXPECT_EQ(TopicOf(Confirm{}, lane), Topic::kChangesUrgent);
    EXPECT_EQ(TopicOf(IdentityChange{}, lane), Topic::kIdentities);
    EXPECT_EQ(TopicOf(GroupChange{}, lane), Topic::kGroups);
  }
}

TEST(Topics, ContentAndMarksTravelInTheirOwnLane) {
  EXPECT_EQ(TopicOf(Upsert{}, Lane::kLive), Topic::kChangesLive);
  EXPECT_EQ(TopicOf(Upsert{}, Lane::kBackfill), Topic::kChangesBackfill);
  EXPECT_EQ(TopicOf(Upsert{}, Lane::kUrgent), Topic::kChangesLive) << "content is never urgent";
  EXPECT_EQ(TopicOf(Present{}, Lane::kBackfill), Topic::kChangesBackfill);
  EXPECT_EQ(TopicOf(SnapshotEdge{}, Lane::kBackfill), Topic::kChangesBackfill);
  EXPECT_EQ(TopicOf(Heartbeat{}, Lane::kUrgent), Topic::kChangesUrgent);
  EXPECT_EQ(TopicOf(Heartbeat{}, Lane::kLive), Topic::kChangesLive);
  EXPECT_EQ(TopicOf(Heartbeat{}, Lane::kBackfill), Topic::kChangesBackfill);
}

TEST(RecordKey, FollowsItsGrammar) {
  EXPECT_EQ(RecordKey(Event("s", "c", "d", Upsert{})), "s/c/d");
  EXPECT_EQ(RecordKey(Event("s", "c", "d", Delete{})), "s/c/d");
  EXPECT_EQ(RecordKey(Event("s", "c", "d", Present{})), "s/c/d");
  EXPECT_EQ(RecordKey(Event("s", "c", "", AccessChange{.scope = ScopeId("f")})), "s/c/f");
  EXPECT_EQ(RecordKey(Event("s", "c", "", ConsentChange{PatientId("p"), "research"})), "s/c/p");
  EXPECT_EQ(RecordKey(Event("s", "c", "", IdentityChange{.patient = PatientId("p"), .identity = "i"})), "s/p/i");
  EXPECT_EQ(RecordKey(Event("s", "c", "", GroupChange{Principal("group:g"), {}})), "s/group:g");
  EXPECT_EQ(RecordKey(Event("s", "c", "", Heartbeat{})), "s/c/");
}

TEST(RecordKey, EscapesWhatItIsJoinedBy) {
  EXPECT_EQ(RecordKey(Event("s", "c", "a/b%2F.md", Upsert{})), "s/c/a%2Fb%252F.md");
  EXPECT_EQ(RecordKey(Event("/", "%", "", Upsert{})), "%2F/%25/");
  EXPECT_EQ(RecordKey(Event("", "", "", Upsert{})), "//");
}

TEST(RecordKey, NoTwoDocumentsShareOne) {
  std::mt19937_64 random(9);
  std::map<std::string, DocumentKey> seen;
  const auto part = [&] {
    std::string text(random() % 4, ' ');
    for (char& c : text) c = "/%2F5a"[random() % 6];
    return text;
  };
  for (int i = 0; i < 20'000; ++i) {
    const Origin origin{
        .source = SourceName(part()), .collection = CollectionName(part()), .document = DocumentId(part())};
    const auto [at, added] = seen.emplace(RecordKey(origin), KeyOf(origin));
    ASSERT_EQ(at->second, KeyOf(origin)) << RecordKey(origin);
  }
}

// Whoever finds a document's records by their key relies on them staying where they are.
TEST(PartitionFor, IsCrc32OfTheKey) {
  EXPECT_EQ(PartitionFor("123456789", UINT32_MAX).value, 0xCBF43926u);  // the check value of CRC-32
  EXPECT_EQ(PartitionFor("", 8).value, 0u);
  EXPECT_EQ(PartitionFor("123456789", 8).value, 0xCBF43926u % 8);
  EXPECT_EQ(PartitionFor("anything", 1).value, 0u);
  EXPECT_EQ(PartitionFor("anything", 0).value, 0u);
}

TEST(PartitionFor, SpreadsDocuments) {
  std::vector<int> counts(8);
  for (int i = 0; i < 8000; ++i) ++counts[PartitionFor("s/c/document-" + std::to_string(i), 8).value];
  for (const int count : counts) {
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1150);
  }
}

}  // namespace
}  // namespace freshet
