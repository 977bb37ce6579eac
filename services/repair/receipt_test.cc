// What a receipt says over a real log and an index that has deleted the document: where something is left, and when it
// will be gone, or that it will not be.
#include "services/repair/receipt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/log/embedded_log.h"
#include "schemas/codec.h"
#include "tests/support/crash_fs.h"

namespace freshet::repair {
namespace {

using namespace std::chrono_literals;
using ::testing::UnorderedElementsAre;
using Json = nlohmann::json;

const TenantName kTenant("t");
const CollectionName kNotes("notes");
const DocumentId kGone("gone");
constexpr uint32_t kPartitions = 2;

store::StoredDocument Deleted(const char* source) {
  store::StoredDocument row;
  row.origin = {.source = SourceName(source), .collection = kNotes, .document = kGone, .version = {.epoch = 1}};
  row.state = store::DocumentState::kDeleted;
  return row;
}

// Knows of the documents that it is told of; is empty otherwise.
class FakeView final : public store::View {
 public:
  explicit FakeView(std::vector<store::StoredDocument> rows) : rows_(std::move(rows)) {}
  uint64_t commit() const override { return 0; }
  std::vector<CollectionName> Collections() const override { return {}; }
  std::optional<store::Filter> FilterFor(const CollectionName&, const store::Access&,
                                         const store::Restriction&) const override {
    return std::nullopt;
  }
  std::vector<store::Hit> SearchLexical(const CollectionName&, std::string_view, size_t,
                                        const store::Filter&) const override {
    return {};
  }
  std::string VectorModel(const CollectionName&) const override { return {}; }
  std::vector<store::Hit> SearchVector(const CollectionName&, std::span<const float>, size_t,
                                       const store::Filter&) const override {
    return {};
  }
  Result<store::StoredDocument> Document(const CollectionName&, DocumentOrdinal) const override {
    return Status(Code::kNotFound);
  }
  Result<store::StoredChunk> Chunk(const CollectionName&, ChunkOrdinal) const override {
    return Status(Code::kNotFound);
  }
  std::vector<store::StoredDocument> Lookup(const CollectionName& collection, const DocumentId& id) const override {
    return collection == kNotes && id == kGone ? rows_ : std::vector<store::StoredDocument>();
  }
  uint32_t Generation(const CollectionName&) const override { return 1; }
  Result<std::vector<ChunkOrdinal>> ChunksOf(const CollectionName&, DocumentOrdinal) const override {
    return Status(Code::kNotFound);
  }
  std::vector<DocumentOrdinal> Sample(const CollectionName&, size_t) const override { return {}; }
  bool MayRead(const CollectionName&, DocumentOrdinal, const store::Access&) const override { return false; }
  std::map<SourceName, store::SourceTime> Times() const override { return {}; }
  std::map<Code, uint64_t> SkippedDocuments(const CollectionName&) const override { return {}; }
  uint64_t DocumentCount(const CollectionName&) const override { return 0; }
  uint64_t ChunkCount(const CollectionName&) const override { return 0; }

 private:
  const std::vector<store::StoredDocument> rows_;
};

class FakeIndex final : public store::IndexReader {
 public:
  std::shared_ptr<const store::View> CurrentView() const override { return std::make_shared<FakeView>(rows); }
  Offset NextOffset(Stream, Partition) const override { return Offset(0); }
  std::map<std::pair<Stream, Partition>, store::Account> Accounts() const override { return {}; }
  std::vector<store::HeldDeletes> Held() const override { return {}; }
  std::map<SourceName, std::map<Code, uint64_t>> Skipped() const override { return {}; }
  void ForEachDocument(const std::function<bool(const store::KnownDocument&)>&) const override {}
  std::vector<store::GenerationInfo> Generations() const override { return {}; }
  std::vector<store::StoredDocument> rows = {Deleted("files")};
};

class ReceiptTest : public ::testing::Test {
 protected:
  ReceiptTest() {
    log_ = std::move(*log::EmbeddedLog::Open({.path = "/log", .env = disk_.env(), .clock = &clock_}));
    std::vector<log::TopicSpec> specs;
    for (const TopicRow& row : AllTopics()) {
      specs.push_back({.name = TopicName(kTenant, row.topic), .partitions = kPartitions, .compacted = row.compacted});
    }
    EXPECT_TRUE(log_->CreateTopics(specs).ok());
  }
  void Record(Topic topic, const Origin& origin) {
    const std::string key = RecordKey(origin);
    Append({TopicName(kTenant, topic), PartitionFor(key, kPartitions), key, "sealed"});
  }
  void Letter(const Origin& origin) {
    Append({TopicName(kTenant, Topic::kDeadLetters), Partition(1), "changes.live/1/7",
            EncodeDeadLetter({.origin = origin, .code = Code::kInvalidUtf8, .topic = "changes.live"})});
  }
  void Append(const log::NewRecord& record) { ASSERT_TRUE(log_->Append({&record, 1}).ok()); }
  ReceiptDesk::Parts Parts() {
    return {.log = *log_,
            .clock = clock_,
            .tenant = kTenant,
            .partitions = kPartitions,
            .retention = 100s,
            .index = [this] { return &index_; },
            .has_original = [this](const DocumentKey&) -> Result<bool> { return has_original_; },
            .is_held = [this](const DocumentKey&) { return is_held_; }};
  }
  Json Make() {
    const Result<Receipt> receipt = ReceiptDesk(Parts()).Make(kNotes, kGone);
    EXPECT_TRUE(receipt.ok()) << receipt.status().ToString();
    return receipt.ok() ? Json::parse(receipt->json) : Json();
  }
  static uint64_t Left(const Json& receipt, const char* place) {
    for (const Json& row : receipt["places"]) {
      if (row["place"] == place) return row["left"];
    }
    ADD_FAILURE() << place << " was not looked at";
    return 0;
  }
  static std::vector<std::string> NotExamined(const Json& receipt) {
    std::vector<std::string> places;
    for (const Json& row : receipt["not_examined"]) places.push_back(row["place"]);
    return places;
  }

