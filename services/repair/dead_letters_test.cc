// Dead letters over a real log: what is listed, what a replay publishes and where, what is dropped, what is gone.
#include "services/repair/dead_letters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/log/embedded_log.h"
#include "schemas/topics.h"
#include "services/repair/log_reader.h"
#include "tests/support/crash_fs.h"

namespace freshet::repair {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const TenantName kTenant("t");
constexpr uint32_t kPartitions = 2;

class DeadLettersTest : public ::testing::Test {
 protected:
  DeadLettersTest() {
    log_ = std::move(*log::EmbeddedLog::Open({.path = "/log", .env = disk_.env(), .clock = &clock_}));
    std::vector<log::TopicSpec> specs;
    for (const TopicRow& row : AllTopics()) {
      specs.push_back({.name = TopicName(kTenant, row.topic), .partitions = kPartitions, .compacted = row.compacted});
    }
    EXPECT_TRUE(log_->CreateTopics(specs).ok());
  }
  // A change in the log, and the letter that says that it was skipped.
  std::string Skipped(Topic topic, const std::string& document, Code code, const char* source = "files") {
    const log::TopicPartition where{TopicName(kTenant, topic), Partition(1)};
    const log::NewRecord change{where.topic, where.partition, "key of " + document, "bytes of " + document};
    const Offset offset = (*log_->Append({&change, 1})).front();
    clock_.Advance(1s);
    Letter({.origin = {.source = SourceName(source),
                       .collection = CollectionName("c"),
                       .document = DocumentId(document),
                       .version = {.epoch = 1, .position = offset.value}},
            .code = code,
            .stage = Step::kDeid,
            .topic = where.topic,
            .partition = where.partition,
            .offset = offset,
            .skipped = clock_.Now()});
    return std::string(RowOf(topic).suffix) + "/1/" + std::to_string(offset.value);
  }
  void Letter(const DeadLetter& letter) {
    const std::string key =
        letter.topic + "/" + std::to_string(letter.partition.value) + "/" + std::to_string(letter.offset.value);
    const log::NewRecord record{TopicName(kTenant, Topic::kDeadLetters), letter.partition, key,
                                EncodeDeadLetter(letter)};
    ASSERT_TRUE(log_->Append({&record, 1}).ok());
  }
  std::vector<std::string> Listed(const LetterFilter& filter = {}, size_t limit = 1000) {
    std::vector<std::string> ids;
    const auto rows = Box().List(filter, limit);
    EXPECT_TRUE(rows.ok()) << rows.status().ToString();
    for (const LetterRow& row : *rows) ids.push_back(row.id + (row.replayable ? "" : " gone"));
    return ids;
  }
  std::vector<std::string> In(Topic topic) {
    std::vector<std::string> values;
    std::vector<log::TopicPartition> partitions;
    for (uint32_t i = 0; i < kPartitions; ++i) partitions.push_back({TopicName(kTenant, topic), Partition(i)});
    EXPECT_TRUE(ReadAll(*log_, partitions, [&](const log::Delivered& record) {
                  values.push_back(record.key + ": " + record.value.value_or("-"));
                  return OkStatus();
                }).ok());
    return values;
  }
  DeadLetterBox& Box() {
    if (box_ == nullptr) {
      box_ = std::make_unique<DeadLetterBox>(
          DeadLetterBox::Parts{.log = *log_, .tenant = kTenant, .partitions = kPartitions, .most = 3});
    }
    return *box_;
  }

