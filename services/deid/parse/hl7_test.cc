// HL7 v2 as text: what was written and measured stays, with its place; who somebody is does not become text.
#include "services/deid/parse/hl7.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "common/base/base64.h"
#include "services/deid/parse/test_print.h"

namespace freshet::deid {
namespace {

const std::string kHead =
    "MSH|^~\\&|EHR|WARD|||20260131||MDM^T02|17|P|2.5\r"
    "PID|1||4711^^^HOSP||QUILL^ADA||19610304|||12 Elm St\rNK1|1|QUILL^BEN\rIN1|1|PLAN|||||||||||||QUILL^ADA\r";

std::string Read(const std::string& rest) { return Printed(Parse("application/hl7-v2", kHead + rest)); }

TEST(Hl7Parser, ANoteOfLinesIsAParagraph) {
  EXPECT_EQ(Read("TXA|1|DS^Discharge summary\r"
                 "OBX|1|TX|N^Note||She walked on Monday.\rOBX|2|TX|N^Note||No fever \\T\\ no pain.\r"
                 "OBX|3|TX|N^Note||\rOBX|4|TX|N^Note||Home tomorrow.\r"),
            "H1 segment=TXA[1] |Discharge summary|\n"
            "P segment=OBX[1] |She walked on Monday.\nNo fever & no pain.|\n"
            "P segment=OBX[4] |Home tomorrow.|\n");
}

TEST(Hl7Parser, ValuesAreRowsUnderWhatWasOrdered) {
  EXPECT_EQ(
      Read("OBR|1|||24317-0^Hemogram^LN\r"
           "OBX|1|NM|718-7^Hemoglobin^LN||13.4|g/dl|12-16|N\rNTE|1||Slightly lipaemic.~Repeated.\r"
           "OBX|2|CWE|6-1^Blood group^L||A^Group A^L\rAL1|1|DA|70618^Penicillin^X||Rash\rDG1|1||I10^Hypertension\r"),
      "H1 segment=OBR[1] |Hemogram|\n"
      "R segment=OBX[1] |Hemoglobin | 13.4 g/dl | 12-16 | N|\n"
      "P segment=NTE[1] |Slightly lipaemic.\nRepeated.|\n"
      "R segment=OBX[2] |Blood group | Group A|\n"
      "I1 segment=AL1[1] |DA, Penicillin, Rash|\n"
      "I1 segment=DG1[1] |Hypertension|\n");
}

TEST(Hl7Parser, EncapsulatedTextIsReadByItsParser) {
  const std::string note = "# Plan\n\nRest.\n";
  EXPECT_EQ(Read("OBX|1|ED|D||^TEXT^Markdown^Base64^" + ToBase64(note) + "\r"),
            "H1 segment=OBX[1] line=1 |Plan|\nP segment=OBX[1] line=3 |Rest.|\n");
  EXPECT_EQ(Read("OBX|1|ED|D||^application^octet-stream^Base64^AAEC\rNTE|1||Seen.\r"), "P segment=NTE[1] |Seen.|\n");
}

TEST(Hl7Parser, WhoSomebodyIsIsNoText) {
  const auto parsed =
      Parse("application/hl7-v2", kHead + "OBX|1|XCN|A^Attending||7^QUILL^ADA\rOBX|2|XPN|B||QUILL^ADA\r" +
                                      "OBX|3|CX|C||4711^^^HOSP\rPV1|1|I|||||7^QUILL^ADA\rNTE|1||Seen.\r");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->text, "Seen.");
}

TEST(Hl7Parser, WhatHasNoTextIsEmpty) {
  EXPECT_EQ(Parse("application/hl7-v2", kHead).code(), Code::kEmptyDocument);
  EXPECT_EQ(Parse("application/hl7-v2", "Dear colleague").code(), Code::kMalformedDocument);
  EXPECT_EQ(Parse("application/hl7-v2", kHead + std::string("NTE|1||a\0b\r", 11)).code(), Code::kBinaryContent);
}

TEST(Hl7Parser, EveryPublicMessageIsReadOrRefusedAndKeepsThePromises) {
  const std::filesystem::path folder = "../shared/data/src_hl7v2_ccda_fhirconverter/data/SampleData/Hl7v2";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no public HL7 messages here";
  std::mt19937_64 random(9);
  size_t read = 0, empty = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto parsed = Parse("application/hl7-v2", bytes);
    ++(parsed.ok() ? read : empty);
    if (parsed.ok()) {
      EXPECT_EQ(UncoveredText(*parsed), "") << entry.path();
    } else {
      EXPECT_EQ(parsed.code(), Code::kEmptyDocument) << entry.path();
    }
    for (int i = 0; i < 10; ++i) {
      for (int n = 0; n < 5; ++n) bytes[random() % bytes.size()] = static_cast<char>(random());
      const auto broken = Parse("application/hl7-v2", bytes);
      if (broken.ok()) {
        EXPECT_EQ(UncoveredText(*broken), "");
      }
    }
  }
  EXPECT_GT(read, 25u);
  EXPECT_GT(read + empty, 60u);
}

}  // namespace
}  // namespace freshet::deid
