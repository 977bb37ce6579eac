// The corpus on which search_bench, vector_peers_bench and peers written in Python are measured: the same chunks,
// questions and readers for all, in files of one folder.
//
//   DrawCorpus(folder, 1'000'000);                  // from base.* and questions.*
//   const Corpus corpus(folder, 1'000'000);
//   corpus.texts[7]   corpus.vectors[7]   corpus.questions[0]   corpus.Nearest(0, 10)
//
//   base.txt, base.f32             chunks of real documents, a line each, and their vectors, 384 floats each
//   questions.txt, questions.f32   real questions, in the same form
//   COUNT.txt, COUNT.f32           what is searched: drawn around the chunks
//   COUNT.exact                    u32: for each question, for each reader of kPermille, the kNearest nearest chunks
//                                  that he may read, best first, kNobody behind the last
//
// How a chunk is drawn: of three real ones a, b, c and t uniform in [0, .5] it has the unit vector of a + t (b - c),
// so that vectors spread as those do, and the words of a, but that the last share t of them is b's. Which readers may
// see it: PermilleOf. For benches: throws. Draw: one thread. What is read: any.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace freshet::bench {

using Clock = std::chrono::steady_clock;

inline constexpr uint32_t kDimensions = 384;
inline constexpr uint32_t kPermille[] = {1000, 100, 10, 1};  // readers: how much of the corpus each may see
inline constexpr size_t kReaders = std::size(kPermille);
inline constexpr size_t kNearest = 50;
inline constexpr uint32_t kNobody = 0xFFFFFFFF;

inline double MillisSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// Of the readers, the narrowest who may see the document.
inline uint32_t PermilleOf(size_t document) {
  const uint64_t dice = document * 0x9E3779B97F4A7C15 >> 40;
  if (dice % 1000 == 0) return 1;
  if (dice % 100 == 0) return 10;
  return dice % 10 == 0 ? 100 : 1000;
}

// A file in memory, read as it is touched; its pages are not the process's own.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();
  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

class Rows {
 public:
  explicit Rows(const std::string& path) : file_(path) {}
  size_t size() const { return file_.bytes().size() / sizeof(float) / kDimensions; }
  std::span<const float> operator[](size_t row) const {
    return {reinterpret_cast<const float*>(file_.bytes().data()) + row * kDimensions, kDimensions};
  }

 private:
  MappedFile file_;
};

class Lines {
 public:
  explicit Lines(const std::string& path);
  size_t size() const { return begins_.size() - 1; }
  std::string_view operator[](size_t line) const {
    return file_.bytes().substr(begins_[line], begins_[line + 1] - begins_[line] - 1);
  }

 private:
  MappedFile file_;
  std::vector<size_t> begins_;
};

void DrawCorpus(const std::string& folder, size_t count);

struct Corpus {
  Corpus(const std::string& folder, size_t count);
  // Of so many, best first; fewer where the reader may see fewer.
  std::vector<uint32_t> Nearest(size_t question, size_t reader, size_t most) const;

  Lines texts;
  Rows vectors;
  Lines questions;
  Rows question_vectors;

 private:
  MappedFile exact_;
};

struct Latencies {
  std::vector<double> millis;
  // "p50_ms": …, "p95_ms": …, "p99_ms": …, by nearest rank.
  std::string Json();
};

// Of this process, without files that it has mapped.
uint64_t OwnResidentBytes();

}  // namespace freshet::bench
