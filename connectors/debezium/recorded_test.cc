// What a reader of a real Debezium must get right, each on records of one.
#include <gmock/gmock.h>

#include "connectors/debezium/testing.h"

namespace freshet::debezium {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Recorded : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!RecordingsAreHere()) GTEST_SKIP() << kNoRecordings;
  }
};

DebeziumOptions FullOptions(const std::string& prefix) {
  DebeziumOptions options = NoteOptions(prefix, "public.note_full");
  options.whole_rows = {"public.note_full"};
  return options;
}

// "dbs": with schemas, "dbn": without.
INSTANTIATE_TEST_SUITE_P(BothForms, Recorded, ::testing::Values("dbs", "dbn"));

TEST_P(Recorded, ASnapshotAndAnInsertAreDocuments) {
  TestSite site(GetParam());
  ASSERT_EQ(site.Load("snapshot") + site.Load("insert"), 7u);
  EXPECT_EQ(site.Run(), Code::kOk);
  const auto contents = site.Contents();
  EXPECT_EQ(contents.size(), 3u);
  EXPECT_EQ(contents.at("note/1"), "short note one");
  EXPECT_THAT(contents.at("note/3"), HasSubstr("Zoë Müller — Größe 1,70 m \"quoted\" \\ 血压 120/80 😀"));
}

TEST_P(Recorded, OldRowsOfTheDefaultIdentityAreBelievedInTheirKeyAlone) {
  TestSite site(GetParam());
  const auto mapping = rows::Mapping::Compile(site.options.mapping);
  Decoder decoder(site.options, *mapping, 7);
  site.Load("delete");
  for (const log::Delivered& record : site.topics->partitions[{GetParam() + ".public.note", Partition(0)}]) {
    ASSERT_TRUE(decoder.Take(record).ok());
  }
  const Taken taken = decoder.Drain();
  ASSERT_EQ(taken.changes.size(), 1u);  // the tombstone says nothing new
  const rows::Row& before = *taken.changes[0].change.before;
  EXPECT_EQ(before.Find("id")->text, "30");
  EXPECT_TRUE(before.Find("patient_id")->is_unknown());  // it says ""
  EXPECT_TRUE(before.Find("body")->is_unknown());        // it says null
}

TEST_P(Recorded, ADeleteOfEitherIdentityDeletes) {
  for (const bool full : {false, true}) {
    TestSite site(full ? FullOptions(GetParam()) : NoteOptions(GetParam()));
    site.Load("delete");
    EXPECT_EQ(site.Run(), Code::kOk);
    EXPECT_THAT(site.Changes(), ElementsAre("d note/30"));
  }
}

TEST_P(Recorded, AnUnchangedToastedValueIsRefusedVisiblyOrToldByTheWholeRow) {
  TestSite site(GetParam()), full(FullOptions(GetParam()));
  for (TestSite* const one : {&site, &full}) {
    one->Load("snapshot");
    EXPECT_EQ(one->Run(), Code::kOk);
    EXPECT_THAT(one->Contents().at("note/2"), StartsWith("Pt seen in clinic"));
    one->Load("update_toast_unchanged");
    EXPECT_EQ(one->Run(), Code::kOk);
  }
  // Without somebody to ask: never the placeholder, and never the older text as if it were current.
  EXPECT_EQ(site.Contents().at("note/2"), "!unsupported_change");
  EXPECT_THAT(full.Contents().at("note/2"), StartsWith("Pt seen in clinic"));
}

TEST_P(Recorded, ATableWithoutAKeyNeedsWholeRows) {
  DebeziumOptions options = NoteOptions(GetParam(), "public.nopk");
  options.mapping.documents = {{.table = "public.nopk", .id = "{a}", .content = "{b}"}};
  TestSite refused(options);
  refused.Load("insert");
  EXPECT_EQ(refused.Run(), Code::kConfiguration);
  options.whole_rows = {"public.nopk"};
  TestSite site(options);
  site.Load("insert"), site.Load("update");
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("1"), "still no key");
  EXPECT_EQ(site.Load("delete"), 6u);
  EXPECT_EQ(site.Run(), Code::kOk);  // also past the record that has neither key nor value
  EXPECT_EQ(site.Contents().size(), 0u);
}

TEST_P(Recorded, ATruncateDeletesWhatTheTableHeld) {
  TestSite site(GetParam());
  site.Load("snapshot"), site.Load("insert"), site.Load("truncate");
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().size(), 0u);
  site.Append(9, {.place = 999'999'992, .after = NoteRow(9, "after it")});
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("note/9"), "after it");
}

TEST_P(Recorded, ASchemaChangeGoesUnnoticedWhereTheMappingDoesNotNameTheColumn) {
  TestSite site(GetParam());
  site.Load("insert"), site.Load("schema_change");
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("note/50"), "new column");
  EXPECT_EQ(site.Contents().at("note/51"), "dropped column");
  EXPECT_EQ(site.Contents().at("note/52"), "type changed");
}

