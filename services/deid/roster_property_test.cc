// The compact roster against a plain one, which keeps every change and looks at each form of each patient: the same
// findings for any history and any text.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "services/deid/roster.h"
#include "services/deid/roster_match.h"
#include "services/deid/roster_record.h"

namespace freshet::deid {
namespace {

constexpr std::string_view kGiven[] = {"Žofie", "William",  "Maria", "Jürgen", "May",
                                       "Lin",   "Mary Ann", "Олга",  "Xavier"};
constexpr std::string_view kFamily[] = {"Quill-Ostrander", "Müller", "Young", "van der Heide", "Fennimore",
                                        "O'Brien",         "Lee",    "王",    "Tarkowski"};
constexpr std::string_view kTowns[] = {"Tarrywile, CT 06810", "Springfield", "Oak Park IL 60302"};

class World {
 public:
  explicit World(uint64_t seed) : random_(seed) {}

  template <class Choices>
  std::string Any(const Choices& choices) {
    return std::string(choices[random_() % std::size(choices)]);
  }
  bool Rarely() { return random_() % 5 == 0; }
  uint64_t Below(uint64_t limit) { return random_() % limit; }

  IdentityChange AnyIdentity() {
    IdentityChange change{.patient = PatientId("p" + std::to_string(Below(40))),
                          .identity = Rarely() ? "maiden" : "legal"};
    if (Rarely()) {
      change.retracted = true;
      return change;
    }
    HumanName name{.given = {Any(kGiven)}, .family = Any(kFamily), .prefix = "Dr."};
    if (Rarely()) name.given.push_back(Any(kGiven));
    change.names.push_back(std::move(name));
    change.identifiers.push_back({Rarely() ? "Visit No" : "mrn", "KX-" + std::to_string(4000 + Below(60)) + "-2"});
    if (Rarely()) change.identifiers.push_back({"ssn", "０７８-05-11" + std::to_string(10 + Below(9))});
    if (Rarely()) change.identifiers.push_back({"member", "000" + std::to_string(Below(30))});
    if (Rarely()) change.identifiers.push_back({"account", "XQZVD"});
    if (!Rarely()) change.birth_date = "19" + std::to_string(60 + Below(9)) + "-03-04";
    if (Rarely()) change.addresses.push_back(std::to_string(Below(30)) + " Elm Street, " + Any(kTowns));
    if (Rarely()) change.telecoms.push_back("+1 (617) 555-01" + std::to_string(10 + Below(9)));
    if (Rarely()) change.telecoms.push_back("Z" + std::to_string(Below(20)) + ".Quill@example.org");
    if (Rarely()) change.merged_into = PatientId("p" + std::to_string(Below(40)));
    return change;
  }

  std::string AnyText() {
    std::string text;
    for (int i = 0; i < 60; ++i) {
      const IdentityChange who = AnyIdentity();
      if (who.names.empty()) continue;
      const std::string& given = who.names[0].given[0];
      const std::string& family = who.names[0].family;
      const std::string written[] = {given + " " + family,
                                     family + ", " + given,
                                     given,
                                     "Bill Fennimore",
                                     who.identifiers[0].value,
                                     "kx 4012 2, 078-05-1112",
                                     given + " X. " + family + "-Oldcastle",
                                     who.addresses.empty() ? "0007 mrs" : who.addresses[0],
                                     who.telecoms.empty() ? "xqzvd" : who.telecoms[0],
                                     "Ostrnader and will young"};
      text += Any(written) + (Rarely() ? ".\n" : " was seen ");
    }
    return text;
  }

 private:
  std::mt19937_64 random_;
};

// Everything as it was told; what is telling in every document is looked for patient by patient.
class PlainRoster {
 public:
  void Apply(const IdentityChange& change, const Version& version) {
    auto& known = identities_[{change.patient.value, change.identity}];
    if (version <= known.second) return;
    known = {change, version};
  }
  void Link(const IdentityChange& change, const Version& version) {
    if (change.merged_into.empty() || change.merged_into == change.patient) return;
    auto& link = links_[change.patient.value];
    if (version <= link.second) return;
    link = {change.merged_into.value, version};
  }

  std::vector<Finding> Find(const Text& text, const std::string& patient, RosterScope scope) const {
    std::set<std::string> own = {patient};
    for (size_t before = 0; before != own.size();) {
      before = own.size();
      for (const auto& [from, link] : links_) {
        if (own.contains(from)) own.insert(link.first);
        if (own.contains(link.first)) own.insert(from);
      }
    }
    std::vector<IdentityForms> forms;
    std::vector<IdentityForms> others;
    for (const auto& [key, known] : identities_) {
      if (known.first.retracted) continue;
      if (own.contains(key.first)) forms.push_back(FormsOf(known.first));
      others.push_back(FormsOf(known.first));
    }
    const SourceForms all = Telling(others);
    MatchInput input{.source_key = 7, .by_source = scope == RosterScope::kSource ? &all : nullptr};
    for (const IdentityForms& one : forms) input.identities.push_back(&one);
    if (scope == RosterScope::kSource) input.source_lengths = ~uint64_t{0};
    std::vector<Finding> findings;
    MatchForms(text, input, findings);
    return findings;
  }

