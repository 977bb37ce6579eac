#include "services/deid/parse/fhir.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "common/base/base64.h"
#include "services/deid/parse/test_print.h"

namespace freshet::deid {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kType[] = "application/fhir+json";
std::string Blocks(std::string_view json) { return Printed(Parse(kType, json)); }

TEST(Fhir, ANarrativeIsItsHtml) {
  EXPECT_EQ(Blocks(R"({"resourceType":"Observation","text":{"status":"generated","div":"<div>Pulse <b>72</b></div>"},)"
                   R"("code":{"coding":[{"system":"x","code":"8867-4","display":"Heart rate"}]},)"
                   R"("valueQuantity":{"value":72.50,"unit":"/min"},"note":[{"text":"at rest"}]})"),
            "H1 path=. |Observation|\nP path=text line=1 |Pulse 72|\nP path=code |Heart rate|\n"
            "P path=valueQuantity |72.5 /min|\nP path=note[0] |at rest|\n");
}

TEST(Fhir, AnObservationOfSeveralValuesSaysEach) {
  EXPECT_EQ(
      Blocks(
          R"({"resourceType":"Observation","code":{"text":"Blood pressure"},"component":[{"code":{"text":"Systolic"},)"
          R"("valueQuantity":{"value":120,"unit":"mmHg"}},{"code":{"text":"Cuff"},"valueString":"left arm"}]})"),
      "H1 path=. |Observation|\nP path=code |Blood pressure|\nP path=component[0].code |Systolic|\n"
      "P path=component[0].valueQuantity |120 mmHg|\nP path=component[1].code |Cuff|\n"
      "P path=component[1].valueString |left arm|\n");
}

TEST(Fhir, ACompositionsSectionsAreHeadings) {
  const auto parsed = Parse(
      kType,
      R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Composition","title":"Discharge","section":[)"
      R"({"title":"Course","text":{"div":"<p>Rest.</p>"},"section":[{"title":"Day 1","text":{"div":"<p>Fluids.</p>"}}]}]}}]})");
  EXPECT_EQ(parsed->title, "Discharge");
  EXPECT_EQ(Printed(parsed),
            "H1 path=entry[0].resource |Discharge|\nH2 path=entry[0].resource.section[0] |Course|\n"
            "P path=entry[0].resource.section[0].text line=1 |Rest.|\n"
            "H3 path=entry[0].resource.section[0].section[0] |Day 1|\n"
            "P path=entry[0].resource.section[0].section[0].text line=1 |Fluids.|\n");
}

TEST(Fhir, AttachmentsAreReadByTheirParsers) {
  const std::string json =
      R"({"resourceType":"DocumentReference","content":[{"attachment":{"contentType":"text/html; charset=utf-8",)"
      R"("title":"quillfeather.html","data":"PGgxPlBsYW48L2gxPg=="}},{"attachment":{"contentType":"image/png","data":"AA=="}}]})";
  EXPECT_EQ(Blocks(json), "H1 path=. |DocumentReference|\nH1 path=content[0].data line=1 |Plan|\n");
  EXPECT_EQ(Blocks(R"({"resourceType":"Binary","contentType":"text/plain","data":"UGxhbg=="})"),
            "H1 path=. |Binary|\nP path=data line=1 |Plan|\n");
  EXPECT_EQ(Parse(kType, R"({"resourceType":"Binary","contentType":"text/plain","data":"?"})").code(),
            Code::kMalformedDocument);
}

// C-CDA mostly comes under the media type of any XML.
TEST(Fhir, XmlThatIsCcdaIsReadAsThat) {
  const std::string cda =
      "<?xml version=\"1.0\"?><ClinicalDocument "
      "xmlns=\"urn:hl7-org:v3\"><component><structuredBody><component><section>"
      "<code "
      "code=\"10164-2\"/><title>Course</title><text>Rest.</text></section></component></structuredBody></component>"
      "</ClinicalDocument>";
  const auto with = [](const std::string& type, const std::string& bytes) {
    return R"({"resourceType":"DocumentReference","content":[{"attachment":{"contentType":")" + type + R"(","data":")" +
           ToBase64(bytes) + "\"}}]}";
  };
  for (const char* type : {"text/xml", "application/xml; charset=utf-8", "application/cda+xml"}) {
    EXPECT_EQ(Blocks(with(type, cda)),
              "H1 path=. |DocumentReference|\nH1 path=content[0].data section=10164-2 |Course|\n"
              "P path=content[0].data section=10164-2 |Rest.|\n");
  }
  EXPECT_EQ(Blocks(with("text/xml", "<svg><text>x</text></svg>")), "H1 path=. |DocumentReference|\n");
  EXPECT_EQ(Parse(kType, with("text/xml", "<ClinicalDocument>")).code(), Code::kMalformedDocument);
}

TEST(Fhir, WhatFieldsSayOfPeopleIsNoText) {
  EXPECT_EQ(
      Parse(kType, R"({"resourceType":"Patient","name":[{"family":"Quillfeather"}],"text":{"div":"<p>x</p>"}})").code(),
      Code::kEmptyDocument);
  EXPECT_THAT(Blocks(R"({"resourceType":"Observation","subject":{"display":"Quillfeather"},"code":{"text":"Pulse"}})"),
              Not(HasSubstr("Quillfeather")));
}

TEST(Fhir, RefusesByCode) {
  for (const char* wrong : {"", "{", "[]", "{}", "7", "{\"resourceType\":7}", "{\"resourceType\":\"\"}"}) {
    EXPECT_EQ(Parse(kType, wrong).code(), Code::kMalformedDocument) << wrong;
  }
  EXPECT_EQ(Parse(kType, "{\"resourceType\":\"\xff\"}").code(), Code::kInvalidUtf8);
  EXPECT_EQ(Parse(kType, std::string(100'000, '[')).code(), Code::kMalformedDocument);
  std::string deep = "{\"resourceType\":\"Bundle\",\"entry\":";
  for (int i = 0; i < 1000; ++i) deep += "[";
  EXPECT_EQ(Parse(kType, deep).code(), Code::kMalformedDocument);
}

// Bundles of invented patients: read, with the promises kept, and no family name of a Patient resource in the text of
// those that have no narrative which repeats it.
TEST(Fhir, PublicBundlesAreRead) {
  const fs::path folder = "../shared/data/src_synthea_fhir_r4";
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not here";
  size_t read = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto parsed = Parse(kType, bytes);
    ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
    EXPECT_EQ(UncoveredText(*parsed), "");
    EXPECT_GT(parsed->blocks.size(), 100u);
    static const std::regex kPlace(R"(path=[A-Za-z0-9.\[\]]+( line=\d+)?)");
    for (const Block& block : parsed->blocks)
      EXPECT_TRUE(std::regex_match(block.source_place, kPlace)) << block.source_place;
    ++read;
  }
  EXPECT_GT(read, 0u);
}

}  // namespace
}  // namespace freshet::deid
