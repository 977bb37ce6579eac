// Every public clinical file is read, or refused with a code that is true of it; and what is read reaches the chunks
// whole, each section in one chain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <pugixml.hpp>

#include "common/model/words_counter.h"
#include "services/chunk/chunk.h"
#include "services/deid/parse/parser.h"
#include "tests/support/clean_documents.h"

namespace freshet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "../shared/data";

const std::map<std::string, std::string> kTypes = {{".json", "application/fhir+json"},
                                                   {".hl7", "application/hl7-v2"},
                                                   {".ccda", "application/cda+xml"},
                                                   {".xml", "application/cda+xml"}};

struct PublicFile {
  fs::path path;
  std::string type, bytes;
};

std::vector<PublicFile> PublicFiles() {
  std::vector<PublicFile> files;
  for (const auto& folder : fs::directory_iterator(kFolder)) {
    if (!folder.path().filename().string().starts_with("src_")) continue;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
      if (!entry.is_regular_file() || entry.path().filename() == "LICENSE") continue;
      const auto type = kTypes.find(entry.path().extension().string());
      EXPECT_NE(type, kTypes.end()) << "a kind of file that nothing here knows: " << entry.path();
      if (type == kTypes.end()) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      files.push_back({entry.path(), type->second, {std::istreambuf_iterator<char>(stream), {}}});
    }
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

std::string LocalName(const pugi::xml_node& node) {
  const std::string name = node.name();
  return name.substr(name.find(':') + 1);  // npos + 1 is 0
}

// Whether an independent reading of the file says so too.
bool IsTrue(Code code, const PublicFile& file) {
  if (code == Code::kEmptyDocument) return true;
  if (code != Code::kMalformedDocument) return false;
  if (file.type == "application/fhir+json") return file.bytes.find("\"resourceType\"") == file.bytes.npos;
  if (file.type != "application/cda+xml") return false;
  pugi::xml_document document;
  if (!document.load_buffer(file.bytes.data(), file.bytes.size())) return true;
  const std::string root = LocalName(document.document_element());
  return root != "ClinicalDocument" && root != "section";
}

TEST(PublicFiles, EveryOneIsReadOrRefusedForAReason) {
  if (!fs::exists(kFolder)) GTEST_SKIP() << kFolder << " is not here";
  std::map<std::string, size_t> counts;
  for (const PublicFile& file : PublicFiles()) {
    const auto parsed = deid::Parse(file.type, file.bytes);
    ++counts[file.type + ": " + std::string(NameOf(parsed.code()))];
    if (parsed.ok()) continue;
    std::cout << NameOf(parsed.code()) << "  " << fs::relative(file.path, kFolder).string() << "\n";
    EXPECT_TRUE(IsTrue(parsed.code(), file)) << file.path << ": " << parsed.status().ToString();
  }
  for (const auto& [what, count] : counts) std::cout << count << " files " << what << "\n";
  EXPECT_GT(counts["application/cda+xml: ok"], 20u);
  EXPECT_GT(counts["application/fhir+json: ok"], 8u);
  EXPECT_GT(counts["application/hl7-v2: ok"], 20u);
}

std::string Letters(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) out.push_back(c);
  }
  return out;
}

// The heading that a block stands under; the number of blocks where it stands under none.
std::vector<size_t> HeadingsOf(const std::vector<Block>& blocks) {
  std::vector<size_t> headings;
  size_t heading = blocks.size();
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].kind == Block::Kind::kHeading) heading = i;
    headings.push_back(heading);
  }
  return headings;
}

// The chunks of each section follow one another, hold its text and nothing else, once.
void ExpectOneChainEach(const ChunkedDocument& chunked, const fs::path& path) {
  const std::vector<Block>& blocks = chunked.clean.blocks();
  const std::vector<size_t> headings = HeadingsOf(blocks);
  std::map<size_t, std::string> wanted, found;
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (headings[i] != i) wanted[headings[i]] += Letters(chunked.clean.TextOf(blocks[i]));
  }
  std::set<size_t> ended;
  size_t last = blocks.size() + 1;
  for (const Chunk& chunk : *chunked.chunks) {
    const size_t heading = headings[chunk.block];
    if (heading != last) {
      EXPECT_TRUE(ended.insert(heading).second) << path << ": the section of block " << heading << " in two chains";
    }
    last = heading;
    if (blocks[chunk.block].kind != Block::Kind::kHeading) found[heading] += Letters(TextOf(chunked.clean, chunk));
  }
  for (auto* const texts : {&wanted, &found}) std::erase_if(*texts, [](const auto& row) { return row.second.empty(); });
  EXPECT_EQ(found, wanted) << path;
}

TEST(PublicFiles, EachSectionOfACcdaReachesOneChainOfChunks) {
  if (!fs::exists(kFolder)) GTEST_SKIP() << kFolder << " is not here";
  const model::WordsCounter counter;
  size_t documents = 0, chunks = 0;
  for (const chunk::ChunkOptions& options : {chunk::ChunkOptions{}, chunk::ChunkOptions{48, 64}}) {
    const auto chunker = chunk::Chunker::Make(options, counter);
    ASSERT_TRUE(chunker.ok()) << chunker.status().ToString();
    for (const PublicFile& file : PublicFiles()) {
      if (file.type != "application/cda+xml") continue;
      auto parsed = deid::Parse(file.type, file.bytes);
      if (!parsed.ok()) continue;
      CleanFields fields{.text = std::move(parsed->text), .title = std::move(parsed->title)};
      fields.blocks = std::move(parsed->blocks);
      fields.policy = "none@1";
      const auto chunked = (*chunker)->Chunked(testing::MakeClean(fields));
      ASSERT_TRUE(chunked.ok()) << file.path;
      ExpectOneChainEach(*chunked, file.path);
      ++documents, chunks += chunked->chunks->size();
    }
  }
  EXPECT_GT(documents, 40u);
  EXPECT_GT(chunks, documents * 2);
}

}  // namespace
}  // namespace freshet
