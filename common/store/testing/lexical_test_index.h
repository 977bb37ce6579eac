// For tests: a lexical index on a crash disk, and entries that all hold the word "everyone".
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <set>
#include <string>

#include "common/store/lexical.h"
#include "common/store/lexical_test_corpus.h"
#include "tests/support/crash_directory.h"

namespace freshet::store {

inline constexpr uint32_t kVocabulary = 120;

inline std::set<uint32_t> ChunksIn(const LexicalReader& reader, const std::string& query = "everyone") {
  std::set<uint32_t> chunks;
  for (const Hit& hit : reader.Search(query, 1000000, {})) {
    EXPECT_TRUE(chunks.insert(hit.chunk.value).second) << "twice: " << hit.chunk.value;
  }
  return chunks;
}

inline TestEntry EntryOf(uint32_t chunk) {
  std::mt19937 random(chunk * 7919 + 1);
  TestEntry entry = RandomEntry(random, chunk, kVocabulary);
  entry.text += " everyone";
  return entry;
}

inline std::set<uint32_t> Range(uint32_t first, uint32_t end) {
  std::set<uint32_t> numbers;
  for (uint32_t i = first; i < end; ++i) numbers.insert(i);
  return numbers;
}

class LexicalIndexTest : public testing::Test {
 protected:
  std::unique_ptr<LexicalIndex> Open(LexicalOptions options = {}) {
    options.path = "/store/lexical/1";
    options.open_directory = test::CrashDirectories(disk_);
    options.merge_thread = MergeThread::kWriter;
    Result<std::unique_ptr<LexicalIndex>> index = LexicalIndex::Open(std::move(options));
    EXPECT_TRUE(index.ok()) << index.status().ToString();
    return std::move(*index);
  }
  static void Add(LexicalIndex& index, uint32_t first, uint32_t end) {
    for (uint32_t chunk = first; chunk < end; ++chunk) EXPECT_TRUE(index.Add(EntryOf(chunk)).ok());
  }
  static std::shared_ptr<const LexicalReader> Reopen(LexicalIndex& index, uint64_t commit = 1) {
    auto reader = index.Reopen(commit);
    EXPECT_TRUE(reader.ok());
    return *reader;
  }

  test::CrashDisk disk_{42};
};

}  // namespace freshet::store
