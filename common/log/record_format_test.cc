#include "common/log/record_format.h"

#include <gtest/gtest.h>

#include "common/base/bytes.h"

namespace freshet::log {
namespace {

TEST(RecordFormat, KeysAreAsTheGrammarSays) {
  EXPECT_EQ(ToHex(StoredRecordKey({1, 2}, Offset(3))), "00000001000000020000000000000003");
  EXPECT_EQ(ToHex(MarkKey(kFirstTag, {1, 2})), "660000000100000002");
  EXPECT_EQ(TopicKey("a"), "ta");
  EXPECT_EQ(ToHex(ProgressKey("g", {1, 2})), "6700010000000100000002");
}

TEST(RecordFormat, RecordKeysSortByTopicPartitionOffset) {
  EXPECT_LT(StoredRecordKey({1, 1}, Offset(255)), StoredRecordKey({1, 1}, Offset(256)));
  EXPECT_LT(StoredRecordKey({1, 1}, Offset(UINT64_MAX)), StoredRecordKey({1, 2}, Offset(0)));
  EXPECT_LT(StoredRecordKey({1, UINT32_MAX}, Offset(9)), StoredRecordKey({2, 0}, Offset(0)));
}

TEST(RecordFormat, OffsetsBelongToTheirPartition) {
  EXPECT_EQ(OffsetIn({1, 2}, StoredRecordKey({1, 2}, Offset(7))), Offset(7));
  EXPECT_EQ(OffsetIn({1, 2}, StoredRecordKey({1, 3}, Offset(7))), std::nullopt);
  EXPECT_EQ(OffsetIn({1, 2}, StoredRecordKey({2, 2}, Offset(7))), std::nullopt);
  EXPECT_EQ(OffsetIn({1, 2}, "short"), std::nullopt);
}

TEST(RecordFormat, RecordsRoundTrip) {
  const std::string key("\0k", 2);
  for (const std::optional<std::string_view> value :
       {std::optional<std::string_view>("value"), std::optional<std::string_view>(""),
        std::optional<std::string_view>()}) {
    const StoredRecord record{.appended = FromMicros(42), .bytes_so_far = 1 << 20, .key = key, .value = value};
    const std::string bytes = RecordHead(record) + key + std::string(value.value_or(""));
    const Result<StoredRecord> parsed = ParseRecord(bytes);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->appended, record.appended);
    EXPECT_EQ(parsed->bytes_so_far, record.bytes_so_far);
    EXPECT_EQ(parsed->key, record.key);
    EXPECT_EQ(parsed->value, record.value);
  }
}

TEST(RecordFormat, TopicsProgressAndMarksRoundTrip) {
  const TopicEntry entry{7,
                         {.name = "t",
                          .partitions = 3,
                          .compacted = true,
                          .retention_time = Duration(5),
                          .retention_bytes = 6,
                          .max_record_bytes = 8}};
  const Result<TopicEntry> topic = ParseTopic(TopicKey("t"), TopicValue(entry));
  ASSERT_TRUE(topic.ok());
  EXPECT_EQ(topic->number, 7u);
  EXPECT_EQ(topic->spec.name, "t");
  EXPECT_EQ(topic->spec.partitions, 3u);
  EXPECT_TRUE(topic->spec.compacted);
  EXPECT_EQ(topic->spec.retention_time, Duration(5));
  EXPECT_EQ(topic->spec.retention_bytes, 6u);
  EXPECT_EQ(topic->spec.max_record_bytes, 8u);

  EXPECT_EQ(ParseProgress(ProgressValue({Offset(9), "m"}))->next, Offset(9));
  EXPECT_EQ(ParseProgress(ProgressValue({Offset(9), "m"}))->metadata, "m");
  EXPECT_EQ(*ParseOffset(OffsetValue(Offset(4))), Offset(4));
  const Result<Cleaned> cleaned = ParseCleaned(CleanedValue({Offset(1), 2, FromMicros(3)}));
  EXPECT_EQ(cleaned->up_to, Offset(1));
  EXPECT_EQ(cleaned->kept, 2u);
  EXPECT_EQ(cleaned->oldest_tombstone, FromMicros(3));
  EXPECT_EQ(ParseCleaned(CleanedValue({Offset(1), 2, std::nullopt}))->oldest_tombstone, std::nullopt);
}

TEST(RecordFormat, TruncatedBytesAreACorruptStore) {
  const StoredRecord record{.appended = FromMicros(1), .bytes_so_far = 5, .key = "key", .value = "v"};
  const std::string head_and_key = RecordHead(record) + "key";
  for (size_t size = 0; size < head_and_key.size(); ++size) {
    EXPECT_EQ(ParseRecord(head_and_key.substr(0, size)).code(), Code::kCorruptStore) << size;
  }
  const std::string topic = TopicValue({1, {.name = "t"}});
  for (size_t size = 0; size < topic.size(); ++size) {
    EXPECT_EQ(ParseTopic(TopicKey("t"), topic.substr(0, size)).code(), Code::kCorruptStore) << size;
  }
  EXPECT_EQ(ParseOffset("1234567").code(), Code::kCorruptStore);
  EXPECT_EQ(ParseProgress("1234567").code(), Code::kCorruptStore);
  EXPECT_EQ(ParseCleaned("12345678").code(), Code::kCorruptStore);
}

}  // namespace
}  // namespace freshet::log