  test::CrashDisk disk_{1};
  ManualClock clock_{Time(1'000'000s)};
  std::unique_ptr<log::EmbeddedLog> log_;
  FakeIndex index_;
  bool has_original_ = false;
  bool is_held_ = false;
};

TEST_F(ReceiptTest, WhereNothingIsLeftItIsGone) {
  const Json receipt = Make();
  EXPECT_EQ(receipt["gone"], true);
  EXPECT_EQ(receipt["gone_by"], nullptr);
  EXPECT_EQ(receipt["places"].size(), 13u);
  EXPECT_THAT(NotExamined(receipt), UnorderedElementsAre("index/files", "vector-cache"));
}

TEST_F(ReceiptTest, RetentionTakesWhatTheLogHasOfThisDocumentAndNoOther) {
  const Origin origin = index_.rows[0].origin;
  Record(Topic::kChangesLive, origin);
  clock_.Advance(10s);
  Record(Topic::kEmbeddedLive, origin);
  Record(Topic::kEmbeddedLive, {.source = origin.source, .collection = kNotes, .document = DocumentId("other")});
  const Json receipt = Make();
  EXPECT_EQ(Left(receipt, "log/changes.live"), 1u);
  EXPECT_EQ(Left(receipt, "log/embedded.live"), 1u);
  EXPECT_EQ(receipt["gone"], false);
  EXPECT_EQ(receipt["gone_by"], FormatTime(Time(1'000'110s))) << "the newest of the last to go";
}

TEST_F(ReceiptTest, WhatNothingTakesByItselfIsPromisedForNoTime) {
  Record(Topic::kChangesLive, index_.rows[0].origin);
  has_original_ = true;
  EXPECT_EQ(Make()["gone_by"], nullptr) << "retention does not take the original";
  has_original_ = false;
  is_held_ = true;
  EXPECT_EQ(Make()["gone_by"], nullptr);
  EXPECT_EQ(Left(Make(), "quarantine"), 1u);
  is_held_ = false;
  index_.rows[0].chunk_count = 3;
  EXPECT_EQ(Make()["gone_by"], nullptr);
  index_.rows[0].chunk_count = 0;
  EXPECT_NE(Make()["gone_by"], nullptr);
}

TEST_F(ReceiptTest, DeadLettersThatNameItAreFoundWhereverTheyLie) {
  Letter(index_.rows[0].origin);
  Letter({.source = SourceName("files"), .collection = kNotes, .document = DocumentId("other")});
  const Json receipt = Make();
  EXPECT_EQ(Left(receipt, "log/dead-letters"), 1u);
  EXPECT_EQ(receipt["gone_by"], FormatTime(Time(1'000'100s)));
}

TEST_F(ReceiptTest, OfTwoSourcesWithTheSameDocumentBothAreLookedFor) {
  index_.rows.push_back(Deleted("other-files"));
  for (const store::StoredDocument& row : index_.rows) Record(Topic::kCleanLive, row.origin);
  EXPECT_EQ(Left(Make(), "log/clean.live"), 2u);
  index_.rows[1].state = store::DocumentState::kSearchable;
  EXPECT_EQ(ReceiptDesk(Parts()).Make(kNotes, kGone).status().code(), Code::kNotFound);
}

TEST_F(ReceiptTest, WhatAnotherProcessKeepsIsSaidToBeUnseen) {
  ReceiptDesk::Parts parts = Parts();
  parts.has_original = {};
  parts.is_held = {};
  const Json receipt = Json::parse(ReceiptDesk(std::move(parts)).Make(kNotes, kGone)->json);
  EXPECT_THAT(NotExamined(receipt), UnorderedElementsAre("originals", "quarantine", "index/files", "vector-cache"));
  EXPECT_EQ(receipt["places"].size(), 11u);
}

TEST_F(ReceiptTest, KnowsNothingOfWhatWasNeverThere) {
  EXPECT_EQ(ReceiptDesk(Parts()).Make(kNotes, DocumentId("never")).status().code(), Code::kNotFound);
  ReceiptDesk::Parts parts = Parts();
  parts.index = [] { return nullptr; };
  EXPECT_EQ(ReceiptDesk(std::move(parts)).Make(kNotes, kGone).status().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace freshet::repair