  test::CrashDisk disk_{1};
  ManualClock clock_{Time(1'000'000s)};
  std::unique_ptr<log::EmbeddedLog> log_;
  std::unique_ptr<DeadLetterBox> box_;
};

TEST_F(DeadLettersTest, NoneIsNone) {
  EXPECT_THAT(Listed(), IsEmpty());
  EXPECT_EQ((*Box().Replay({})).replayed, 0u);
  EXPECT_EQ(*Box().Drop({}), 0u);
}

TEST_F(DeadLettersTest, AreListedNewestFirstOnceEachAndByWhatIsAskedFor) {
  const std::string a = Skipped(Topic::kChangesLive, "a", Code::kInvalidUtf8);
  const std::string b = Skipped(Topic::kChangesBackfill, "b", Code::kBinaryContent, "notes");
  const std::string c = Skipped(Topic::kChangesLive, "c", Code::kBinaryContent);
  Letter((*Box().List({.id = a})).front().letter);  // delivery is at least once
  EXPECT_THAT(Listed(), ElementsAre(c, b, a));
  EXPECT_THAT(Listed({}, 2), ElementsAre(c, b));
  EXPECT_THAT(Listed({.id = b}), ElementsAre(b));
  EXPECT_THAT(Listed({.source = SourceName("notes")}), ElementsAre(b));
  EXPECT_THAT(Listed({.code = Code::kBinaryContent}), ElementsAre(c, b));
  EXPECT_THAT(Listed({.source = SourceName("notes"), .code = Code::kInvalidUtf8}), IsEmpty());
}

TEST_F(DeadLettersTest, AReplayPublishesTheVeryRecordInTheBackfillLaneOnce) {
  const std::string a = Skipped(Topic::kChangesLive, "a", Code::kInvalidUtf8);
  const std::string b = Skipped(Topic::kChunksBackfill, "b", Code::kInternalError);
  const std::string c = Skipped(Topic::kChangesUrgent, "c", Code::kCorruptRecord);
  const Replayed done = *Box().Replay({.id = a});
  EXPECT_EQ(done.replayed, 1u);
  EXPECT_THAT(In(Topic::kChangesBackfill), ElementsAre("key of a: bytes of a"));
  EXPECT_THAT(Listed(), ElementsAre(c, b));
  EXPECT_EQ((*Box().Replay({.id = a})).replayed, 0u) << "it is off the list";
  EXPECT_EQ((*Box().Replay({})).replayed, 2u);
  EXPECT_THAT(In(Topic::kChunksBackfill), ElementsAre("key of b: bytes of b", "key of b: bytes of b"));
  EXPECT_THAT(In(Topic::kChangesUrgent), ElementsAre("key of c: bytes of c", "key of c: bytes of c"));
  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_F(DeadLettersTest, ManyAreReplayedInBoundedCalls) {
  for (int i = 0; i < 7; ++i) Skipped(Topic::kChangesLive, "d" + std::to_string(i), Code::kInvalidUtf8);
  std::vector<uint64_t> calls;
  bool more = true;
  while (more && calls.size() < 10) {
    const Replayed done = *Box().Replay({});
    calls.push_back(done.replayed);
    more = done.more;
  }
  EXPECT_THAT(calls, ElementsAre(3, 3, 1));
  EXPECT_EQ(In(Topic::kChangesBackfill).size(), 7u);
}

TEST_F(DeadLettersTest, WhatRetentionTookCannotBeReplayedAndHoldsNoOtherUp) {
  const std::string gone = Skipped(Topic::kChangesLive, "gone", Code::kInvalidUtf8);
  const std::string here = Skipped(Topic::kChangesLive, "here", Code::kInvalidUtf8);
  ASSERT_TRUE(log_->Trim({TopicName(kTenant, Topic::kChangesLive), Partition(1)}, Offset(1)).ok());
  EXPECT_THAT(Listed(), ElementsAre(here, gone + " gone"));
  const Replayed done = *Box().Replay({});
  EXPECT_EQ(done.replayed, 1u);
  EXPECT_EQ(done.expired, 1u);
  EXPECT_THAT(Listed(), ElementsAre(gone + " gone"));
  EXPECT_EQ(*Box().Drop({.id = gone}), 1u);
  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_F(DeadLettersTest, DroppedOnesAreOffTheListAndTheirChangesStayWhereTheyAre) {
  Skipped(Topic::kChangesLive, "a", Code::kInvalidUtf8);
  const std::string b = Skipped(Topic::kChangesLive, "b", Code::kBinaryContent);
  EXPECT_EQ(*Box().Drop({.code = Code::kInvalidUtf8}), 1u);
  EXPECT_THAT(Listed(), ElementsAre(b));
  EXPECT_EQ(In(Topic::kChangesLive).size(), 2u);
  EXPECT_THAT(In(Topic::kChangesBackfill), IsEmpty());
}

TEST_F(DeadLettersTest, ALetterThatCannotBeReadSaysNothing) {
  const log::NewRecord record{TopicName(kTenant, Topic::kDeadLetters), Partition(0), "freshet.t.changes.live/0/0",
                              "\xff\xff"};
  ASSERT_TRUE(log_->Append({&record, 1}).ok());
  EXPECT_THAT(Listed(), IsEmpty());
}

TEST(ReplayTopic, EveryLaneHasItsBackfill) {
  for (const TopicRow& row : AllTopics()) {
    const std::string_view to = RowOf(ReplayTopic(row.topic)).suffix;
    const size_t live = row.suffix.find(".live");
    EXPECT_EQ(
        to, live == row.suffix.npos ? std::string(row.suffix) : std::string(row.suffix.substr(0, live)) + ".backfill");
  }
}

}  // namespace
}  // namespace freshet::repair
