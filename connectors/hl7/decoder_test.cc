// HL7 v2 messages to changes: who the people are, which documents come, change and go.
#include "connectors/hl7/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace freshet::hl7 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Msh(const std::string& type, const std::string& control = "17") {
  return "MSH|^~\\&|EHR|WARD|FRESHET|HERE|20260131093000+0000||" + type + "|" + control + "|P|2.5\r";
}
const std::string kPid =
    "PID|1||4711^^^HOSP^MR~123-45-6789^^^SSA^SS||QUILL^ADA^MARIA^JR^DR~HAWK^ADA|SWIFT|19610304|F|GANNET^A||12 Elm "
    "St^^Springfield^IL^62704||(617)555-0100|||||A99\r";

Result<Decoded> Try(const std::string& text, const Hl7Options& options = {}) {
  return Decode(*Message::Parse(text), options);
}
Decoded DecodedOf(const std::string& text, const Hl7Options& options = {}) {
  const auto decoded = Try(text, options);
  EXPECT_TRUE(decoded.ok()) << decoded.status().ToString();
  return *decoded;
}

template <class Kind>
std::vector<Kind> All(const Decoded& decoded) {
  std::vector<Kind> all;
  for (const ChangeEvent& event : decoded.events) {
    if (const auto* const one = std::get_if<Kind>(&event.change)) all.push_back(*one);
  }
  return all;
}

// "upsert mdm/D-1^EHR", "delete ..."
std::vector<std::string> DocumentsOf(const Decoded& decoded) {
  std::vector<std::string> all;
  for (const ChangeEvent& event : decoded.events) {
    if (std::holds_alternative<Upsert>(event.change)) all.push_back("upsert " + event.origin.document.value);
    if (std::holds_alternative<Delete>(event.change)) all.push_back("delete " + event.origin.document.value);
  }
  return all;
}

// "1^H into 2^H", "1^H from 2^H"
std::vector<std::string> LinksOf(const Decoded& decoded) {
  std::vector<std::string> all;
  for (const IdentityChange& one : All<IdentityChange>(decoded)) {
    if (!one.merged_into.empty()) all.push_back(one.patient.value + " into " + one.merged_into.value);
    if (!one.unmerged_from.empty()) all.push_back(one.patient.value + " from " + one.unmerged_from.value);
  }
  return all;
}

TEST(Hl7Decoder, AnAdmissionBringsWhoThePatientIs) {
  const Decoded decoded = DecodedOf(Msh("ADT^A01") + kPid + "NK1|1|QUILL^BEN|SPO|1 Oak Rd^^Salem|555-0199\r");
  EXPECT_EQ(decoded.head.control_id, "17");
  EXPECT_EQ(FormatTime(FromMicros(decoded.head.micros)), "2026-01-31T09:30:00.000Z");
  const auto people = All<IdentityChange>(decoded);
  ASSERT_EQ(people.size(), 2u);
  EXPECT_EQ(people[0].patient, PatientId("4711^HOSP"));
  ASSERT_EQ(people[0].names.size(), 4u);
  EXPECT_EQ(people[0].names[0].family, "QUILL");
  EXPECT_EQ(people[0].names[0].given, (std::vector<std::string>{"ADA", "MARIA"}));
  EXPECT_EQ(people[0].names[0].suffix, "JR");
  EXPECT_EQ(people[0].names[2].family, "GANNET") << "an alias";
  EXPECT_EQ(people[0].names[3].family, "SWIFT") << "the mother's maiden name";
  EXPECT_EQ(people[0].birth_date, "1961-03-04");
  EXPECT_EQ(people[0].addresses, std::vector<std::string>{"12 Elm St, Springfield, IL, 62704"});
  EXPECT_EQ(people[0].telecoms, std::vector<std::string>{"(617)555-0100"});
  ASSERT_EQ(people[0].identifiers.size(), 3u);
  EXPECT_EQ(people[0].identifiers[0].kind, "mrn");
  EXPECT_EQ(people[0].identifiers[1].kind, "ssn");
  EXPECT_EQ(people[0].identifiers[2].kind, "account");
  EXPECT_EQ(people[1].identity, "NK1/1@EHR/WARD");
  EXPECT_EQ(people[1].names[0].given, std::vector<std::string>{"BEN"});
}

TEST(Hl7Decoder, EachSenderKnowsThePatientInItsOwnWay) {
  const std::string other = "MSH|^~\\&|LAB|B|||20260131||ORU^R01|1|P|2.5\r";
  const auto named = [](const std::string& text) { return All<IdentityChange>(DecodedOf(text)).at(0).identity; };
  EXPECT_EQ(named(Msh("ADT^A08") + kPid), "pid@EHR/WARD");
  EXPECT_EQ(named(other + kPid + "OBR|1|P-1|F-1|X\r"), "pid@LAB/B");
}

