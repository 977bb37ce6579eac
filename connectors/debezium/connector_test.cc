// DebeziumSource over topics in memory: order, gaps, tombstones, restarts, broken records.
#include "connectors/debezium/connector.h"

#include <gmock/gmock.h>

#include <random>

#include "connectors/debezium/testing.h"

namespace freshet::debezium {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

TEST(Debezium, OverlappingTransactionsAreOrderedByTheirCommits) {
  TestSite site("t");
  // The first to commit began last: its change has the larger place.
  site.Append(1, {.place = 400, .after = NoteRow(1, "first"), .commit_before = 200});
  site.Append(1, {.op = "u", .place = 304, .after = NoteRow(1, "second"), .commit_before = 480});
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("note/1"), "second");
}

TEST(Debezium, TheNewestOfABatchWinsWhateverTheOrderOfItsRecords) {
  TestSite site("t");
  site.Append(1, {.op = "u", .place = 304, .after = NoteRow(1, "newer")});
  site.Append(1, {.place = 200, .after = NoteRow(1, "older")});
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_THAT(site.Changes(), ElementsAre("u note/1"));
  EXPECT_EQ(site.Contents().at("note/1"), "newer");
}

TEST(Debezium, ATombstoneWhoseDeleteWasCompactedAwayDeletes) {
  TestSite site("t");
  site.Append(1, {.place = 104, .after = NoteRow(1, "one")});
  site.Append(2, {.place = 200, .after = NoteRow(2, "two")});
  site.Append(1, std::nullopt);
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_THAT(site.Contents(), UnorderedElementsAre(std::pair("note/2", "two")));
  site.Append(1, {.place = 304, .after = NoteRow(1, "again")});
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("note/1"), "again");
}

TEST(Debezium, ATombstoneThatIsReadInTheNextRunDeletesNothingNewer) {
  TestSite site("t");
  site.Append(1, {.place = 104, .after = NoteRow(1, "one")});
  site.Append(1, {.op = "d", .place = 200, .before = NoteRow(1, "")});
  EXPECT_EQ(site.Run(), Code::kOk);
  site.Append(1, std::nullopt);
  site.Append(1, {.place = 304, .after = NoteRow(1, "new")});
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("note/1"), "new");
}

TEST(Debezium, ABrokenRecordRefusesItsDocumentUntilTheNext) {
  for (const char* broken :
       {"{", "7", "[]", "{\"op\":\"x\",\"source\":{}}", "{\"a\":1}", "\xff", "{\"op\":{},\"source\":7}"}) {
    TestSite site("t");
    site.Append(1, {.place = 104, .after = NoteRow(1, "one")});
    site.Append(1, broken);
    EXPECT_EQ(site.Run(), Code::kOk) << broken;
    EXPECT_EQ(site.Contents().at("note/1"), "!malformed_document") << broken;
    site.Append(1, {.op = "u", .place = 200, .after = NoteRow(1, "mended")});
    EXPECT_EQ(site.Run(), Code::kOk);
    EXPECT_EQ(site.Contents().at("note/1"), "mended");
  }
}

// Nothing goes out behind what is newer of the same document, in whatever order the records of one poll are.
TEST(Debezium, ABrokenRecordIsNeverToldBehindWhatMendedIt) {
  const std::string broken = "{";
  const auto place = [](uint64_t at) { return at * 104; };
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    TestSite site("t");
    std::map<std::string, std::string> wanted;
    for (uint64_t i = 1; i <= 12; ++i) {
      const int id = static_cast<int>(random() % 2);
      const std::string name = "note/" + std::to_string(id), text = "text " + std::to_string(i);
      switch (wanted.contains(name) ? random() % 4 : 0) {
        case 1:
          site.Append(id, broken);
          wanted[name] = "!malformed_document";
          break;
        case 2:
          site.Append(id, {.op = "d", .place = place(i), .before = NoteRow(id, "")});
          site.Append(id, std::nullopt);
          wanted.erase(name);
          break;
        default:
          site.Append(id, {.op = "u", .place = place(i), .after = NoteRow(id, text)});
          wanted[name] = text;
      }
    }
    EXPECT_EQ(site.Run(), Code::kOk);
    EXPECT_EQ(site.Contents(), wanted) << "seed " << seed;
    std::map<DocumentId, Version> last;
    for (const kit::Published& one : site.host.published) {
      const Change& change = one.event.change;  // a withholding goes before what it waits for
      if (!std::holds_alternative<Upsert>(change) && !std::holds_alternative<Delete>(change)) continue;
      EXPECT_LE(last[one.event.origin.document], one.event.origin.version) << "seed " << seed;
      last[one.event.origin.document] = one.event.origin.version;
    }
  }
}