 private:
  static SourceForms Telling(const std::vector<IdentityForms>& forms) {
    SourceForms all;
    for (const IdentityForms& one : forms) all.Count(7, one, +1);
    return all;
  }

  std::map<std::pair<std::string, std::string>, std::pair<IdentityChange, Version>> identities_;
  std::map<std::string, std::pair<std::string, Version>> links_;
};

// In one order, each once.
std::vector<std::string> Printed(std::vector<Finding> findings) {
  std::vector<std::string> lines;
  for (const Finding& finding : findings) {
    lines.push_back(std::to_string(finding.begin) + "-" + std::to_string(finding.end) + " " +
                    std::string(LabelOf(finding.type)) + " " + std::string(finding.detector));
  }
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return lines;
}

TEST(RosterProperty, FindsWhatAPlainRosterFinds) {
  const SourceName source("ehr");
  size_t found = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    World world(seed);
    RosterBuilder builder;
    PlainRoster plain;
    for (uint64_t position = 1; position <= 120; ++position) {
      const IdentityChange change = world.AnyIdentity();
      builder.Apply(source, change, {1, position});
      plain.Apply(change, {1, position});
      plain.Link(change, {1, position});
      if (position % 30 != 0) continue;
      const auto roster = builder.Snapshot();
      const std::string written = world.AnyText();
      const Text text(written);
      const std::vector<PatientId> patients = {PatientId("p" + std::to_string(world.Below(40)))};
      for (const RosterScope scope : {RosterScope::kSource, RosterScope::kDocumentPatients}) {
        std::vector<Finding> findings;
        roster->Find(text, {source, patients, scope}, findings);
        const auto expected = plain.Find(text, patients[0].value, scope);
        ASSERT_EQ(Printed(findings), Printed(expected)) << "seed " << seed << " at " << position;
        found += findings.size();
      }
    }
  }
  EXPECT_GT(found, 500u);
}

TEST(RosterProperty, ARecordGivesTheFormsOfWhatWasTold) {
  const auto print = [](const IdentityForms& forms) {
    std::vector<std::array<uint64_t, 8>> rows;
    for (const Form& form : forms.forms) {
      rows.push_back({form.hash, form.first, form.tokens, form.length, static_cast<uint64_t>(form.type),
                      static_cast<uint64_t>(form.reach), form.cased, form.own_cased});
    }
    return rows;
  };
  World world(99);
  for (int i = 0; i < 1000; ++i) {
    IdentityChange change = world.AnyIdentity();
    if (change.retracted) continue;
    change.identifiers.push_back({"dl", std::string(world.Any(kFamily)) + std::to_string(world.Below(100'000))});
    RosterRecord record;
    record.identities["legal"] = {{1, 2, 3}, Searched(change)};
    record.merged_into = "P-9";
    record.linked = {4, 5};
    record.merged_from = {"a", "b"};
    const RosterRecord back = UnpackRecord(PackRecord(record));
    const KnownIdentity& known = back.identities.at("legal");
    EXPECT_EQ(known.version, Version({1, 2, 3}));
    EXPECT_EQ(back.merged_into + *back.merged_from.begin(), "P-9a");
    EXPECT_EQ(back.linked, Version({4, 5}));
    const IdentityForms told = FormsOf(change), kept = FormsOf(*known.who);
    ASSERT_EQ(print(told), print(kept)) << i;
    IdentityForms wide = told;
    std::erase_if(wide.forms, [](const Form& form) { return form.reach != Reach::kSource; });
    ASSERT_EQ(print(SourceFormsOf(change)), print(wide)) << i;
    EXPECT_EQ(told.birth_dates, kept.birth_dates);
    EXPECT_EQ(told.near, kept.near);
    EXPECT_EQ(told.near_beside, kept.near_beside);
  }
}

TEST(RosterProperty, AMergeThatIsRepeatedAndAnEmptyRecordAreNothing) {
  EXPECT_EQ(PackRecord({}), "");
  EXPECT_TRUE(UnpackRecord("").empty());
  RosterBuilder builder;
  builder.Apply(SourceName("ehr"), {.patient = PatientId("p1"), .identity = "legal", .retracted = true});
  EXPECT_EQ(builder.patients(), 0u);
  EXPECT_TRUE(builder.Snapshot()->empty());
}

}  // namespace
}  // namespace freshet::deid
