// Every file of the public sets in ../shared/data that a parser may read: read, or refused by a code that skips.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "services/deid/parse/test_print.h"

namespace freshet::deid {
namespace {

namespace fs = std::filesystem;

struct PublicSet {
  const char* folder;  // below ../shared/data
  const char* ending;
  const char* media_type;
  size_t files;    // that the set has
  size_t refused;  // of them
};

// What is refused: HL7 messages of which no segment holds text, C-CDA whose body is a reference, and excerpts, a section
// or an entry, that are no document (README.md).
constexpr PublicSet kSets[] = {
    {"src_synthea_fhir_r4", ".json", "application/fhir+json", 9, 0},
    {"src_hl7v2_ccda_fhirconverter", ".hl7", "application/hl7-v2", 72, 18},
    {"src_hl7v2_ccda_fhirconverter", ".ccda", "application/cda+xml", 13, 1},
    {"src_ccda_examples", ".xml", "application/cda+xml", 251, 151},
};

class PublicFiles : public testing::TestWithParam<PublicSet> {};

std::string BytesOf(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST_P(PublicFiles, AreReadOrRefusedByCode) {
  const fs::path folder = fs::path("../shared/data") / GetParam().folder;
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  size_t files = 0, refused = 0;
  std::map<std::string, size_t> by_code;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != GetParam().ending) continue;
    ++files;
    const auto parsed = Parse(GetParam().media_type, BytesOf(entry.path()));
    if (parsed.ok()) {
      EXPECT_EQ(UncoveredText(*parsed), "") << entry.path();
      EXPECT_FALSE(parsed->blocks.empty()) << entry.path();
      continue;
    }
    ++refused;
    ++by_code[std::string(NameOf(parsed.code()))];
    EXPECT_EQ(DispositionOf(parsed.code()), Disposition::kSkip) << entry.path() << parsed.status().ToString();
    std::printf("%s: %s\n", entry.path().filename().c_str(), parsed.status().ToString().c_str());
  }
  for (const auto& [code, count] : by_code) std::printf("%zu %s\n", count, code.c_str());
  EXPECT_EQ(files, GetParam().files);
  EXPECT_EQ(refused, GetParam().refused);
}

INSTANTIATE_TEST_SUITE_P(All, PublicFiles, testing::ValuesIn(kSets), [](const auto& info) {
  return std::string(info.param.ending + 1) + std::to_string(info.index);
});

}  // namespace
}  // namespace freshet::deid