TEST(Hl7Decoder, APatientIsTheFirstIdOrThatOfTheAuthority) {
  const std::string text = Msh("ADT^A01") + "PID|1|9|~1^^^A~2^^^B&1.2&ISO||X^Y\r";
  const auto patient = [&](const char* authority) {
    Hl7Options options{.patient_authority = authority};
    return All<IdentityChange>(DecodedOf(text, options)).at(0).patient.value;
  };
  EXPECT_EQ(patient(""), "1^A");
  EXPECT_EQ(patient("B"), "2^B");
  EXPECT_EQ(patient("C"), "1^A");
  const Decoded second = DecodedOf(Msh("ADT^A01") + "PID|1|9|||X^Y\r");
  EXPECT_EQ(All<IdentityChange>(second).at(0).patient, PatientId("9")) << "PID-2 where PID-3 is empty";
  EXPECT_TRUE(DecodedOf(Msh("ADT^A01") + "PID|1||||X^Y\r").events.empty()) << "nobody to say it of";
  const Decoded note = DecodedOf(Msh("MDM^T02") + "PID|1||||X^Y\rTXA|1|DS||||||||||D-1\r");
  EXPECT_EQ(All<Upsert>(note).at(0).patients, std::vector<PatientId>{All<IdentityChange>(note).at(0).patient})
      << "a name without an id still guards its document";
}

TEST(Hl7Decoder, Merges) {
  for (const char* trigger : {"A18", "A30", "A34", "A36", "A39", "A40", "A43", "A46", "A47"}) {
    const Decoded merged = DecodedOf(Msh(std::string("ADT^") + trigger) +
                                     "PID|1||2^^^H||A^B\rMRG|1^^^H\rPID|1||4^^^H||C^D\rMRG|3^^^H~5^^^H~4^^^H\r");
    EXPECT_THAT(LinksOf(merged), ElementsAre("1^H into 2^H", "3^H into 4^H", "5^H into 4^H")) << trigger;
  }
  EXPECT_THAT(LinksOf(DecodedOf(Msh("ADT^A39") + "PID|1||2^^^H||A^B\rMRG||||1^^^H\r")), ElementsAre("1^H into 2^H"));
  const std::string two = "PID|1||2^^^H||A^B\rPID|1||1^^^H||C^D\r";
  EXPECT_THAT(LinksOf(DecodedOf(Msh("ADT^A24") + two)), ElementsAre("1^H into 2^H"));
  EXPECT_THAT(LinksOf(DecodedOf(Msh("ADT^A37") + two)), ElementsAre("2^H from 1^H", "1^H from 2^H"));
  for (const char* trigger : {"A01", "A08", "A11", "A12", "A13", "A41", "A42", "A44", "A45"}) {
    EXPECT_TRUE(LinksOf(DecodedOf(Msh(std::string("ADT^") + trigger) + "PID|1||2^^^H\rMRG|1^^^H||AC1||V1\r")).empty())
        << trigger;
  }
}

// Accounts and visits move: the patient who has them now is known by their numbers, and no patient is merged.
TEST(Hl7Decoder, AccountsAndVisitsMove) {
  const auto numbers = [](const char* trigger) {
    std::vector<std::string> all;
    const std::string text = Msh(std::string("ADT^") + trigger) + "PID|1||2^^^H\rMRG|1^^^H||AC1^^^H||V1\r";
    for (const IdentityChange& one : All<IdentityChange>(DecodedOf(text))) {
      if (one.identity.starts_with("pid")) continue;
      all.push_back(one.patient.value + (one.retracted ? " lost " : " has ") + one.identity);
      EXPECT_EQ(one.identifiers.empty(), one.retracted);
    }
    return all;
  };
  for (const char* trigger : {"A35", "A41", "A44", "A49"}) {
    EXPECT_THAT(numbers(trigger), ElementsAre("1^H lost account/AC1", "2^H has account/AC1")) << trigger;
  }
  for (const char* trigger : {"A42", "A45", "A50"}) {
    EXPECT_THAT(numbers(trigger), ElementsAre("1^H lost visit/V1", "2^H has visit/V1")) << trigger;
  }
  EXPECT_TRUE(numbers("A08").empty());
}

TEST(Hl7Decoder, WhoIsGoneIsRetractedAndCancelsOfVisitsChangeNothing) {
  const Decoded gone = DecodedOf(Msh("ADT^A29") + kPid);
  EXPECT_TRUE(All<IdentityChange>(gone).at(0).retracted);
  for (const char* trigger : {"A11", "A12", "A13", "A23"}) {
    const Decoded cancelled = DecodedOf(Msh(std::string("ADT^") + trigger) + kPid);
    EXPECT_FALSE(All<IdentityChange>(cancelled).at(0).retracted) << trigger;
    EXPECT_TRUE(DocumentsOf(cancelled).empty());
  }
}