TEST(Debezium, ARecordThatNamesNobodyIsSkipped) {
  TestSite site("t");
  site.topics->Append({"t.public.note", 0, "", "{"});
  site.topics->Append({"t.public.note", 0, "{\"other\":1}", "{"});
  site.topics->Append({"t.public.note", 0, "[[[", "{"});
  site.Append(1, {.place = 104, .after = NoteRow(1, "one")});
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().size(), 1u);
}

TEST(Debezium, ADeeplyNestedRecordIsBrokenAndNoCrash) {
  TestSite site("t");
  site.Append(1, std::string(1u << 20, '['));
  site.Append(2, "{\"after\":" + std::string(200'000, '[') + std::string(200'000, ']') + "}");
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("note/2"), "!malformed_document");
}

TEST(Debezium, RandomDamageCrashesNothing) {
  std::mt19937_64 random(3);
  const std::string whole = RecordOf({.op = "u", .place = 104, .before = NoteRow(1, "a"), .after = NoteRow(1, "b")});
  TestSite site("t");
  site.options.missing_columns = OnMissing::kNull;
  site.Append(1, whole);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = whole;
    for (uint64_t hits = 1 + random() % 4; hits > 0; --hits) {
      damaged[random() % damaged.size()] =
          static_cast<char>(random() % 5 == 0 ? random() : "{}[]\",:0ax"[random() % 10]);
    }
    site.Append(1, damaged);
  }
  site.Append(1, {.op = "u", .place = uint64_t{1} << 59, .after = NoteRow(1, "last")});
  EXPECT_EQ(site.Run(), Code::kOk);
}

TEST(Debezium, WhatRetentionTookStopsTheSourceOrIsToldAndGoneOver) {
  TestSite site("t");
  for (int i = 1; i <= 4; ++i) site.Append(i, {.place = static_cast<uint64_t>(i) * 104, .after = NoteRow(i, "n")});
  site.topics->first[{"t.public.note", Partition(0)}] = 2;
  EXPECT_EQ(site.Run(), Code::kConfiguration);
  EXPECT_TRUE(site.host.published.empty());
  site.options.on_gap = OnGap::kGoOn;
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().size(), 2u);
}

TEST(Debezium, WhatRetentionTookOfAWitnessIsNotMissed) {
  TestSite site("t");
  site.options.witnesses = {"t.beat"};
  for (int i = 1; i <= 3; ++i) {
    site.topics->Append({"t.beat", 0, KeyOf(1), RecordOf({.op = "u", .after = NoteRow(1, ""), .table = "beat"})});
  }
  site.topics->first[{"t.beat", Partition(0)}] = 2;
  site.Append(1, {.place = 104, .after = NoteRow(1, "one")});
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().size(), 1u);
}

TEST(Debezium, AColumnOfLimitsIsNeverTakenForNull) {
  for (const char* const until : {"expirs", ""}) {
    TestSite site("t");
    site.options.missing_columns = OnMissing::kNull;
    site.options.mapping.access = {
        {.table = "public.note", .scope = "s/{id}", .allow = {"user:{nobody}"}, .until = until}};
    site.Append(1, {.place = 104, .after = NoteRow(1, "one")});
    EXPECT_EQ(site.Run(), *until == 0 ? Code::kOk : Code::kConfiguration) << until;
  }
}

