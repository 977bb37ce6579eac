// How many MB/s of text one core takes into the lexical index, ours and Lucene++'s own writer, from memory to a commit.
//
//   lexical_bench FOLDER [ROUNDS]      prints "freshet_mb_s 41.2 lucene_mb_s 5.6"
//
// Both index the same files under words, frequencies and positions, with no stored text, on one thread: CPU time of the
// process counts, the best of the rounds. Theirs runs its StandardAnalyzer, which every user of it would take.
#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "common/store/lexical.h"
// Of Lucene++.
#include <LuceneHeaders.h>
#include <SerialMergeScheduler.h>

namespace freshet {
namespace {

std::vector<std::string> ReadFiles(const std::string& folder) {
  std::vector<std::string> texts;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    texts.push_back(std::move(text).str());
  }
  return texts;
}

double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

void IndexOurs(const std::vector<std::string>& texts, const std::string& folder) {
  using namespace freshet::store;  // NOLINT: the folder's names, here only
  auto index = LexicalIndex::Open({.path = folder, .merge_thread = MergeThread::kWriter});
  uint32_t number = 0;
  bool good = index.ok();
  for (const std::string& text : texts) {
    good =
        good && (*index)->Add({.chunk = ChunkOrdinal(number), .document = DocumentOrdinal(number), .text = text}).ok();
    ++number;
  }
  if (!good || !(*index)->Commit(1).ok()) throw std::runtime_error("the index was not written");
}

void IndexLucene(const std::vector<std::string>& texts, const std::string& folder) {
  using namespace Lucene;  // NOLINT: likewise
  IndexWriterPtr writer = newLucene<IndexWriter>(FSDirectory::open(StringUtils::toUnicode(folder)),
                                                 newLucene<StandardAnalyzer>(LuceneVersion::LUCENE_CURRENT), true,
                                                 IndexWriter::MaxFieldLengthUNLIMITED);
  writer->setRAMBufferSizeMB(32);
  writer->setMergeScheduler(newLucene<SerialMergeScheduler>());
  for (const std::string& text : texts) {
    DocumentPtr document = newLucene<Document>();
    document->add(
        newLucene<Field>(L"text", StringUtils::toUnicode(text), Field::STORE_NO, Field::INDEX_ANALYZED_NO_NORMS));
    writer->addDocument(document);
  }
  writer->commit();
  writer->close();
}

template <typename Index>
double BestRate(const std::vector<std::string>& texts, int rounds, Index index) {
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("lexical_bench." + std::to_string(getpid()))).string();
  double bytes = 0;
  for (const std::string& text : texts) bytes += double(text.size());
  double best = 0;
  for (int round = 0; round < rounds; ++round) {
    const double begin = CpuSeconds();
    index(texts, folder);
    best = std::max(best, bytes / 1e6 / (CpuSeconds() - begin));
    std::filesystem::remove_all(folder);
  }
  return best;
}

}  // namespace
}  // namespace freshet

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "lexical_bench FOLDER [ROUNDS]\n";
    return 2;
  }
  const std::vector<std::string> texts = freshet::ReadFiles(argv[1]);
  const int rounds = argc > 2 ? std::stoi(argv[2]) : 3;
  std::cout << "freshet_mb_s " << freshet::BestRate(texts, rounds, freshet::IndexOurs) << std::endl;
  std::cout << "lucene_mb_s " << freshet::BestRate(texts, rounds, freshet::IndexLucene) << std::endl;
}
