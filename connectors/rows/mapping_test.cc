#include "connectors/rows/mapping.h"

#include <gtest/gtest.h>

#include "common/config/yaml.h"
#include "connectors/rows/testing.h"

namespace freshet::rows {
namespace {

constexpr const char* kClinic = R"(
documents:
  - table: public.note
    id: "note/{id}"
    content: "{body}"
    scope: "ward/{ward}"
    where: {status: [final, amended, wrong]}
    entered_in_error: {status: [wrong]}
    children: [{table: public.addendum, parent: [note_id], order: [seq], content: "{body}"}]
  - {table: public.letter, id: "letter/{id}", content: "{body}", allow: ["user:{reader}"]}
access: [{table: public.ward_reader, scope: "ward/{ward}", allow: ["user:{login}"]}]
groups: [{table: public.member, group: "group:{team}", members: ["user:{login}"]}]
patients: [{table: public.patient, patient: "{id}", given: "{given}", family: "{family}"}]
)";

Result<Mapping> Compiled(const std::string& yaml) {
  FRESHET_ASSIGN_OR_RETURN(const ConfigNode node, ParseYaml(yaml, {.name = "test.yaml"}));
  FRESHET_ASSIGN_OR_RETURN(const MappingOptions options, ParseOptions<MappingOptions>(node));
  return Mapping::Compile(options);
}

Mapping Clinic() {
  Result<Mapping> mapping = Compiled(kClinic);
  EXPECT_TRUE(mapping.ok()) << mapping.status().ToString();
  return *mapping;
}

// "document 0 [7] fetch", "scope 0 [icu] delete", ...
std::string Told(const std::vector<Touch>& touches) {
  static constexpr const char* kKinds[] = {"document", "scope", "group", "identity"};
  static constexpr const char* kWhats[] = {"upsert", "fetch", "delete", "error"};
  std::string text;
  for (const Touch& touch : touches) {
    text += (text.empty() ? "" : "; ") + std::string(kKinds[static_cast<int>(touch.key.kind)]) + " " +
            std::to_string(touch.key.rule) + " [";
    for (const std::string& value : touch.key.values) text += value;
    text += "] " + std::string(kWhats[static_cast<int>(touch.what)]);
  }
  return text;
}

const auto kNote = MakeTable("public.note", {"id", "body", "ward", "status"}, {"id"});
const auto kLetter = MakeTable("public.letter", {"id", "body", "reader"}, {"id"});
const auto kAddendum = MakeTable("public.addendum", {"note_id", "seq", "body"}, {"note_id", "seq"});
const auto kReader = MakeTable("public.ward_reader", {"ward", "login"}, {"ward", "login"});
const auto kPatient = MakeTable("public.patient", {"id", "given", "family"}, {"id"});

std::string Insert(const std::shared_ptr<const Table>& table, const std::vector<std::string>& values) {
  return Told(Clinic().TouchedBy({RowChange::Kind::kInsert, table, std::nullopt, MakeRow(table, values)}));
}
std::string Update(const std::shared_ptr<const Table>& table, const std::vector<std::string>& before,
                   const std::vector<std::string>& after) {
  RowChange change{RowChange::Kind::kUpdate, table, std::nullopt, MakeRow(table, after)};
  if (!before.empty()) change.before = MakeRow(table, before);
  return Told(Clinic().TouchedBy(change));
}
std::string Deleted(const std::shared_ptr<const Table>& table, const std::vector<std::string>& before) {
  return Told(Clinic().TouchedBy({RowChange::Kind::kDelete, table, MakeRow(table, before), std::nullopt}));
}

TEST(Mapping, ARowIsADocument) {
  EXPECT_EQ(Insert(kLetter, {"7", "x", "ada"}), "document 1 [7] upsert");
  EXPECT_EQ(Update(kLetter, {}, {"7", "y", "ada"}), "document 1 [7] upsert");
  EXPECT_EQ(Deleted(kLetter, {"7", "~", "~"}), "document 1 [7] delete");
}

TEST(Mapping, WhatDidNotTravelIsFetched) { EXPECT_EQ(Update(kLetter, {}, {"7", "~", "ada"}), "document 1 [7] fetch"); }

TEST(Mapping, AChangedKeyIsADeleteAndAnotherDocument) {
  EXPECT_EQ(Update(kLetter, {"7", "~", "~"}, {"8", "y", "ada"}), "document 1 [7] delete; document 1 [8] upsert");
}

TEST(Mapping, WithChildrenItIsFetchedWhole) {
  EXPECT_EQ(Insert(kNote, {"7", "x", "icu", "final"}), "document 0 [7] fetch");
  EXPECT_EQ(Insert(kAddendum, {"7", "1", "more"}), "document 0 [7] fetch");
  EXPECT_EQ(Deleted(kAddendum, {"7", "1", "~"}), "document 0 [7] fetch");
  EXPECT_EQ(Update(kAddendum, {"7", "1", "~"}, {"8", "1", "m"}), "document 0 [7] fetch; document 0 [8] fetch");
}

TEST(Mapping, RowsOfOtherValuesAreNoDocuments) {
  EXPECT_EQ(Insert(kNote, {"7", "x", "icu", "draft"}), "document 0 [7] delete");
  EXPECT_EQ(Insert(kNote, {"7", "x", "icu", "-"}), "document 0 [7] delete");
  EXPECT_EQ(Insert(kNote, {"7", "x", "icu", "wrong"}), "document 0 [7] error");
  EXPECT_EQ(Insert(kNote, {"7", "x", "icu", "~"}), "document 0 [7] fetch");
}

TEST(Mapping, AListOfSeveralRowsIsFetched) {
  EXPECT_EQ(Insert(kReader, {"icu", "ada"}), "scope 0 [icu] fetch");
  EXPECT_EQ(Update(kReader, {"icu", "ada"}, {"er", "ada"}), "scope 0 [icu] fetch; scope 0 [er] fetch");
  const auto alone = MakeTable("public.ward_reader", {"ward", "login"}, {"ward"});
  EXPECT_EQ(Insert(alone, {"icu", "ada"}), "scope 0 [icu] upsert");
  EXPECT_EQ(Deleted(alone, {"icu", "~"}), "scope 0 [icu] delete");
}

TEST(Mapping, PatientsAndGroups) {
  EXPECT_EQ(Insert(kPatient, {"p1", "Ada", "L"}), "identity 0 [p1] upsert");
  EXPECT_EQ(Deleted(kPatient, {"p1", "~", "~"}), "identity 0 [p1] delete");
  const auto member = MakeTable("public.member", {"team", "login"}, {"team", "login"});
  EXPECT_EQ(Insert(member, {"a", "ada"}), "group 0 [a] fetch");
}

TEST(Mapping, ARowWithoutTheColumnsOfItsNameIsNothing) { EXPECT_EQ(Insert(kLetter, {"-", "x", "ada"}), ""); }

TEST(Mapping, ChecksThatWhatARowBelongsToIsInItsKey) {
  const Mapping mapping = Clinic();
  EXPECT_TRUE(mapping.CheckTable(*kNote).ok());
  EXPECT_TRUE(mapping.CheckTable(*MakeTable("public.unmapped", {"x"}, {})).ok());
  // A child that could move to another document without our being told from where.
  const auto hidden = MakeTable("public.addendum", {"id", "note_id", "seq", "body"}, {"id"});
  EXPECT_EQ(mapping.CheckTable(*hidden).code(), Code::kConfiguration);
  EXPECT_NE(mapping.CheckTable(*hidden).message().find("REPLICA IDENTITY FULL"), std::string::npos);
  EXPECT_TRUE(mapping.CheckTable(*MakeTable("public.addendum", {"id", "note_id", "seq", "body"}, {"id"}, true)).ok());
  const auto renamed = MakeTable("public.note", {"id", "text", "ward", "status"}, {"id"});
  EXPECT_NE(mapping.CheckTable(*renamed).message().find("no column body"), std::string::npos);
}

TEST(Mapping, RefusesWhatCannotBeMeant) {
  for (const char* yaml :
       {"documents: [{table: t, id: fixed, content: x}]", "documents: []",
        "documents: [{table: t, id: \"{a}\", content: \"{\"}]",
        "documents: [{table: t, id: \"{a}\", content: x, scope: s, allow: [\"user:a\"]}]",
        "documents: [{table: t, id: \"{a}\", content: x, children: [{table: c, parent: [a, b], "
        "content: y}]}]",
        "access: [{table: t, scope: all, allow: [\"user:a\"]}]", "documents: [{table: t, idd: x}]"}) {
    EXPECT_EQ(Compiled(yaml).code(), Code::kConfiguration) << yaml;
  }
}

TEST(Mapping, KnowsItsTablesScopesAndFingerprint) {
  const Mapping mapping = Clinic();
  EXPECT_EQ(mapping.tables(), (std::vector<std::string>{"public.addendum", "public.letter", "public.member",
                                                        "public.note", "public.patient", "public.ward_reader"}));
  ASSERT_TRUE(mapping.ScopeKey("ward/icu").has_value());
  EXPECT_EQ(mapping.ScopeKey("ward/icu")->values, std::vector<std::string>{"icu"});
  EXPECT_FALSE(mapping.ScopeKey("default").has_value());
  EXPECT_EQ(mapping.fingerprint(), Clinic().fingerprint());
  std::string other = kClinic;
  other.replace(other.find("amended"), 7, "preprnt");
  EXPECT_NE(mapping.fingerprint(), Compiled(other)->fingerprint());
}

}  // namespace
}  // namespace freshet::rows
