#include "connectors/postgres/decoder.h"

#include <gtest/gtest.h>

#include "connectors/postgres/pgoutput_testing.h"
#include "connectors/rows/testing.h"

namespace freshet::postgres {
namespace {

constexpr uint32_t kMemo = 7, kOther = 8;

rows::Mapping MemoMapping() {
  rows::DocumentOptions memo{.table = "public.memo", .id = "{id}", .content = "{body}", .allow = {"user:{id}"}};
  return *rows::Mapping::Compile({.documents = {memo}});
}

class DecoderTest : public ::testing::Test {
 protected:
  Status Take(const PgWriter& message) { return decoder.Take(message.bytes, batch); }
  void TakeAll(const std::vector<PgWriter>& messages) {
    for (const PgWriter& message : messages) {
      const Status taken = Take(message);
      ASSERT_TRUE(taken.ok()) << taken.ToString();
      while (decoder.replaying()) ASSERT_TRUE(decoder.Replay(batch).ok());
    }
  }
  // Document -> "content@commit:place".
  std::map<std::string, std::string> Flush() {
    Result<rows::Resolved> resolved = batch.Resolve(nullptr);
    EXPECT_TRUE(resolved.ok());
    std::map<std::string, std::string> told;
    for (const ChangeEvent& event : resolved->deletes) told[event.origin.document.value] = "deleted" + At(event);
    for (const ChangeEvent& event : resolved->contents) {
      told[event.origin.document.value] = std::get<Upsert>(event.change).content + At(event);
    }
    return told;
  }
  static std::string At(const ChangeEvent& event) {
    EXPECT_EQ(event.origin.version.epoch, 3u);
    return "@" + std::to_string(event.origin.version.position) + ":" +
           std::to_string(event.origin.version.ordinal / rows::kSubPlaces);
  }

  static PgWriter Begin(uint64_t lsn) { return std::move(PgWriter().Kind('B').Long(lsn).Long(0).Int(1)); }
  static PgWriter Commit(uint64_t lsn) {
    return std::move(PgWriter().Kind('C').Byte(0).Long(lsn).Long(lsn + 5).Long(0));
  }
  static PgWriter Relation(uint32_t oid, const char* name, const char* column = "body", uint32_t xid = 0) {
    PgWriter out;
    out.Kind('R');
    if (xid != 0) out.Int(xid);
    out.Int(oid).Text("public").Text(name).Raw("d").Short(2);
    out.Byte(1).Text("id").Int(23).Int(0).Byte(0).Text(column).Int(25).Int(0);
    return out;
  }
  static PgWriter Insert(const std::string& id, const std::string& body, uint32_t xid = 0, uint32_t oid = kMemo) {
    PgWriter out;
    out.Kind('I');
    if (xid != 0) out.Int(xid);
    out.Int(oid).Kind('N').Tuple({{'t', id}, {'t', body}});
    return out;
  }
  static PgWriter Delete(const std::string& id) {
    return std::move(PgWriter().Kind('D').Int(kMemo).Kind('K').Tuple({{'t', id}, {'n', ""}}));
  }
  static PgWriter Start(uint32_t xid) { return std::move(PgWriter().Kind('S').Int(xid).Byte(1)); }
  static PgWriter Stop() { return std::move(PgWriter().Kind('E')); }
  static PgWriter Abort(uint32_t xid, uint32_t sub) { return std::move(PgWriter().Kind('A').Int(xid).Int(sub)); }
  static PgWriter StreamCommit(uint32_t xid, uint64_t lsn) {
    return std::move(PgWriter().Kind('c').Int(xid).Byte(0).Long(lsn).Long(lsn + 5).Long(0));
  }