TEST(Debezium, ATruncatedTableOfSeveralStopsTheSource) {
  TestSite site("t");
  site.options.mapping.access = {{.table = "public.reader", .scope = "s/{ward}", .allow = {"user:{who}"}}};
  site.Append(1, {.place = 104, .after = NoteRow(1, "one")});
  site.topics->Append({"t.public.reader", 0, "", RecordOf({.op = "t", .place = 200, .table = "reader"})});
  EXPECT_EQ(site.Run(), Code::kConfiguration);
}

TEST(Debezium, OtherMeaningOfTheSameRecordsReadsThemAnew) {
  TestSite site("t");
  site.Append(1, {.place = 104, .after = NoteRow(1, "one")});
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Changes().size(), 1u);  // it goes on where it was
  site.options.mapping.documents[0].content = "<{body}>";
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("note/1"), "<one>");
  ++site.options.generation;
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Changes().size(), 3u);
  EXPECT_LT(site.host.published[1].event.origin.version, site.host.published.back().event.origin.version);
}

TEST(Debezium, OrderOfOffsetsIsForDatabasesWithoutPlaces) {
  const auto record = [](const char* body) {
    Json json = Json::parse(RecordOf({.op = "u", .after = NoteRow(1, body)}));
    json["source"].erase("lsn"), json["source"].erase("sequence");
    return json.dump();
  };
  TestSite site("t");
  site.Append(1, record("first"));
  site.Append(1, record("second"));
  EXPECT_EQ(site.Run(), Code::kConfiguration);
  site.options.order = Order::kOffset;
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("note/1"), "second");
}

TEST(Debezium, NothingIsVouchedForBeforeItsPartitionsWereReadAgain) {
  TestSite site("t");
  site.options.settle = std::chrono::hours(1);
  site.Append(1, {.place = 104, .after = NoteRow(1, "one")});
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_TRUE(site.host.beats.empty());
  site.options.settle = Duration(0);
  site.Append(1, {.op = "u", .place = 200, .after = NoteRow(1, "two")});
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.host.beats.size(), 1u);
}

TEST(Position, ReadsBackWhatItWritesAndNothingElse) {
  Position position{.epoch = 7, .fingerprint = HashOf("x")};
  position.next = {{{"a", Partition(0)}, Offset(5)}, {{"b", Partition(3)}, Offset(9)}};
  position.marks = {{{"a", Partition(0)}, Mark{8, 9, 7, HashOf("key")}}, {{"b", Partition(3)}, Mark{}}};
  const std::string bytes = position.Encode();
  const auto back = Position::Decode(bytes);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->Encode(), bytes);
  EXPECT_EQ(back->marks.at({"a", Partition(0)}), (Mark{8, 9, 7, HashOf("key")}));
  for (size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(Position::Decode(bytes.substr(0, cut)).has_value());
  EXPECT_FALSE(Position::Decode(bytes + "x").has_value());
}

TEST(Position, ReadsTheFormThatWasWrittenBefore) {
  std::string bytes(1, '\1');
  AppendBig64(bytes, 7);
  bytes += AsBytes(HashOf("x"));
  AppendBig32(bytes, 1);
  AppendText(bytes, "a");
  AppendBig32(bytes, 3);
  for (const uint64_t number : {5, 8, 9}) AppendBig64(bytes, number);
  const auto position = Position::Decode(bytes);
  ASSERT_TRUE(position.has_value());
  EXPECT_EQ(position->epoch, 7u);
  EXPECT_EQ(position->fingerprint, HashOf("x"));
  EXPECT_EQ(position->next.at({"a", Partition(3)}), Offset(5));
  EXPECT_EQ(position->marks.at({"a", Partition(3)}), (Mark{8, 9}));
}

}  // namespace
}  // namespace freshet::debezium
