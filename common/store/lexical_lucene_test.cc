// Lucene++'s own readers open what the lexical index commits, and find in it what was added.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "common/store/lexical.h"
#include "common/store/lexical_directory.h"
#include "common/store/lexical_test_corpus.h"
#include "tests/support/crash_directory.h"
// Of Lucene++, after its Lucene.h.
#include <CheckIndex.h>
#include <LuceneHeaders.h>
#include <TermDocs.h>
#include <TermEnum.h>
#include <TermPositions.h>

namespace freshet::store {
namespace {

class LexicalLucene : public testing::Test {
 protected:
  // Commits `count` entries in several segments, of which every 7th is removed.
  void Commit(uint32_t count) {
    auto index = LexicalIndex::Open(
        {.path = "/l", .open_directory = test::CrashDirectories(disk_), .merge_thread = MergeThread::kWriter});
    ASSERT_TRUE(index.ok());
    std::mt19937 random(1);
    for (uint32_t chunk = 0; chunk < count; ++chunk) {
      entries_.push_back(RandomEntry(random, chunk, 500));
      ASSERT_TRUE((*index)->Add(entries_.back()).ok());
      if (chunk % 100 == 99) {
        ASSERT_TRUE((*index)->Commit(chunk).ok());
      }
    }
    for (uint32_t chunk = 0; chunk < count; chunk += 7) ASSERT_TRUE((*index)->Remove(ChunkOrdinal(chunk)).ok());
    ASSERT_TRUE((*index)->Commit(count).ok());
    directory_ = NewLexicalDirectory(test::NewCrashFiles(disk_.volume(), "/l"));
    reader_ = Lucene::IndexReader::open(directory_, true);
  }
  void TearDown() override {
    if (reader_) reader_->close();
  }

  static bool Lives(uint32_t chunk) { return chunk % 7 != 0; }

  test::CrashDisk disk_{3};
  std::vector<TestEntry> entries_;
  Lucene::DirectoryPtr directory_;
  Lucene::IndexReaderPtr reader_;
};

// The chunk ordinal that is stored with a document.
uint32_t ChunkOf(const Lucene::IndexReaderPtr& reader, int32_t document) {
  Lucene::ByteArray stored = reader->document(document)->getBinaryValue(L"c");
  EXPECT_EQ(stored.size(), 12);
  return static_cast<uint32_t>(stored[0] << 24 | stored[1] << 16 | stored[2] << 8 | stored[3]);
}

TEST_F(LexicalLucene, SeesTheCommitAndItsEntries) {
  Commit(530);
  EXPECT_EQ(Narrow(reader_->getCommitUserData().get(L"commit")), "530");
  EXPECT_GT(reader_->getSequentialSubReaders().size(), 1);
  std::set<uint32_t> chunks;
  for (int32_t document = 0; document < reader_->maxDoc(); ++document) {
    if (!reader_->isDeleted(document)) chunks.insert(ChunkOf(reader_, document));
  }
  std::set<uint32_t> expected;
  for (uint32_t chunk = 0; chunk < 530; ++chunk) {
    if (Lives(chunk)) expected.insert(chunk);
  }
  EXPECT_EQ(chunks, expected);
  EXPECT_EQ(reader_->numDocs(), static_cast<int32_t>(expected.size()));
}

TEST_F(LexicalLucene, FindsEveryWordWithItsPositions) {
  Commit(530);
  // word -> chunk -> positions, as Lucene++ tells them by looking each word up.
  std::map<std::string, std::map<uint32_t, std::vector<int32_t>>> told;
  const Lucene::TermEnumPtr terms = reader_->terms();
  std::vector<Lucene::TermPtr> all;
  while (terms->next()) all.push_back(terms->term());
  for (const Lucene::TermPtr& term : all) {
    EXPECT_EQ(term->field(), L"t");
    const Lucene::TermPositionsPtr positions = reader_->termPositions(term);
    while (positions->next()) {
      auto& places = told[Narrow(term->text())][ChunkOf(reader_, positions->doc())];
      for (int32_t i = 0; i < positions->freq(); ++i) places.push_back(positions->nextPosition());
    }
  }
  std::map<std::string, std::map<uint32_t, std::vector<int32_t>>> expected;
  for (const TestEntry& entry : entries_) {
    if (!Lives(entry.chunk.value)) continue;
    int32_t position = 0;
    for (const auto& [text, weight] : {std::pair(entry.title, 2), {entry.section, 2}, {entry.text, 1}}) {
      const int32_t before = position;
      WordReader reader(text);
      std::string_view word;
      for (; reader.Next(word); ++position) {
        for (int i = 0; i < weight; ++i) expected[std::string(word)][entry.chunk.value].push_back(position);
      }
      if (position != before) position += 100;
    }
  }
  std::erase_if(told, [](const auto& word) { return word.second.empty(); });  // of dead entries alone
  EXPECT_EQ(told, expected);
}

TEST_F(LexicalLucene, AnswersPhraseQueries) {
  Commit(300);
  const auto searcher = Lucene::newLucene<Lucene::IndexSearcher>(reader_);
  for (const uint32_t chunk : {1u, 50u, 299u}) {
    std::vector<std::string> words;
    WordReader text(entries_[chunk].text);
    std::string_view word;
    while (text.Next(word) && words.size() < 4) words.emplace_back(word);
    const auto phrase = Lucene::newLucene<Lucene::PhraseQuery>();
    for (const std::string& part : words) phrase->add(Lucene::newLucene<Lucene::Term>(L"t", Widen(part)));
    const Lucene::TopDocsPtr found = searcher->search(phrase, 300);
    std::set<uint32_t> chunks;
    for (int32_t i = 0; i < found->scoreDocs.size(); ++i) chunks.insert(ChunkOf(reader_, found->scoreDocs[i]->doc));
    EXPECT_TRUE(chunks.contains(chunk)) << chunk;
  }
}

TEST_F(LexicalLucene, FindsNothingWrongInACheck) {
  Commit(500);
  const auto checker = Lucene::newLucene<Lucene::CheckIndex>(directory_);
  const Lucene::IndexStatusPtr status = checker->checkIndex();
  EXPECT_TRUE(status->clean);
  EXPECT_FALSE(status->missingSegments);
}

}  // namespace
}  // namespace freshet::store
