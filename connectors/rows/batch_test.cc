#include "connectors/rows/batch.h"

#include <gtest/gtest.h>

#include "common/config/yaml.h"
#include "connectors/rows/outbox.h"
#include "connectors/rows/testing.h"

namespace freshet::rows {
namespace {

constexpr const char* kClinic = R"(
documents:
  - table: note
    id: "note/{id}"
    content: "{body}"
    title: "Note {id}"
    scope: "ward/{ward}"
    patients: ["{patient}"]
    attributes: {ward: "{ward}"}
    children: [{table: addendum, parent: [note_id], order: [seq], content: "+{body}"}]
  - {table: letter, id: "letter/{id}", content: "{body}", allow: ["user:{reader}"]}
  - {table: memo, id: "memo/{id}", content: "{body}", scope: "ward/{ward}"}
access: [{table: ward_reader, scope: "ward/{ward}", allow: ["user:{login}"], deny: ["{blocked}"]}]
groups: [{table: member, group: "group:{team}", members: ["user:{login}"]}]
patients:
  - {table: patient, patient: "{id}", given: "{given}", family: "{family}", birth_date: born, identifiers: {mrn: "{mrn}"},
     merged_into: "{into}"}
default_access: ["group:everyone"]
)";

class RowsTest : public ::testing::Test {
 protected:
  RowsTest() : mapping(*Mapping::Compile(*ParseOptions<MappingOptions>(*ParseYaml(kClinic, {.name = "t"})))) {}

  Stamp Next(uint64_t place = 0) { return {{1, ++commit, place}, FromMicros(1000)}; }
  void Add(RowChange change) { batch.Add(std::move(change), Next()); }
  void Insert(const std::shared_ptr<const Table>& table, const std::vector<std::string>& values) {
    source.tables[table->name].push_back(MakeRow(table, values));
    Add({RowChange::Kind::kInsert, table, std::nullopt, MakeRow(table, values)});
  }
  Status Flush(RowSource* asked) { return FlushBy(outbox, asked); }
  Status FlushBy(Outbox& run, RowSource* asked) {
    FRESHET_ASSIGN_OR_RETURN(Resolved resolved, batch.Resolve(asked));
    FRESHET_ASSIGN_OR_RETURN(std::vector<ChangeEvent> events, run.Arrange(std::move(resolved), asked));
    for (ChangeEvent& event : events) host.published.push_back({Lane::kLive, std::move(event)});
    return OkStatus();
  }
  Status Flush() { return Flush(&source); }
  std::vector<std::string> Told(size_t from) const {
    std::vector<std::string> told;
    for (size_t i = from; i < host.published.size(); ++i) {
      const auto& [lane, event] = host.published[i];
      const char* kind = std::holds_alternative<Upsert>(event.change)         ? "upsert "
                         : std::holds_alternative<Delete>(event.change)       ? "delete "
                         : std::holds_alternative<Withhold>(event.change)     ? "withhold "
                         : std::holds_alternative<AccessChange>(event.change) ? "list "
                                                                              : "other ";
      const auto* list = std::get_if<AccessChange>(&event.change);
      told.push_back(std::string(kind) + (list ? list->scope.value : event.origin.document.value));
    }
    return told;
  }