std::string Txa(const std::string& id, const std::string& rest = "") {
  return "TXA|1|DS|TX|20260130||||||||" + id + rest + "\rOBX|1|TX|||Stable.\r";
}

TEST(Hl7Decoder, NotesComeChangeAndGo) {
  for (const char* trigger : {"T02", "T04", "T06", "T08", "T10"}) {
    const Decoded decoded = DecodedOf(Msh(std::string("MDM^") + trigger) + kPid + Txa("D-1^EHR"));
    EXPECT_THAT(DocumentsOf(decoded), ElementsAre("upsert mdm/D-1^EHR")) << trigger;
    const Upsert note = All<Upsert>(decoded).at(0);
    EXPECT_EQ(note.media_type, "application/hl7-v2");
    EXPECT_THAT(note.content, HasSubstr("Stable."));
    EXPECT_THAT(note.content, HasSubstr("|UNICODE UTF-8\r"));
    EXPECT_EQ(note.patients, std::vector<PatientId>{PatientId("4711^HOSP")});
    EXPECT_EQ(FormatTime(note.effective), "2026-01-30T00:00:00.000Z");
  }
  const Decoded cancelled = DecodedOf(Msh("MDM^T11") + kPid + Txa("D-1^EHR"));
  EXPECT_THAT(DocumentsOf(cancelled), ElementsAre("delete mdm/D-1^EHR"));
  EXPECT_EQ(All<Delete>(cancelled).at(0).reason, Delete::Reason::kEnteredInError);
  for (const char* trigger : {"T01", "T03", "T05", "T07", "T09"}) {
    EXPECT_TRUE(DocumentsOf(DecodedOf(Msh(std::string("MDM^") + trigger) + kPid + Txa("D-1"))).empty()) << trigger;
  }
  EXPECT_THAT(DocumentsOf(DecodedOf(Msh("MDM^T10") + Txa("D-2^EHR", "|D-1^EHR"))),
              ElementsAre("upsert mdm/D-2^EHR", "delete mdm/D-1^EHR"));
  EXPECT_THAT(DocumentsOf(DecodedOf(Msh("MDM^T06") + Txa("D-2^EHR", "|D-1^EHR"))), ElementsAre("upsert mdm/D-2^EHR"));
  for (const char* gone : {"CA", "OB", "UN"}) {
    const std::string text = Msh("MDM^T03") + Txa("D-1", std::string("|||||AU||") + gone);
    EXPECT_THAT(DocumentsOf(DecodedOf(text)), ElementsAre("delete mdm/D-1")) << gone;
  }
}

TEST(Hl7Decoder, ConfidentialNotesHangOnAScopeOfTheirOwn) {
  const auto scope = [](const std::string& code) {
    return All<Upsert>(DecodedOf(Msh("MDM^T02") + Txa("D-1", "||||||" + code))).at(0).access_scope.value;
  };
  EXPECT_EQ(scope(""), "/");
  EXPECT_EQ(scope("U"), "/");
  EXPECT_EQ(scope("R"), "/R");
  EXPECT_EQ(scope("V^Very restricted"), "/V") << "nobody, where the options do not list it";
}

TEST(Hl7Decoder, WhatNothingNamesIsFoundByItsMessage) {
  EXPECT_THAT(DocumentsOf(DecodedOf(Msh("MDM^T02") + "TXA|1|DS\r")), ElementsAre("upsert mdm/EHR/WARD/17"));
  EXPECT_THAT(DocumentsOf(DecodedOf(Msh("ORU^R01") + "OBR|1|||A\rOBR|2|||B\r")),
              ElementsAre("upsert report/EHR/WARD/17", "upsert report/EHR/WARD/17/2"));
  EXPECT_EQ(Try(Msh("MDM^T02", "") + "TXA|1|DS\r").code(), Code::kMalformedDocument);
  EXPECT_EQ(Try(Msh("MDM^T11") + "TXA|1|DS\r").code(), Code::kMalformedDocument);
  EXPECT_EQ(Try(Msh("ORU^R01") + kPid).code(), Code::kMalformedDocument);
}

const std::string kBlood = "OBR|1|P-1^EHR|F-1^LAB|24317-0^Hemogram^LN|||20260130080000||||||||||||||||||";