  const rows::Mapping mapping = MemoMapping();
  StreamDecoder decoder{mapping, {.generation = 3, .done = 10, .spool_memory = 64}};
  rows::Batch batch{mapping};
};

TEST_F(DecoderTest, ACommitDecidesTheVersions) {
  TakeAll({Begin(100), Relation(kMemo, "memo"), Insert("1", "one"), Insert("2", "two"), Delete("1")});
  EXPECT_EQ(decoder.done(), 10u);  // not before its commit
  TakeAll({Commit(100)});
  EXPECT_EQ(decoder.done(), 105u);
  EXPECT_EQ(decoder.floor(), 100u);
  EXPECT_EQ(Flush(), (std::map<std::string, std::string>{{"1", "deleted@100:2"}, {"2", "two@100:1"}}));
}

TEST_F(DecoderTest, WhatNothingMapsIsNotLookedAt) {
  TakeAll({Begin(100), Relation(kOther, "other"), Insert("1", "x", 0, kOther), Commit(100)});
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(decoder.done(), 105u);
}

TEST_F(DecoderTest, AStreamedTransactionWaitsForItsCommit) {
  TakeAll({Start(50), Relation(kMemo, "memo", "body", 50), Insert("1", "one", 50), Insert("2", "sub", 51), Stop()});
  TakeAll({Begin(100), Relation(kMemo, "memo"), Insert("1", "between"), Commit(100)});
  EXPECT_EQ(Flush(), (std::map<std::string, std::string>{{"1", "between@100:0"}}));
  TakeAll({Start(50), Insert("3", "three", 50), Stop(), Abort(50, 51), StreamCommit(50, 200)});
  EXPECT_EQ(Flush(), (std::map<std::string, std::string>{{"1", "one@200:0"}, {"3", "three@200:1"}}));
  EXPECT_EQ(decoder.done(), 205u);
}

TEST_F(DecoderTest, AnUndoneTransactionIsForgotten) {
  TakeAll(
      {Start(50), Relation(kMemo, "memo", "body", 50), Insert("1", std::string(500, 'x'), 50), Stop(), Abort(50, 50)});
  EXPECT_TRUE(batch.empty());
  EXPECT_FALSE(Take(StreamCommit(50, 200)).ok());
}

TEST_F(DecoderTest, KeepalivesCountBetweenTransactionsOnly) {
  ASSERT_TRUE(decoder.TakeKeepalive(60).ok());
  EXPECT_EQ(decoder.done(), 60u);
  TakeAll({Begin(100)});
  ASSERT_TRUE(decoder.TakeKeepalive(90).ok());
  EXPECT_EQ(decoder.done(), 60u);
}

// A stream that begins at 20, where everything before 150 had been taken, the last commit of ours at 100.
class ToldAgainTest : public DecoderTest {
 protected:
  StreamDecoder Anew() {
    const Landmark landmark{.lsn = 100, .time = FromPgMicros(0)};
    return {mapping, {.generation = 3, .done = 150, .told_from = 20, .landmark = landmark, .spool_memory = 64}};
  }
  void SetUp() override { again.emplace(Anew()); }
  Status TakeAgain(const std::vector<PgWriter>& messages) {
    for (const PgWriter& message : messages) {
      FRESHET_RETURN_IF_ERROR(again->Take(message.bytes, batch));
      while (again->replaying()) FRESHET_RETURN_IF_ERROR(again->Replay(batch));
    }
    return OkStatus();
  }
  std::vector<PgWriter> Memo(uint64_t lsn, const std::string& body) {
    return {Begin(lsn), Relation(kMemo, "memo"), Insert("1", body), Commit(lsn)};
  }
  std::optional<StreamDecoder> again;
};

TEST_F(ToldAgainTest, IsSkippedAndProvesTheHistory) {
  ASSERT_TRUE(TakeAgain(Memo(60, "old")).ok());
  const std::vector<PgWriter> other = {Begin(120), Relation(kOther, "other"), Insert("1", "x", 0, kOther), Commit(120)};
  ASSERT_TRUE(TakeAgain(Memo(100, "old")).ok());
  ASSERT_TRUE(TakeAgain(other).ok()) << "a server may tell or leave out what nothing maps";
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(again->done(), 150u) << "does not go back";
  EXPECT_EQ(again->floor(), 149u);
  EXPECT_FALSE(again->history().proven());
  ASSERT_TRUE(TakeAgain(Memo(150, "new")).ok());
  EXPECT_TRUE(again->history().proven());
  EXPECT_EQ(again->history().landmark().lsn, 150u);
  EXPECT_EQ(Flush(), (std::map<std::string, std::string>{{"1", "new@150:0"}}));
}

TEST_F(ToldAgainTest, WhatCameInPartsCountsAtItsCommit) {
  const std::vector<PgWriter> part = {Start(50), Relation(kMemo, "memo", "body", 50), Insert("1", "one", 50), Stop()};
  ASSERT_TRUE(TakeAgain(part).ok());
  ASSERT_TRUE(TakeAgain({StreamCommit(50, 100)}).ok());
  EXPECT_TRUE(batch.empty());
  ASSERT_TRUE(again->TakeKeepalive(149).ok());
  EXPECT_FALSE(again->history().proven()) << "not all of it has been told";
  ASSERT_TRUE(again->TakeKeepalive(150).ok());
  EXPECT_TRUE(again->history().proven());
}

TEST_F(ToldAgainTest, ATruncateCountsAndIsNotToldTwice) {
  ASSERT_TRUE(TakeAgain({Begin(100), Relation(kMemo, "memo"), std::move(PgWriter().Kind('T').Int(1).Byte(0).Int(kMemo)),
                         Commit(100)})
                  .ok());
  EXPECT_FALSE(again->TakeTruncated());
  EXPECT_TRUE(again->TakeKeepalive(150).ok());
}

TEST_F(ToldAgainTest, AnotherHistoryIsRefutedBeforeAnythingOfItIsTaken) {
  ASSERT_TRUE(TakeAgain(Memo(60, "old")).ok());
  ASSERT_TRUE(TakeAgain(Memo(140, "other")).ok());
  EXPECT_EQ(TakeAgain(Memo(200, "new")).code(), Code::kUnavailable);
  EXPECT_TRUE(again->history().refuted());
  EXPECT_TRUE(batch.empty());
  again.reset();
  again.emplace(Anew());
  EXPECT_EQ(again->TakeKeepalive(200).code(), Code::kUnavailable) << "a quiet server too";
  again.reset();
  again.emplace(Anew());
  const std::vector<PgWriter> part = {Start(50), Relation(kMemo, "memo", "body", 50), Insert("1", "one", 50), Stop()};
  ASSERT_TRUE(TakeAgain(part).ok());
  EXPECT_EQ(TakeAgain({StreamCommit(50, 300)}).code(), Code::kUnavailable);
  EXPECT_TRUE(batch.empty());
}

TEST_F(DecoderTest, ATruncateIsToldOnceItsCommitIsThere) {
  TakeAll({Begin(100), Relation(kMemo, "memo"), std::move(PgWriter().Kind('T').Int(1).Byte(0).Int(kMemo))});
  EXPECT_FALSE(decoder.TakeTruncated());
  TakeAll({Commit(100)});
  EXPECT_TRUE(decoder.TakeTruncated());
  EXPECT_FALSE(decoder.TakeTruncated());
}

TEST_F(DecoderTest, AColumnThatIsGoneStopsIt) {
  TakeAll({Begin(100)});
  EXPECT_EQ(Take(Relation(kMemo, "memo", "renamed")).code(), Code::kConfiguration);
}

TEST_F(DecoderTest, MessagesOutOfPlaceAreRefused) {
  EXPECT_EQ(Take(Commit(1)).code(), Code::kCorruptRecord);
  EXPECT_EQ(Take(Stop()).code(), Code::kCorruptRecord);
  EXPECT_EQ(Take(Insert("1", "x")).code(), Code::kCorruptRecord);
  TakeAll({Begin(100)});
  EXPECT_EQ(Take(Begin(100)).code(), Code::kCorruptRecord);
  EXPECT_EQ(Take(Insert("1", "x", 0, 99)).code(), Code::kCorruptRecord);
}

}  // namespace
}  // namespace freshet::postgres