  const std::shared_ptr<const Table> note = MakeTable("note", {"id", "body", "ward", "patient"}, {"id"});
  const std::shared_ptr<const Table> addendum = MakeTable("addendum", {"note_id", "seq", "body"}, {"note_id", "seq"});
  const std::shared_ptr<const Table> letter = MakeTable("letter", {"id", "body", "reader"}, {"id"});
  const std::shared_ptr<const Table> memo = MakeTable("memo", {"id", "body", "ward"}, {"id"});
  const std::shared_ptr<const Table> reader = MakeTable("ward_reader", {"ward", "login", "blocked"}, {"ward", "login"});
  const std::shared_ptr<const Table> patient =
      MakeTable("patient", {"id", "given", "family", "born", "mrn", "into"}, {"id"});
  Mapping mapping;
  FakeSource source;
  RecordingHost host;
  Outbox outbox{mapping};
  Batch batch{mapping};
  uint64_t commit = 0;
};

TEST_F(RowsTest, ADocumentOfItsRowAndItsChildrenInOrder) {
  Insert(addendum, {"7", "2", "second"});
  Insert(addendum, {"7", "1", "first"});
  Insert(addendum, {"8", "1", "of another"});
  Insert(note, {"7", "text", "icu", "p1"});
  ASSERT_TRUE(Flush().ok());
  const SinkModel sink = host.Replayed();
  EXPECT_EQ(sink.Contents(), (std::map<std::string, std::string>{{"note/7", "text+first+second"}}));
  const Upsert& upsert = sink.documents.at("note/7").upsert;
  EXPECT_EQ(upsert.title, "Note 7");
  EXPECT_EQ(upsert.access_scope.value, "ward/icu");
  EXPECT_EQ(upsert.patients, std::vector<PatientId>{PatientId("p1")});
  EXPECT_EQ(upsert.attributes, (std::vector<Attribute>{{"ward", {"icu"}}}));
}

TEST_F(RowsTest, TheLastChangeOfABatchIsPublishedOnce) {
  for (const char* body : {"one", "two", "three"}) Insert(letter, {"7", body, "ada"});
  ASSERT_TRUE(Flush().ok());
  EXPECT_EQ(Told(0), (std::vector<std::string>{"list document/letter/7", "upsert letter/7"}));
  EXPECT_EQ(host.Replayed().Contents().at("letter/7"), "three");
  EXPECT_EQ(host.Replayed().documents.at("letter/7").content_version.position, 3u);
}

TEST_F(RowsTest, AListOfItsOwnWaitsForItsContent) {
  Insert(letter, {"7", "x", "ada"});
  ASSERT_TRUE(Flush().ok());
  const auto& list = std::get<AccessChange>(host.published[0].event.change);
  EXPECT_EQ(list.content_version, host.published[1].event.origin.version);
  EXPECT_EQ(host.Replayed().Access("document/letter/7"), "user:ada");
}

// A snapshot that is taken again: each list is told again, but nothing is withheld where it says what it said; only
// that what this run told first may not be what the sink has.
TEST_F(RowsTest, AForgottenListIsToldAgainAndHidesNothingUnlessItMayDiffer) {
  Insert(reader, {"icu", "ada", ""});
  for (int i = 0; i < 50; ++i) Insert(note, {std::to_string(i), "text", "icu", "p"});
  ASSERT_TRUE(Flush().ok());
  const auto again = [&](const std::string& body) {
    const size_t from = host.published.size();
    outbox.ForgetScopes();
    Insert(note, {"7", body, "icu", "p"});
    EXPECT_TRUE(Flush().ok());
    return Told(from);
  };
  EXPECT_EQ(again("second").size(), 53u);  // 51 are withheld
  EXPECT_EQ(again("again"), (std::vector<std::string>{"list ward/icu", "upsert note/7"}));
  source.tables["ward_reader"].push_back(MakeRow(reader, {"icu", "bob", ""}));
  const std::vector<std::string> changed = again("third");
  EXPECT_EQ(std::count(changed.begin(), changed.end(), "list ward/icu"), 1);
  EXPECT_GE(std::count_if(changed.begin(), changed.end(), [](const auto& t) { return t.starts_with("withhold "); }),
            50);
  Insert(note, {"7", "fourth", "icu", "p"});
  const size_t from = host.published.size();
  ASSERT_TRUE(Flush().ok());
  EXPECT_EQ(Told(from), std::vector<std::string>{"upsert note/7"}) << "and is told once";
}

TEST_F(RowsTest, AKeyChangeDeletesTheOldDocument) {
  Insert(letter, {"7", "x", "ada"});
  Add({RowChange::Kind::kUpdate, letter, MakeRow(letter, {"7", "~", "~"}), MakeRow(letter, {"8", "x", "ada"})});
  ASSERT_TRUE(Flush().ok());
  EXPECT_EQ(host.Replayed().Contents(), (std::map<std::string, std::string>{{"letter/8", "x"}}));
}

TEST_F(RowsTest, WhatIsGoneWhenItIsFetchedIsDeleted) {
  Add({RowChange::Kind::kInsert, note, std::nullopt, MakeRow(note, {"9", "x", "icu", "p"})});
  ASSERT_TRUE(Flush().ok());
  EXPECT_EQ(Told(0), std::vector<std::string>{"delete note/9"});
}

TEST_F(RowsTest, AListGoesOutBeforeTheFirstContentOfItsScope) {
  source.tables["ward_reader"] = {MakeRow(reader, {"icu", "ada", "-"}), MakeRow(reader, {"icu", "bob", "user:eve"})};
  Insert(memo, {"1", "x", "icu"});
  Insert(memo, {"2", "x", "er"});
  ASSERT_TRUE(Flush().ok());
  const SinkModel sink = host.Replayed();
  EXPECT_EQ(sink.Access("ward/icu"), "user:ada user:bob -user:eve");
  EXPECT_TRUE(sink.scopes.at("ward/er").second.removed);  // nobody, whatever the sink knew
  EXPECT_EQ(sink.Contents().size(), 2u);
  // The next content of that scope asks for nothing.
  const int selects = source.selects;
  Insert(memo, {"3", "x", "icu"});
  ASSERT_TRUE(Flush().ok());
  EXPECT_EQ(source.selects, selects);
}

TEST_F(RowsTest, AWidenedListOpensNoOlderContent) {
  source.tables["ward_reader"] = {MakeRow(reader, {"icu", "ada", "-"})};
  Insert(memo, {"1", "redacted", "icu"});
  ASSERT_TRUE(Flush().ok());
  const Version content = host.Replayed().documents.at("memo/1").content_version;
  const size_t from = host.published.size();
  Insert(reader, {"icu", "bob", "-"});
  ASSERT_TRUE(Flush().ok());
  // The content may still be on its way at the sink: what is older is hidden, what is newer is not.
  EXPECT_EQ(Told(from), (std::vector<std::string>{"withhold memo/1", "list ward/icu"}));
  EXPECT_LT(host.published[from].event.origin.version, content);
  EXPECT_EQ(host.Replayed().Contents().count("memo/1"), 1u);
  // A change that leaves the list as it is hides nothing.
  Add({RowChange::Kind::kUpdate, reader, std::nullopt, MakeRow(reader, {"icu", "bob", "-"})});
  const size_t same = host.published.size();
  ASSERT_TRUE(Flush().ok());
  EXPECT_EQ(Told(same), std::vector<std::string>{"list ward/icu"});
}

// What a change is told with is asked for as it is now. A run that was killed may have told one version by what was
// then, and the sink keeps what came first: the change that came between must be told, though this run has told its
// list.
TEST_F(RowsTest, AListThatTheRunBeforeToldOtherwiseIsToldByItsNextChange) {
  for (const bool granted : {true, false}) {
    host.published.clear();
    commit = 0;
    const auto ada = MakeRow(reader, {"icu", "ada", "-"}), bob = MakeRow(reader, {"icu", "bob", "-"});
    const auto first = [&](Outbox& run, std::vector<Row> rows) {
      source.tables["ward_reader"] = std::move(rows);
      commit = 0;
      Add({RowChange::Kind::kInsert, reader, std::nullopt, ada});
      ASSERT_TRUE(FlushBy(run, &source).ok());
    };
    const std::vector<Row> before = granted ? std::vector{ada} : std::vector{ada, bob};
    const std::vector<Row> after = granted ? std::vector{ada, bob} : std::vector{ada};
    Outbox killed(mapping), next(mapping);
    first(killed, before);
    first(next, after);
    if (granted) {
      Add({RowChange::Kind::kInsert, reader, std::nullopt, bob});
    } else {
      Add({RowChange::Kind::kDelete, reader, bob, std::nullopt});
    }
    ASSERT_TRUE(FlushBy(next, &source).ok());
    EXPECT_EQ(host.Replayed().Access("ward/icu"), granted ? "user:ada user:bob" : "user:ada");
  }
}

// The run before told the first list without bob, and was killed: to the sink he is let in by the second, though this
// run has told of him before.
TEST_F(RowsTest, WhatTheRunBeforeMayHaveToldOtherwiseOpensNoOlderContent) {
  source.tables["ward_reader"] = {MakeRow(reader, {"icu", "ada", "-"}), MakeRow(reader, {"icu", "bob", "-"})};
  Insert(memo, {"1", "not for bob", "icu"});
  ASSERT_TRUE(Flush().ok());
  Insert(memo, {"1", "redacted", "icu"});
  ASSERT_TRUE(Flush().ok());
  const auto told_of_bob = [&] {
    const size_t from = host.published.size();
    Add({RowChange::Kind::kInsert, reader, std::nullopt, MakeRow(reader, {"icu", "bob", "-"})});
    EXPECT_TRUE(Flush().ok());
    return Told(from);
  };
  EXPECT_EQ(told_of_bob(), (std::vector<std::string>{"withhold memo/1", "withhold memo/1", "list ward/icu"}));
  EXPECT_EQ(told_of_bob(), std::vector<std::string>{"list ward/icu"});
  // It may have told several versions: of all that was committed before this run nobody knows what the sink has.
  Outbox later(mapping, FromMicros(1) + std::chrono::hours(1));
  Insert(memo, {"1", "redacted again", "icu"});
  ASSERT_TRUE(FlushBy(later, &source).ok());
  for (int i = 0; i < 3; ++i) {
    const size_t from = host.published.size();
    Add({RowChange::Kind::kInsert, reader, std::nullopt, MakeRow(reader, {"icu", "bob", "-"})});
    ASSERT_TRUE(FlushBy(later, &source).ok());
    EXPECT_EQ(Told(from), (std::vector<std::string>{"withhold memo/1", "list ward/icu"})) << i;
  }
}

TEST_F(RowsTest, AnOlderListOfASnapshotDoesNotHideANewerChange) {
  Insert(reader, {"icu", "ada", "-"});
  Insert(reader, {"icu", "bob", "-"});
  ASSERT_TRUE(Flush().ok());
  Resolved snapshot;  // as it was before bob came
  const std::vector<Row> before = {MakeRow(reader, {"icu", "ada", "-"})};
  ASSERT_TRUE(AddList(mapping, {EntityKind::kScope, 0, {"icu"}}, before, {{1, 0, 0}, {}}, snapshot).ok());
  Result<std::vector<ChangeEvent>> arranged = outbox.Arrange(std::move(snapshot), &source);
  ASSERT_TRUE(arranged.ok());
  for (ChangeEvent& event : *arranged) host.published.push_back({Lane::kBackfill, std::move(event)});
  source.tables["ward_reader"].pop_back();
  Add({RowChange::Kind::kDelete, reader, MakeRow(reader, {"icu", "bob", "~"}), std::nullopt});
  ASSERT_TRUE(Flush().ok());
  EXPECT_EQ(host.Replayed().Access("ward/icu"), "user:ada");
}

// Their topics keep what came last. A snapshot is read ahead: its row is of before a change that the stream told.
TEST_F(RowsTest, AnOlderIdentityOrGroupOfASnapshotIsNotTold) {
  const auto member = MakeTable("member", {"team", "login"}, {"team", "login"});
  const auto identity = [&](const std::string& family) {
    return MakeRow(patient, {"p1", "Ada", family, "1815-12-10", "MRN1", "-"});
  };
  const auto told_of_snapshot = [&](uint64_t version, const std::string& family) {
    Resolved snapshot;
    const Stamp stamp{{1, version, 0}, {}};
    AddIdentity(mapping, mapping.identities()[0], identity(family), stamp, snapshot);
    EXPECT_TRUE(AddList(mapping, {EntityKind::kGroup, 0, {"7"}}, std::vector<Row>{MakeRow(member, {"7", "ada"})}, stamp,
                        snapshot)
                    .ok());
    EXPECT_EQ(snapshot.size(), 2u);
    const auto arranged = outbox.Arrange(std::move(snapshot), &source, Outbox::Told::kBySnapshot);
    EXPECT_TRUE(arranged.ok());
    return arranged.ok() ? arranged->size() : 99;
  };
  EXPECT_EQ(told_of_snapshot(1, "Byron"), 2u);
  commit = 1;
  Insert(patient, {"p1", "Ada", "Lovelace", "1815-12-10", "MRN1", "-"});
  Insert(member, {"7", "bob"});
  ASSERT_TRUE(Flush().ok());
  EXPECT_EQ(told_of_snapshot(1, "Byron"), 0u);
  EXPECT_EQ(told_of_snapshot(9, "King"), 2u) << "read after it";
}

TEST_F(RowsTest, TheLastReaderOfAScopeLeaves) {
  Insert(reader, {"icu", "ada", "-"});
  ASSERT_TRUE(Flush().ok());
  EXPECT_EQ(host.Replayed().Access("ward/icu"), "user:ada");
  source.tables["ward_reader"].clear();
  Add({RowChange::Kind::kDelete, reader, MakeRow(reader, {"icu", "ada", "~"}), std::nullopt});
  ASSERT_TRUE(Flush().ok());
  EXPECT_TRUE(host.Replayed().scopes.at("ward/icu").second.removed);
}

TEST_F(RowsTest, WhatIsNoPrincipalLetsNobodyIn) {
  Insert(reader, {"icu", "ada", "eve"});
  ASSERT_TRUE(Flush().ok());
  EXPECT_EQ(host.Replayed().Access("ward/icu"), "user:ada");
}

TEST_F(RowsTest, PatientsAndGroups) {
  Insert(patient, {"p1", "Ada Maria", "Lovelace", "1815-12-10", "MRN1", "-"});
  Insert(patient, {"p2", "A.", "Lovelace", "-", "-", "p1"});
  const auto member = MakeTable("member", {"team", "login"}, {"team", "login"});
  Insert(member, {"nurses", "ada"});
  Insert(member, {"nurses", "bob"});
  ASSERT_TRUE(Flush().ok());
  SinkModel sink = host.Replayed();
  const IdentityChange ada = sink.identities.at("p1/").second;
  EXPECT_EQ(ada.names[0].given, (std::vector<std::string>{"Ada", "Maria"}));
  EXPECT_EQ(ada.birth_date, "1815-12-10");
  EXPECT_EQ(ada.identifiers[0].value, "MRN1");
  EXPECT_TRUE(ada.merged_into.empty());
  EXPECT_EQ(sink.identities.at("p2/").second.merged_into.value, "p1");
  EXPECT_EQ(sink.groups.at("group:nurses").second.members.size(), 2u);
  Add({RowChange::Kind::kDelete, patient, MakeRow(patient, {"p1", "~", "~", "~", "~", "~"}), std::nullopt});
  ASSERT_TRUE(Flush().ok());
  EXPECT_TRUE(host.Replayed().identities.at("p1/").second.retracted);
}

TEST_F(RowsTest, ContentThatIsNoTextIsRefusedVisibly) {
  Insert(letter, {"7", "\xFF\xFE", "ada"});
  Insert(letter, {"8", std::string(16u << 20, 'x'), "ada"});
  ASSERT_TRUE(Flush().ok());
  EXPECT_EQ(host.Replayed().Contents(),
            (std::map<std::string, std::string>{{"letter/7", "!invalid_utf8"}, {"letter/8", "!document_too_large"}}));
}

TEST_F(RowsTest, WithoutASourceWhatIsUnknownIsSaid) {
  batch.Add({RowChange::Kind::kUpdate, memo, std::nullopt, MakeRow(memo, {"1", "~", "icu"})}, Next());
  ASSERT_TRUE(Flush(nullptr).ok());
  EXPECT_EQ(host.Replayed().Contents().at("memo/1"), "!unsupported_change");
  batch.Add({RowChange::Kind::kInsert, reader, std::nullopt, MakeRow(reader, {"icu", "ada", "-"})}, Next());
  EXPECT_EQ(Flush(nullptr).code(), Code::kConfiguration);
}

TEST_F(RowsTest, AFailingSourceFailsTheBatch) {
  Insert(note, {"7", "x", "icu", "p"});
  source.failure = Status(Code::kUnavailable, "gone");
  EXPECT_EQ(Flush().code(), Code::kUnavailable);
}

TEST_F(RowsTest, ABatchIsFullOfBytesOfChangesAndOfWhatItHasToAskFor) {
  Batch bytes(mapping, {.changes = 1000, .bytes = 1000});
  bytes.Add({RowChange::Kind::kInsert, letter, std::nullopt, MakeRow(letter, {"1", std::string(2000, 'x'), "a"})},
            Next());
  EXPECT_TRUE(bytes.is_full());
  Batch asked(mapping, {.bytes = 1000, .fetched = 300});
  Batch many(mapping, {.changes = 4});
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(asked.is_full() || many.is_full());
    asked.Add({RowChange::Kind::kInsert, note, std::nullopt, MakeRow(note, {std::to_string(i), "x", "i", "p"})},
              Next());
    many.Add({RowChange::Kind::kInsert, memo, std::nullopt, MakeRow(memo, {std::to_string(i), "x", "i"})}, Next());
  }
  EXPECT_TRUE(asked.is_full());
  EXPECT_TRUE(many.is_full());
}

}  // namespace
}  // namespace freshet::rows