TEST_P(Recorded, AColumnThatTheMappingNamesAndThatIsGoneStopsOrIsNull) {
  TestSite site(GetParam());
  site.options.mapping.documents[0].attributes = {{"status", "{status}"}};
  site.Load("insert"), site.Load("schema_change");
  EXPECT_EQ(site.Run(), Code::kConfiguration);
  EXPECT_EQ(site.Contents().size(), 0u);  // nothing of that batch as if the column were empty
  site.options.missing_columns = OnMissing::kNull;
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("note/52"), "type changed");
}

TEST_P(Recorded, ALogicalMessageIsAWitnessAndNoDocument) {
  TestSite site(GetParam());
  site.options.witnesses = {GetParam() + ".message"};
  site.Load("logical_message");
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_TRUE(site.host.published.empty());
  ASSERT_FALSE(site.host.beats.empty());
  EXPECT_EQ(site.host.beats.back().time, FromMicros(1795226148767701 - 10'000));
}

TEST_F(Recorded, RowsOfAnIncrementalSnapshotLieBetweenTheChangesAroundThem) {
  TestSite site(FullOptions("dbn"));
  site.Load("incremental_snapshot");
  const auto mapping = rows::Mapping::Compile(site.options.mapping);
  Decoder decoder(site.options, *mapping, 7);
  for (const log::Delivered& record : site.topics->partitions[{"dbn.public.note_full", Partition(0)}]) {
    ASSERT_TRUE(decoder.Take(record).ok());
  }
  const Taken taken = decoder.Drain();
  ASSERT_EQ(taken.changes.size(), 4u);
  EXPECT_EQ(taken.changes[0].stamp.version, (Version{7, 22272896, 22272896}));  // the update before it
  EXPECT_EQ(taken.changes[1].stamp.version, (Version{7, 22275368, 0}));
  // A change in the commit after the snapshot's rows has the same commit before it, and wins.
  EXPECT_LT(taken.changes[1].stamp.version, (Version{7, 22275368, 22275400}));
}

TEST_F(Recorded, ATransactionsEventsHaveIdsOfTheirOwnAndOneOrder) {
  TestSite site(NoteOptions("dbt"));
  site.options.witnesses = {"dbt.transaction"};
  site.Load("transaction");
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("note/40"), "tx");
  EXPECT_THAT(site.Changes(), ElementsAre("u note/40"));  // the insert and its update: the newest
  EXPECT_EQ(site.host.beats.back().time, FromMicros(1795226140754160 - 10'000));
}

TEST_F(Recorded, HeartbeatsCountOnlyWhereTheyAreTrusted) {
  for (const bool trusted : {false, true}) {
    TestSite site(NoteOptions("dbt"));
    site.options.witnesses = {"__debezium-heartbeat.dbt"};
    site.options.trust_heartbeats = trusted;
    EXPECT_EQ(site.topics->Load(RecordingOf("heartbeat")), 4u);
    EXPECT_EQ(site.Run(), Code::kOk);
    EXPECT_EQ(site.host.beats.empty(), !trusted);
    EXPECT_TRUE(site.host.published.empty());
  }
}

TEST_F(Recorded, AKeyChangeOfFlattenedRecordsMovesTheDocument) {
  for (const bool full : {false, true}) {
    TestSite site(full ? FullOptions("dbu") : NoteOptions("dbu"));
    const std::string topic = full ? "dbu.public.note_full" : "dbu.public.note";
    // Up to its delete, which is the last of all.
    size_t records = 0;
    site.topics->Load(RecordingOf("unwrap"),
                      [&](const MemoryTopics::Record& one) { return one.topic == topic && ++records <= 6; });
    EXPECT_EQ(site.Run(), Code::kOk);
    const auto contents = site.Contents();
    EXPECT_FALSE(contents.contains("note/3"));
    EXPECT_THAT(contents.at("note/30"), HasSubstr(full ? "x" : "Zoë Müller"));
    records = 0;
    site.topics->Load(RecordingOf("unwrap"),
                      [&](const MemoryTopics::Record& one) { return one.topic == topic && ++records > 6; });
    EXPECT_EQ(site.Run(), Code::kOk);
    EXPECT_FALSE(site.Contents().contains("note/30"));
  }
}

TEST_F(Recorded, WhatIsDeliveredAgainAfterACrashChangesNothing) {
  TestSite site(NoteOptions("dbn"));
  const auto load = [&site] {
    for (const char* name : {"snapshot", "insert", "update", "delete", "schema_change"}) site.Load(name);
  };
  load();
  EXPECT_EQ(site.Run(), Code::kOk);
  const auto contents = site.Contents();
  const size_t published = site.host.published.size();
  load();  // new offsets; a create after its own delete
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_GT(site.host.published.size(), published);
  EXPECT_EQ(site.Contents(), contents);
  // At no moment does an older state show.
  kit::ModelSink sink;
  for (size_t i = 0; i < site.host.published.size(); ++i) {
    sink.Apply(site.host.published[i].event);
    if (i < published) continue;
    EXPECT_EQ(sink.Contents(), contents) << i;
  }
}

}  // namespace
}  // namespace freshet::debezium
