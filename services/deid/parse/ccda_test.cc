#include "services/deid/parse/ccda.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "services/deid/parse/test_print.h"
#include "services/deid/parse/xml.h"

namespace freshet::deid {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kType[] = "application/cda+xml";

std::string Document(const std::string& sections) {
  return "<?xml version=\"1.0\"?>\n<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><title>Summary</title><recordTarget>"
         "<patientRole><patient><name><family>Quillfeather</family></name></patient></patientRole></recordTarget>"
         "<component><structuredBody>" +
         sections + "</structuredBody></component></ClinicalDocument>";
}
std::string Section(const std::string& code, const std::string& title, const std::string& text) {
  return "<component><section><code code=\"" + code + "\"/><title>" + title + "</title><text>" + text +
         "</text><entry><act><text>coded</text></act></entry></section></component>";
}

TEST(Ccda, SectionsAreHeadingsWithTheirNarrative) {
  const auto parsed = Parse(
      kType, Document(Section("10160-0", "Medications",
                              "<paragraph ID=\"p1\">Takes <content styleCode=\"Bold\">two</content></paragraph>"
                              "<list listType=\"ordered\"><item>A</item><item>B</item></list><table><thead><tr><th>Drug"
                              "</th><th>Dose</th></tr></thead><tbody><tr><td>C</td><td><list><item>5 mg</item></list>"
                              "</td></tr></tbody></table>tail") +
                      Section("x y", "Plan", "free<br/>lines")));
  EXPECT_EQ(Printed(parsed),
            "H1 section=10160-0 |Medications|\nP section=10160-0 |Takes two|\nI1 section=10160-0 |1. A|\n"
            "I1 section=10160-0 |2. B|\nR section=10160-0 |Drug | Dose|\nR section=10160-0 |C | - 5 mg|\n"
            "P section=10160-0 |tail|\nH1 section=? |Plan|\nP section=? |free\nlines|\n");
  EXPECT_EQ(parsed->title, "Summary");
}

TEST(Ccda, WhatTheHeaderSaysOfPeopleIsNoText) {
  const auto parsed = Parse(kType, Document(Section("10160-0", "Plan", "rest")));
  EXPECT_THAT(Printed(parsed), Not(HasSubstr("Quillfeather")));
  EXPECT_THAT(Printed(parsed), Not(HasSubstr("coded")));
}

TEST(Ccda, ABodyOfAnotherKindIsReadByItsParser) {
  const auto body = [](const std::string& text) {
    return "<ClinicalDocument><component><nonXMLBody>" + text + "</nonXMLBody></component></ClinicalDocument>";
  };
  EXPECT_EQ(Printed(Parse(kType, body("<text mediaType=\"text/plain\" representation=\"B64\">UGxhbg==</text>"))),
            "P body line=1 |Plan|\n");
  EXPECT_EQ(Printed(Parse(kType, body("<text mediaType=\"text/plain\">Plan</text>"))), "P body line=1 |Plan|\n");
  EXPECT_EQ(Parse(kType, body("<text mediaType=\"image/png\">x</text>")).code(), Code::kUnsupportedMediaType);
  EXPECT_EQ(Parse(kType, body("<text mediaType=\"text/plain\" representation=\"B64\">?</text>")).code(),
            Code::kMalformedDocument);
  EXPECT_EQ(Parse(kType, body(std::string("<text mediaType=\"") + kType + "\">x</text>")).code(),
            Code::kMalformedDocument);
}

TEST(Ccda, HostileXmlIsRefused) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_EQ(Parse(kType, deep).code(), Code::kMalformedDocument);
  std::string closed = deep;
  for (int i = 0; i < 100'000; ++i) closed += "</a>";
  EXPECT_EQ(Parse(kType, closed).code(), Code::kMalformedDocument);
  EXPECT_EQ(Parse(kType, "<!DOCTYPE x [<!ENTITY a \"b\">]><ClinicalDocument/>").code(), Code::kMalformedDocument);
  EXPECT_EQ(Parse(kType, "<html/>").code(), Code::kMalformedDocument);
  EXPECT_EQ(Parse(kType, "").code(), Code::kMalformedDocument);
  EXPECT_EQ(Parse(kType, Document("")).code(), Code::kEmptyDocument);
}

// All text of <section><text> elements, without white space.
void NarrativeOf(const pugi::xml_node& node, std::string& out) {
  for (const pugi::xml_node child : node.children()) {
    if (NameOf(child) == "section") out += TextBelow(ChildOf(child, "title")) + TextBelow(ChildOf(child, "text"));
    NarrativeOf(child, out);
  }
}
std::string Letters(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) out.push_back(c);
  }
  return out;
}

// Every file is read, or refused with a code; what is read holds each section's narrative once, and nothing else.
TEST(Ccda, NarrativeOfPublicExamplesIsThereOnce) {
  const fs::path folder = "../shared/data/src_ccda_examples";
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not here";
  size_t read = 0;
  std::map<std::string, size_t> refused;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".xml") continue;
    std::ifstream file(entry.path());
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto parsed = Parse(kType, bytes);
    if (!parsed.ok()) {
      ++refused[std::string(NameOf(parsed.code()))];
      continue;
    }
    ++read;
    EXPECT_EQ(UncoveredText(*parsed), "") << entry.path();
    const auto tree = XmlTree::Parse(bytes);
    std::string narrative;
    NarrativeOf(tree->root(), narrative);
    if (NameOf(tree->root()) == "section") {
      narrative = TextBelow(ChildOf(tree->root(), "title")) + TextBelow(ChildOf(tree->root(), "text")) + narrative;
    }
    if (narrative.empty()) continue;
    EXPECT_EQ(Letters(parsed->text), Letters(narrative)) << entry.path();
  }
  for (const auto& [code, count] : refused) std::cout << count << " files refused: " << code << "\n";
  EXPECT_GT(read, 20u);
}

}  // namespace
}  // namespace freshet::deid