TEST(Hl7Decoder, EachReportIsADocument) {
  const Decoded decoded =
      DecodedOf(Msh("ORU^R01") + kPid + "NTE|1||Fasting.\rPV1|1|I\rORC|RE|P-1\r" + kBlood + "F\rOBX|1|NM|||13.4\r" +
                "ORC|RE|P-2\rOBR|2|P-2^EHR||6690-2^White cells^LN\rOBX|1|NM|||8.2\rNTE|1||Checked.\r" +
                "PID|1||9^^^HOSP||HERON^BEA\rOBR|1||F-3^LAB|X\rOBX|1|NM|||1.0\r");
  EXPECT_THAT(DocumentsOf(decoded),
              ElementsAre("upsert report/F-1^LAB/24317-0", "upsert report/F-3^LAB/X", "upsert report/P-2^EHR/6690-2"));
  const auto reports = All<Upsert>(decoded);
  EXPECT_EQ(reports[0].title, "Hemogram");
  EXPECT_EQ(FormatTime(reports[0].effective), "2026-01-30T08:00:00.000Z");
  EXPECT_THAT(reports[0].content, HasSubstr("NTE|1||Fasting.\rPV1|1|I\rORC|RE|P-1\rOBR|1|"));
  EXPECT_THAT(reports[0].content, Not(HasSubstr("8.2")));
  EXPECT_THAT(reports[2].content, HasSubstr("Fasting."));
  EXPECT_THAT(reports[2].content, HasSubstr("ORC|RE|P-2\rOBR|2|"));
  EXPECT_THAT(reports[2].content, HasSubstr("Checked."));
  EXPECT_THAT(reports[2].content, Not(HasSubstr("13.4")));
  EXPECT_EQ(reports[1].patients, std::vector<PatientId>{PatientId("9^HOSP")});
  EXPECT_THAT(reports[1].content, Not(HasSubstr("QUILL")));
}

TEST(Hl7Decoder, ReportsOfOneNameAreOneDocument) {
  const Decoded decoded =
      DecodedOf(Msh("ORU^R01") + kPid + kBlood + "F\rOBX|1|NM|||13.4\r" + kBlood + "F\rOBX|1|NM|||8.2\r");
  ASSERT_EQ(All<Upsert>(decoded).size(), 1u);
  const std::string content = All<Upsert>(decoded)[0].content;
  EXPECT_THAT(content, HasSubstr("13.4"));
  EXPECT_THAT(content, HasSubstr("8.2"));
  EXPECT_EQ(content.find("PID"), content.rfind("PID"));
}

TEST(Hl7Decoder, ReportsAreCancelled) {
  EXPECT_THAT(DocumentsOf(DecodedOf(Msh("ORU^R01") + kPid + kBlood + "X\r")),
              ElementsAre("delete report/F-1^LAB/24317-0"));
}

TEST(Hl7Decoder, WhatOneMessageMayBecomeIsBounded) {
  std::string people = Msh("ADT^A01") + kPid,
              reports = Msh("ORU^R01") + kPid + "NTE|1||" + std::string(100'000, 'x') + "\r";
  for (int i = 0; i < 5000; ++i) people += "NK1|1|A^B\r";
  for (int i = 0; i < 500; ++i) reports += "OBR|1||F-" + std::to_string(i) + "|A\r";
  EXPECT_EQ(Try(people).code(), Code::kDocumentTooLarge);
  EXPECT_EQ(Try(reports).code(), Code::kDocumentTooLarge);
  std::string merges = Msh("ADT^A40") + "PID|1||2\rMRG|1";
  for (int i = 0; i < 5000; ++i) merges += "~x" + std::to_string(i);
  EXPECT_EQ(Try(merges + "\r").code(), Code::kDocumentTooLarge);
}

TEST(Hl7Decoder, EveryPublicMessageIsTaken) {
  const std::filesystem::path folder = "../shared/data/src_hl7v2_ccda_fhirconverter/data/SampleData/Hl7v2";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no public HL7 messages here";
  size_t messages = 0, documents = 0, people = 0, links = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".hl7") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto message = Message::Parse(bytes);
    ASSERT_TRUE(message.ok()) << entry.path();
    const auto decoded = Decode(*message, {});
    ASSERT_TRUE(decoded.ok()) << entry.path() << " " << decoded.status().ToString();
    ++messages;
    documents += DocumentsOf(*decoded).size();
    people += All<IdentityChange>(*decoded).size();
    links += LinksOf(*decoded).size();
    const bool reports = decoded->head.type == "MDM" || decoded->head.type == "ORU" || decoded->head.type == "OUL";
    EXPECT_EQ(DocumentsOf(*decoded).empty(),
              !reports || decoded->head.trigger == "T01" || decoded->head.trigger == "T09")
        << entry.path();
  }
  EXPECT_EQ(messages, 72u);
  EXPECT_GE(documents, 10u);
  EXPECT_GE(people, 60u);
  EXPECT_GE(links, 4u);
}

}  // namespace
}  // namespace freshet::hl7
