#include "tests/bench/search_corpus.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>

#include "common/model/dot.h"

namespace freshet::bench {
namespace {

std::string PathOf(const std::string& folder, size_t count, const char* kind) {
  return folder + "/" + std::to_string(count) + kind;
}

std::vector<std::string_view> WordsOf(std::string_view text) {
  std::vector<std::string_view> words;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    if (end > begin) words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

// a's words, the last share t of them b's.
std::string MixedText(std::string_view a, std::string_view b, float t) {
  const auto own = WordsOf(a), other = WordsOf(b);
  const auto kept = static_cast<size_t>(std::ceil((1 - t) * static_cast<float>(own.size())));
  std::string text;
  for (size_t i = 0; i < kept; ++i) (text += own[i]) += ' ';
  for (size_t i = 0; i < std::min(own.size() - kept, other.size()); ++i) (text += other[i]) += ' ';
  if (!text.empty()) text.pop_back();
  return text;
}

std::vector<float> MixedVector(std::span<const float> a, std::span<const float> b, std::span<const float> c, float t) {
  std::vector<float> vector(a.begin(), a.end());
  for (size_t i = 0; i < vector.size(); ++i) vector[i] += t * (b[i] - c[i]);
  const float length = std::sqrt(model::DotFloat(vector.data(), vector.data(), vector.size()));
  for (float& value : vector) value /= length;
  return vector;
}

// Best first, kNobody behind the last; of one question, for each reader.
std::vector<uint32_t> NearestOf(const Rows& rows, std::span<const float> query) {
  std::vector<std::pair<float, uint32_t>> scores[kReaders];
  for (uint32_t i = 0; i < rows.size(); ++i) {
    const float score = -model::DotFloat(query.data(), rows[i].data(), kDimensions);
    for (size_t reader = 0; reader < kReaders && PermilleOf(i) <= kPermille[reader]; ++reader) {
      scores[reader].emplace_back(score, i);
    }
  }
  std::vector<uint32_t> nearest(kReaders * kNearest, kNobody);
  for (size_t reader = 0; reader < kReaders; ++reader) {
    auto& all = scores[reader];
    const auto most = static_cast<ptrdiff_t>(std::min(kNearest, all.size()));
    std::partial_sort(all.begin(), all.begin() + most, all.end());
    for (ptrdiff_t i = 0; i < most; ++i) nearest[reader * kNearest + static_cast<size_t>(i)] = all[i].second;
  }
  return nearest;
}

void WriteExact(const std::string& folder, size_t count) {
  const Rows rows(PathOf(folder, count, ".f32")), questions(folder + "/questions.f32");
  std::ofstream out(PathOf(folder, count, ".exact.new"), std::ios::binary);
  for (size_t i = 0; i < questions.size(); ++i) {
    const std::vector<uint32_t> nearest = NearestOf(rows, questions[i]);
    out.write(reinterpret_cast<const char*>(nearest.data()), static_cast<std::streamsize>(nearest.size() * 4));
  }
  out.close();
  if (!out) throw std::runtime_error("the exact answers cannot be written");
  std::filesystem::rename(PathOf(folder, count, ".exact.new"), PathOf(folder, count, ".exact"));
}

}  // namespace

MappedFile::MappedFile(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (file < 0 || ::fstat(file, &info) != 0 || info.st_size == 0)
    throw std::runtime_error("no such file, or empty: " + path);
  void* const at = ::mmap(nullptr, static_cast<size_t>(info.st_size), PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  if (at == MAP_FAILED) throw std::runtime_error("not mapped: " + path);
  bytes_ = {static_cast<const char*>(at), static_cast<size_t>(info.st_size)};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

Lines::Lines(const std::string& path) : file_(path) {
  if (!file_.bytes().ends_with('\n')) throw std::runtime_error("the last line does not end: " + path);
  for (size_t at = 0; at < file_.bytes().size(); at = file_.bytes().find('\n', at) + 1) begins_.push_back(at);
  begins_.push_back(file_.bytes().size());
}

void DrawCorpus(const std::string& folder, size_t count) {
  const Lines texts(folder + "/base.txt");
  const Rows vectors(folder + "/base.f32");
  if (texts.size() != vectors.size()) throw std::runtime_error("base.txt and base.f32 are not of one size");
  std::mt19937 random(1);
  std::ofstream lines(PathOf(folder, count, ".txt"), std::ios::binary);
  std::ofstream floats(PathOf(folder, count, ".f32"), std::ios::binary);
  for (size_t i = 0; i < count; ++i) {
    const size_t a = random() % texts.size(), b = random() % texts.size(), c = random() % texts.size();
    const float t = std::uniform_real_distribution<float>(0, 0.5f)(random);
    const std::vector<float> vector = MixedVector(vectors[a], vectors[b], vectors[c], t);
    floats.write(reinterpret_cast<const char*>(vector.data()), kDimensions * sizeof(float));
    lines << MixedText(texts[a], texts[b], t) << "\n";
  }
  lines.close();
  floats.close();
  if (!lines || !floats) throw std::runtime_error("the corpus cannot be written");
  WriteExact(folder, count);  // the last: who finds it finds all
}

Corpus::Corpus(const std::string& folder, size_t count)
    : texts(PathOf(folder, count, ".txt")),
      vectors(PathOf(folder, count, ".f32")),
      questions(folder + "/questions.txt"),
      question_vectors(folder + "/questions.f32"),
      exact_(PathOf(folder, count, ".exact")) {
  const bool whole = texts.size() == count && vectors.size() == count && questions.size() == question_vectors.size() &&
                     exact_.bytes().size() == questions.size() * kReaders * kNearest * sizeof(uint32_t);
  if (!whole) throw std::runtime_error("the corpus is not whole: draw it again");
}

std::vector<uint32_t> Corpus::Nearest(size_t question, size_t reader, size_t most) const {
  std::vector<uint32_t> nearest(kNearest);
  const size_t begin = (question * kReaders + reader) * kNearest * sizeof(uint32_t);
  std::memcpy(nearest.data(), exact_.bytes().data() + begin, kNearest * sizeof(uint32_t));
  nearest.resize(std::min(most, kNearest));
  std::erase(nearest, kNobody);
  return nearest;
}

std::string Latencies::Json() {
  std::sort(millis.begin(), millis.end());
  const auto at = [&](double share) {
    return millis[static_cast<size_t>(std::ceil(share * static_cast<double>(millis.size()))) - 1];
  };
  char text[96];
  std::snprintf(text, sizeof text, R"("p50_ms": %.3f, "p95_ms": %.3f, "p99_ms": %.3f)", at(.5), at(.95), at(.99));
  return text;
}

uint64_t OwnResidentBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stoull(line.substr(8)) * 1024;
  }
  return 0;
}

}  // namespace freshet::bench
