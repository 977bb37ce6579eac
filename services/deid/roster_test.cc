#include "services/deid/roster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "services/deid/detector_test_util.h"

namespace freshet::deid {
namespace {

const SourceName kSource("ehr");
const std::vector<PatientId> kPatient = {PatientId("p1")};

IdentityChange Quill() {
  IdentityChange change{.patient = PatientId("p1"), .identity = "legal", .birth_date = "1961-03-04"};
  change.names.push_back({.given = {"Žofie", "Maria"}, .family = "Quill-Ostrander", .prefix = "Dr."});
  change.identifiers = {{"mrn", "00-4711-83"}, {"ssn", "078-05-1120"}, {"member", "XQ 99 1234 567"}};
  change.addresses = {"12 Elm Street, Tarrywile, CT 06810"};
  change.telecoms = {"+1 617 555 0123", "zofie@quill.example"};
  return change;
}

std::shared_ptr<const Roster> RosterOf(std::initializer_list<IdentityChange> changes) {
  RosterBuilder builder;
  for (const IdentityChange& change : changes) builder.Apply(kSource, change);
  return builder.Snapshot();
}

// What the roster alone finds.
std::string Found(const Roster& roster, std::string_view source_text, RosterScope scope = RosterScope::kSource,
                  std::span<const PatientId> patients = kPatient) {
  const Text text(source_text);
  std::vector<Finding> findings;
  roster.Find(text, {kSource, patients, scope}, findings);
  std::string out;
  for (const Finding& finding : Resolve(text, *DefaultPolicy(), findings).findings) {
    out += (out.empty() ? "" : "|") + std::string(source_text.substr(finding.begin, finding.end - finding.begin));
  }
  return out;
}

TEST(Roster, FindsEveryFormOfAName) {
  const auto roster = RosterOf({Quill()});
  for (const char* form : {"Žofie Quill-Ostrander",
                           "Zofie Quill Ostrander",
                           "ZOFIE QUILL-OSTRANDER",
                           "zofie quill-ostrander",
                           "Quill-Ostrander, Žofie",
                           "QUILL-OSTRANDER, ZOFIE MARIA",
                           "Quill Ostrander Zofie",
                           "Zofie Maria Quill-Ostrander",
                           "Zofie M. Quill-Ostrander",
                           "Z. Quill-Ostrander",
                           "Z. M. Quill-Ostrander",
                           "ZM Quill-Ostrander",
                           "Quill-Ostrander, Z",
                           "Zofie Quill",
                           "Zofie Ostrander",
                           "Zofie QuillOstrander",
                           "Quill-Ostrander",
                           "Ostrander",
                           "Quillostrander",
                           "Zofie",
                           "Zofie\nQuill-\nOstrander",
                           "\xC5\xBDofie  Quill\xE2\x80\x91Ostrander",
                           "Z\xE2\x80\x8Bofie Quill-Ostrander"}) {
    EXPECT_EQ(Found(*roster, std::string("seen: ") + form + ", today"), form);
  }
}

TEST(Roster, FindsNumbersHoweverTheyAreSeparated) {
  const auto roster = RosterOf({Quill()});
  for (const char* form : {"00-4711-83",
                           "471183",
                           "00471183",
                           "47 11 83",
                           "4711.83",
                           "078-05-1120",
                           "078051120",
                           "078 05 1120",
                           "XQ991234567",
                           "xq-99-1234-567",
                           "617-555-0123",
                           "(617) 555-0123",
                           "6175550123",
                           "+16175550123",
                           "617.555.0123",
                           "555-0123",
                           "06810",
                           "19610304",
                           "zofie@quill.example",
                           "ZOFIE@QUILL.EXAMPLE",
                           "12 Elm Street",
                           "12 ELM ST",
                           "Tarrywile"}) {
    std::string bare = form;
    bare.erase(0, bare.find_first_not_of("+("));
    EXPECT_EQ(Found(*roster, std::string("so ") + form + " it is"), bare);
  }
  EXPECT_EQ(Found(*roster, "471184 and 14711835 and 4711"), "");
}

TEST(Roster, WordsOfTheLanguageNeedACapital) {
  const auto roster = RosterOf({Person("Will", "Young")});
  EXPECT_EQ(Found(*roster, "we will see a young man"), "");
  EXPECT_EQ(Found(*roster, "Then Will came"), "Will");
  EXPECT_EQ(Found(*roster, "Will Young and will young"), "Will Young");
}

TEST(Roster, KnowsNicknamesAndGermanSpelling) {
  EXPECT_EQ(Found(*RosterOf({Person("William", "Fennimore")}), "Bill Fennimore; Fennimore; Billy"),
            "Bill Fennimore|Fennimore|Billy");
  EXPECT_EQ(Found(*RosterOf({Person("Jürgen", "Müller")}), "Juergen Mueller; Jurgen Muller; JÜRGEN MÜLLER"),
            "Juergen Mueller|Jurgen Muller|JÜRGEN MÜLLER");
}

TEST(Roster, OthersPatientsAreFoundByTheirFullNamesAndNumbers) {
  const auto roster = RosterOf({Quill()});
  const std::string text = "Zofie Quill-Ostrander, Ostrander, 991234567, Z. Quill-Ostrander, 078-05-1120";
  EXPECT_EQ(Found(*roster, text, RosterScope::kSource, {}), "Zofie Quill-Ostrander|078-05-1120");
  EXPECT_EQ(Found(*roster, text, RosterScope::kDocumentPatients, {}), "");
  std::vector<Finding> findings;
  roster->Find(Text("Zofie Quill-Ostrander"), {SourceName("other"), {}, RosterScope::kSource}, findings);
  EXPECT_TRUE(findings.empty()) << "another source's roster";
}

TEST(Roster, BirthDateInEveryForm) {
  const auto roster = RosterOf({Quill()});
  const CleanJob job{*DefaultPolicy(), {.roster = roster.get(), .source = kSource, .patients = kPatient}};
  for (const char* form : {"03/04/1961", "4.3.1961", "March 4, 1961", "4 Mar 61", "1961-03-04", "03/04/61"}) {
    const Block all{.end = static_cast<uint32_t>(std::string_view(form).size())};
    const auto cleaned = TestCleaner().CleanText(form, {&all, 1}, job);
    ASSERT_TRUE(cleaned.ok());
    ASSERT_EQ(cleaned->findings.size(), 1u) << form;
    EXPECT_EQ(cleaned->findings[0].detector, "roster/birth-date") << form;
  }
}

TEST(Roster, RetractionAndReplacement) {
  RosterBuilder builder;
  builder.Apply(kSource, Quill());
  const auto before = builder.Snapshot();
  IdentityChange retraction{.patient = PatientId("p1"), .identity = "legal", .retracted = true};
  builder.Apply(kSource, retraction);
  const auto after = builder.Snapshot();
  EXPECT_EQ(Found(*before, "Zofie Ostrander"), "Zofie Ostrander") << "a snapshot does not change";
  EXPECT_EQ(Found(*after, "Zofie Ostrander 078-05-1120"), "");
  EXPECT_FALSE(after->Knows(kSource, PatientId("p1")));
  EXPECT_TRUE(after->empty());

  builder.Apply(kSource, Person("Ada", "Fennimore"));
  builder.Apply(kSource, Person("Ada", "Tarkowski"));
  EXPECT_EQ(Found(*builder.Snapshot(), "Ada Fennimore, Ada Tarkowski", RosterScope::kSource, {}), "Ada Tarkowski");
}

TEST(Roster, TwoPatientsOfOneName) {
  RosterBuilder builder;
  IdentityChange twin = Person("Ada", "Fennimore");
  twin.patient = PatientId("p2");
  builder.Apply(kSource, Person("Ada", "Fennimore"));
  builder.Apply(kSource, twin);
  twin.retracted = true;
  builder.Apply(kSource, twin);
  EXPECT_EQ(Found(*builder.Snapshot(), "Ada Fennimore", RosterScope::kSource, {}), "Ada Fennimore");
}

TEST(Roster, MergedPatientsAreSearchedForTogether) {
  RosterBuilder builder;
  IdentityChange other = Person("Tobias", "Fennimore");
  other.patient = PatientId("p2");
  builder.Apply(kSource, Person("Ada", "Quill"));
  builder.Apply(kSource, other);
  const auto found = [&] { return Found(*builder.Snapshot(), "Quill, Fennimore", RosterScope::kDocumentPatients); };
  EXPECT_EQ(found(), "Quill");
  builder.Apply(kSource, {.patient = PatientId("p2"), .merged_into = PatientId("p1")});
  EXPECT_EQ(found(), "Quill|Fennimore");
  builder.Apply(kSource, {.patient = PatientId("p2"), .unmerged_from = PatientId("p1")});
  EXPECT_EQ(found(), "Quill");
  builder.Apply(kSource, {.patient = PatientId("p1"), .merged_into = PatientId("p2")});
  EXPECT_EQ(found(), "Quill|Fennimore") << "from either side";
}

TEST(Roster, ACycleOfMergesEnds) {
  RosterBuilder builder;
  builder.Apply(kSource, Person("Ada", "Quill"));
  builder.Apply(kSource, {.patient = PatientId("p1"), .merged_into = PatientId("p2")});
  builder.Apply(kSource, {.patient = PatientId("p2"), .merged_into = PatientId("p1")});
  EXPECT_EQ(Found(*builder.Snapshot(), "Quill", RosterScope::kDocumentPatients), "Quill");
}

TEST(Roster, TheNewestVersionWinsAndARetractionIsRemembered) {
  RosterBuilder builder;
  const auto knows = [&](const std::string& family) {
    return Found(*builder.Snapshot(), "Ada " + family, RosterScope::kSource, {}) == "Ada " + family;
  };
  builder.Apply(kSource, Person("Ada", "Tarkowski"), {1, 7});
  builder.Apply(kSource, Person("Ada", "Fennimore"), {1, 5});
  EXPECT_TRUE(knows("Tarkowski") && !knows("Fennimore")) << "an older change that comes late";
  IdentityChange retraction = Person("Ada", "Tarkowski");
  retraction.retracted = true;
  builder.Apply(kSource, retraction, {1, 9});
  EXPECT_FALSE(knows("Tarkowski"));
  builder.Apply(kSource, Person("Ada", "Tarkowski"), {1, 7});
  EXPECT_FALSE(knows("Tarkowski")) << "delivered again after its retraction";
  builder.Apply(kSource, Person("Ada", "Fennimore"), {1, 10});
  EXPECT_TRUE(knows("Fennimore") && !knows("Tarkowski"));
}

// One patient's history told in any order, some of it twice, ends as it does in order.
TEST(Roster, AnyOrderOfDeliveryEndsAlike) {
  const std::vector<std::string> families = {"Quillfeather", "Ostrander", "Fennimore", "Tarkowski"};
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<std::pair<IdentityChange, Version>> history;
    for (uint64_t position = 1; position <= 12; ++position) {
      IdentityChange change = Person("Ada", families[random() % families.size()]);
      change.patient = PatientId("p" + std::to_string(1 + random() % 3));
      change.identity = random() % 2 == 0 ? "legal" : "maiden";
      change.retracted = random() % 4 == 0;
      if (random() % 3 == 0) change = {.patient = change.patient, .identity = change.identity};
      if (random() % 3 == 0) change.merged_into = PatientId("p" + std::to_string(1 + random() % 3));
      if (change.merged_into.empty() && random() % 4 == 0) change.unmerged_from = PatientId("p1");
      history.emplace_back(std::move(change), Version{1, position});
    }
    const auto ends = [](const auto& changes) {
      RosterBuilder builder;
      for (const auto& [change, version] : changes) builder.Apply(kSource, change, version);
      const std::string text = "Ada Quillfeather, Ada Ostrander, Ada Fennimore, Ada Tarkowski";
      std::string end = Found(*builder.Snapshot(), text, RosterScope::kSource, {});
      return end + "; " + Found(*builder.Snapshot(), text, RosterScope::kDocumentPatients);
    };
    auto delivered = history;
    delivered.insert(delivered.end(), history.begin() + 3, history.begin() + 9);
    std::shuffle(delivered.begin(), delivered.end(), random);
    EXPECT_EQ(ends(delivered), ends(history)) << "seed " << seed;
  }
}

TEST(Roster, FindsANameWithOneTypingError) {
  const auto roster = RosterOf({Quill()});
  for (const char* typed :
       {"Ostrnader", "Ostrandr", "Ostrandder", "Ostrandar", "OSTRANEDR", "Zfie", "Zofia", "Zoife"}) {
    EXPECT_EQ(Found(*roster, std::string("Spoke to ") + typed + " today."), typed);
  }
  EXPECT_EQ(Found(*roster, "Spoke to Rstrander, Ostrncedr, Astrander today."), "") << "two errors, or the first letter";
  EXPECT_EQ(Found(*roster, "the ostrnader"), "") << "in a text with capitals a name has one";
  EXPECT_EQ(Found(*roster, "Spoke to Ostrnader today.", RosterScope::kSource, {}), "")
      << "only of the document's patients";
}

TEST(Roster, AWordOfTheLanguageIsNoTypingError) {
  IdentityChange brown{.patient = PatientId("p1"), .identity = "legal"};
  brown.names.push_back({.given = {"Marye"}, .family = "Tabler"});
  const auto roster = RosterOf({brown});
  EXPECT_EQ(Found(*roster, "Table rules. Marry me."), "");
}

TEST(Roster, KnowsWhoRemainsOfMergedPatients) {
  RosterBuilder builder;
  const auto link = [&](const char* from, const char* into, const char* apart = "") {
    builder.Apply(kSource,
                  {.patient = PatientId(from), .merged_into = PatientId(into), .unmerged_from = PatientId(apart)});
  };
  const auto survivor = [&](const char* patient) {
    return builder.Snapshot()->SurvivorOf(kSource, PatientId(patient)).value;
  };
  EXPECT_EQ(survivor("p3"), "p3");
  link("p3", "p2");
  link("p2", "p1");
  EXPECT_EQ(survivor("p3") + survivor("p2") + survivor("p1"), "p1p1p1");
  link("p1", "p3");
  EXPECT_EQ(survivor("p3") + survivor("p2") + survivor("p1"), "p1p1p1") << "a circle has one name, wherever one asks";
  link("p1", "", "p3");
  link("p2", "", "p1");
  EXPECT_EQ(survivor("p3") + survivor("p2") + survivor("p1"), "p2p2p1");
}

TEST(Roster, AFullNameNeedsNoCapitalsUnlessProseCouldHoldIt) {
  const auto roster = RosterOf({Person("Quintin", "Parker")});
  EXPECT_EQ(Found(*roster, "sent as quintin parker on request"), "quintin parker");
  EXPECT_EQ(Found(*roster, "sent as quintin parker", RosterScope::kSource, {}), "quintin parker") << "Quintin tells";
  const auto plain = RosterOf({Person("Grace", "Park")});
  EXPECT_EQ(Found(*plain, "sent as grace park on request"), "grace park") << "a document about her";
  EXPECT_EQ(Found(*plain, "the grace of a park"), "");
  EXPECT_EQ(Found(*RosterOf({Person("May", "Brown")}), "it may brown the skin"), "");
}

TEST(Roster, TheOtherHalfOfADoubleNameGoesWithIt) {
  const auto roster = RosterOf({Person("Kendall", "Keeling")});
  EXPECT_EQ(Found(*roster, "saw Kendall Keeling-Oldcastle and Kendall Oldcastle-Keeling"),
            "Kendall Keeling-Oldcastle|Kendall Oldcastle-Keeling");
  EXPECT_EQ(Found(*roster, "Ms. Keeling-Oldcastle"), "Keeling-Oldcastle");
  EXPECT_EQ(Found(*roster, "kendall keeling-oldcastle"), "kendall keeling-oldcastle");
  EXPECT_EQ(Found(*roster, "Kendall Keeling-related, Keeling-2, Keeling - Oldcastle"),
            "Kendall Keeling|Keeling|Keeling");
  EXPECT_EQ(Found(*RosterOf({Person("Ada", "White")}), "the White-Syndrome clinic"), "White");
}

TEST(Roster, AWordOfANameMayBeBrokenAtTheEndOfALine) {
  const auto roster = RosterOf({Person("Kendall", "Keeling")});
  EXPECT_EQ(Found(*roster, "seen: Keel-\ning today"), "Keel-\ning");
  EXPECT_EQ(Found(*roster, "seen: Kendall Keel-\r\n  ing today"), "Kendall Keel-\r\n  ing");
  EXPECT_EQ(Found(*roster, "seen: Keel-ing, Keel -\ning"), "");
}

TEST(Roster, AShortNameWithATypingErrorIsFoundBesideTheRest) {
  const auto roster = RosterOf({Person("Adam", "Everyman")});
  for (const char* typed : {"ADsM EVERYMAN", "AnAM EVERYMAN", "Adma Everyman", "Everyman, Adma", "Aadm B. Everyman"}) {
    const std::string found = Found(*roster, std::string("Seen today: ") + typed + " -- well.");
    const std::string given = typed[0] == 'E' ? "Adma" : std::string(typed).substr(0, 4);
    EXPECT_NE(found.find(given), std::string::npos) << typed << " -> " << found;
  }
  EXPECT_EQ(Found(*roster, "Adma walked. Dam Everyman"), "Everyman") << "alone, or another first letter";
  EXPECT_EQ(Found(*RosterOf({Person("Stan", "Steuber")}), "chart of Satan Steuber"), "Satan Steuber") << "a word too";
  EXPECT_EQ(Found(*RosterOf({Person("Ann", "Lee")}), "LEE AND HUSBAND"), "LEE") << "no name at all";
}

TEST(Roster, LettersAndDigitsOfANumberMayStandApart) {
  IdentityChange change = Person("Ada", "Fennimore");
  change.identifiers = {{"mrn", "PATID1234"}, {"account", "ABC-XYZ-77"}, {"member", "000000"}, {"dl", "QXVWZ"}};
  const auto roster = RosterOf({change});
  for (const char* form : {"PATID1234", "PATID-1234", "patid 1234", "PATID/1234", "PAT ID 1234", "ABC XYZ 77", "000000",
                           "000-000", "0000 00", "QXVWZ"}) {
    EXPECT_EQ(Found(*roster, std::string("filed as ") + form + " there"), form);
  }
  EXPECT_EQ(Found(*roster, "PATID 12345, 00000, 0000000, ID 1234"), "");
  EXPECT_EQ(Found(*roster, "000000", RosterScope::kSource, {}), "") << "tells nothing elsewhere";
}

TEST(Roster, AWordInThePlaceOfANumberIsNone) {
  IdentityChange change = Person("Ada", "Fennimore");
  change.identifiers = {{"mrn", "unknown"}, {"ssn", "pending"}};
  const auto roster = RosterOf({change});
  EXPECT_EQ(Found(*roster, "Cause Unknown, Pending review. MRN: Unknown. SSN: pending"), "");
}

TEST(Roster, AShortNumberIsFoundWhereItsPlaceAnnouncesIt) {
  IdentityChange change = Person("Ada", "Fennimore");
  change.identifiers = {{"mrn", "012"}, {"account", "Autumn"}, {"member", "B7"}};
  const auto roster = RosterOf({change});
  const std::pair<const char*, const char*> cases[] = {{"MRN: 12", "12"},
                                                       {"mrn no. 012, seen", "012"},
                                                       {"patient id is 12", "12"},
                                                       {"Account number: AUTUMN.", "AUTUMN"},
                                                       {"account autumn", "autumn"},
                                                       {"<id root=\"1.2\" extension=\"12\"/>", "12"},
                                                       {"Member ID: B7, B70", "B7"},
                                                       {"member #b-7", "b-7"},
                                                       {"PID|1|12^^^M1|AUTUMN^5~B7||Someone", "12|AUTUMN|B7"},
                                                       {"x\nPID|1||12\r\nMRG|012|", "12|012"}};
  for (const auto& [text, number] : cases) {
    EXPECT_EQ(Found(*roster, text), number) << text;
    EXPECT_EQ(Found(*roster, text, RosterScope::kSource, {}), "") << "of another patient";
  }
}

TEST(Roster, AShortNumberIsWhatItIsElsewhere) {
  IdentityChange change = Person("Ada", "Fennimore");
  change.identifiers = {{"mrn", "012"}, {"account", "Autumn"}, {"member", "B7"}};
  const auto roster = RosterOf({change});
  EXPECT_EQ(Found(*roster,
                  "12 mg on day 12 in autumn, vitamin B7; 0.12; MRN 4711, 12 tablets; bank account. 5 in Autumn; "
                  "OBX|1|NM|12^x||12|\nPID|12|x^12|||12||\nsaid PID|1|12"),
            "");
}

TEST(Roster, AShortNumberThatIsAlsoANameIsFoundAsAName) {
  IdentityChange change = Person("Autumn", "Fennimore");
  change.identifiers = {{"mrn", "AUTUMN"}};
  EXPECT_EQ(Found(*RosterOf({change}), "with Autumn today; 12"), "Autumn");
}

TEST(Roster, PlacesOfShortNumbersAreReadInLinearTime) {
  IdentityChange change = Person("Ada", "Fennimore");
  change.identifiers = {{"mrn", "12"}};
  const auto roster = RosterOf({change});
  std::string text = "PID|1|";
  while (text.size() < 1 << 20) text += "|12|~12";
  EXPECT_EQ(Found(*roster, text), "12|12|12|12|12|12") << "PID-3 and 4, 18 to 21";
}

}  // namespace
}  // namespace freshet::deid
