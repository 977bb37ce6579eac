// hnswlib and Faiss on the corpus of search_corpus.h, one thread: the least effort at which each finds as much as is
// asked for, and what that takes.
//
//   vector_peers_bench FOLDER COUNT WORK PEER RECALL SECONDS       prints one JSON value
//
// PEER: hnswlib (M 16, efConstruction 200) or faiss (IVF, 8-bit codes, exact rescoring from floats). The index is built
// at most SECONDS at once, then kept in WORK: {"unfinished": so many are in} says to call again. Filters as each has
// them: Faiss tests a bitmap while it scans lists; Debian's hnswlib (0.6) has none, so it is asked for so many that
// enough of them are allowed, up to all.
#include <faiss/IndexFlat.h>
#include <faiss/IndexScalarQuantizer.h>
#include <faiss/impl/IDSelector.h>
#include <faiss/index_io.h>
#include <hnswlib/hnswlib.h>
#include <omp.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

#include "common/model/dot.h"
#include "tests/bench/search_corpus.h"

namespace freshet::bench {
namespace {

using Found = std::vector<uint32_t>;

constexpr size_t kTop = 10;

class Peer {
 public:
  virtual ~Peer() = default;
  // Adds documents until all are in or the time is over; how many are in.
  virtual size_t Build(double seconds) = 0;
  // The best ten that the reader may see, with this much effort, from 0 on; false where there is no more effort.
  virtual bool Search(const float* query, uint32_t permille, int effort, Found& found) = 0;
  virtual std::string EffortName(int effort) const = 0;
};

class Hnsw final : public Peer {
 public:
  Hnsw(const Rows& rows, std::string path)
      : path_(std::move(path)), rows_(rows), space_(kDimensions), count_(rows.size()) {
    if (std::filesystem::exists(path_)) {
      index_ = std::make_unique<hnswlib::HierarchicalNSW<float>>(&space_, path_, false, count_);
    } else {
      index_ = std::make_unique<hnswlib::HierarchicalNSW<float>>(&space_, count_, 16, 200);
    }
  }

  size_t Build(double seconds) override {
    const auto begin = Clock::now();
    const size_t before = index_->cur_element_count;
    for (size_t i = before; i < count_ && MillisSince(begin) < seconds * 1000; ++i)
      index_->addPoint(rows_[i].data(), i);
    if (index_->cur_element_count > before) index_->saveIndex(path_);
    return index_->cur_element_count;
  }

  bool Search(const float* query, uint32_t permille, int effort, Found& found) override {
    const size_t wanted = EffortOf(effort) * 1000 / permille;  // before the filter
    if (wanted / 2 > count_) return false;
    index_->setEf(wanted);
    auto queue = index_->searchKnn(query, std::min(wanted, count_));
    for (; !queue.empty(); queue.pop()) found.push_back(static_cast<uint32_t>(queue.top().second));
    std::reverse(found.begin(), found.end());
    std::erase_if(found, [&](uint32_t document) { return PermilleOf(document) > permille; });
    if (found.size() > kTop) found.resize(kTop);
    return true;
  }
  std::string EffortName(int effort) const override { return "ef " + std::to_string(EffortOf(effort)) + " / share"; }

 private:
  static size_t EffortOf(int effort) { return kTop << effort; }

  const std::string path_;
  const Rows& rows_;
  hnswlib::InnerProductSpace space_;
  const size_t count_;
  std::unique_ptr<hnswlib::HierarchicalNSW<float>> index_;
};

class Faiss final : public Peer {
 public:
  Faiss(const Rows& rows, std::string path) : path_(std::move(path)), rows_(rows) {
    if (std::filesystem::exists(path_)) {
      index_.reset(dynamic_cast<faiss::IndexIVF*>(faiss::read_index(path_.c_str())));
      return;
    }
    const auto lists = static_cast<size_t>(4 * std::sqrt(static_cast<double>(rows.size())));
    auto quantizer = std::make_unique<faiss::IndexFlatIP>(kDimensions);
    auto index = std::make_unique<faiss::IndexIVFScalarQuantizer>(
        quantizer.release(), kDimensions, lists, faiss::ScalarQuantizer::QT_8bit, faiss::METRIC_INNER_PRODUCT);
    index->own_fields = true;
    index->cp.max_points_per_centroid = 64;
    index->cp.niter = 10;
    index->train(static_cast<faiss::Index::idx_t>(std::min(rows.size(), 64 * lists)), rows[0].data());
    index_ = std::move(index);
  }

  size_t Build(double seconds) override {
    constexpr size_t kSlice = 10'000;
    const auto begin = Clock::now();
    const auto before = static_cast<size_t>(index_->ntotal);
    for (size_t i = before; i < rows_.size() && MillisSince(begin) < seconds * 1000; i += kSlice) {
      index_->add(static_cast<faiss::Index::idx_t>(std::min(kSlice, rows_.size() - i)), rows_[i].data());
    }
    if (static_cast<size_t>(index_->ntotal) > before) faiss::write_index(index_.get(), path_.c_str());
    return static_cast<size_t>(index_->ntotal);
  }

  bool Search(const float* query, uint32_t permille, int effort, Found& found) override {
    constexpr faiss::Index::idx_t kRescored = 40;
    if ((1ull << effort) / 2 > index_->nlist) return false;
    faiss::IDSelectorBitmap selector(rows_.size(), BitsOf(permille).data());
    faiss::SearchParametersIVF parameters;
    parameters.nprobe = std::min<size_t>(index_->nlist, 1ull << effort);
    parameters.sel = permille == 1000 ? nullptr : &selector;
    std::vector<float> distances(kRescored);
    std::vector<faiss::Index::idx_t> labels(kRescored);
    index_->search(1, query, kRescored, distances.data(), labels.data(), &parameters);
    std::vector<std::pair<float, uint32_t>> exact;
    for (const auto label : labels) {
      if (label < 0) continue;
      const auto document = static_cast<uint32_t>(label);
      exact.emplace_back(-model::DotFloat(query, rows_[document].data(), kDimensions), document);
    }
    std::sort(exact.begin(), exact.end());
    for (size_t i = 0; i < std::min(kTop, exact.size()); ++i) found.push_back(exact[i].second);
    return true;
  }
  std::string EffortName(int effort) const override {
    return "nprobe " + std::to_string(std::min<size_t>(index_->nlist, 1ull << effort));
  }

 private:
  const std::vector<uint8_t>& BitsOf(uint32_t permille) {
    std::vector<uint8_t>& bits = bits_[permille];
    if (bits.empty()) {
      bits.resize(rows_.size() / 8 + 1);
      for (uint32_t i = 0; i < rows_.size(); ++i) {
        if (PermilleOf(i) <= permille) bits[i / 8] |= static_cast<uint8_t>(1 << (i % 8));
      }
    }
    return bits;
  }

  const std::string path_;
  const Rows& rows_;
  std::unique_ptr<faiss::IndexIVF> index_;
  std::map<uint32_t, std::vector<uint8_t>> bits_;
};

// The least effort that finds enough, as JSON; the most there is where none does.
std::string Measure(Peer& peer, const Corpus& corpus, size_t reader, double enough) {
  std::string json = "null";
  for (int effort = 0;; ++effort) {
    Latencies latencies;
    double right = 0, wanted = 0;
    for (size_t i = 0; i < corpus.questions.size(); ++i) {
      Found found;
      const auto begin = Clock::now();
      if (!peer.Search(corpus.question_vectors[i].data(), kPermille[reader], effort, found)) return json;
      latencies.millis.push_back(MillisSince(begin));
      const std::vector<uint32_t> nearest = corpus.Nearest(i, reader, kTop);
      for (const uint32_t document : found) right += std::count(nearest.begin(), nearest.end(), document) > 0 ? 1 : 0;
      wanted += static_cast<double>(nearest.size());
    }
    json = "{\"effort\": \"" + peer.EffortName(effort) + "\", \"recall\": " + std::to_string(right / wanted) + ", " +
           latencies.Json() + "}";
    if (right / wanted >= enough) return json;
  }
}

void Run(const std::vector<std::string>& arguments) {
  omp_set_num_threads(1);
  const Corpus corpus(arguments[0], std::stoul(arguments[1]));
  const std::string path = arguments[2] + "/" + arguments[3] + ".index";
  const uint64_t before = OwnResidentBytes();
  const auto begin = Clock::now();
  std::unique_ptr<Peer> peer;
  if (arguments[3] == "hnswlib") peer = std::make_unique<Hnsw>(corpus.vectors, path);
  if (arguments[3] == "faiss") peer = std::make_unique<Faiss>(corpus.vectors, path);
  if (peer == nullptr) throw std::runtime_error("PEER is hnswlib or faiss");
  const size_t in = peer->Build(std::stod(arguments[5]));
  const double seconds = MillisSince(begin) / 1000;
  if (in < corpus.vectors.size()) {
    std::cout << "{\"unfinished\": " << in << ", \"build_s\": " << seconds << "}\n";
    return;
  }
  std::cout << "{\"count\": " << in << ", \"build_s\": " << seconds
            << ", \"disk_bytes\": " << std::filesystem::file_size(path)
            << ", \"resident_bytes\": " << OwnResidentBytes() - before << ", \"quiet\": {\"vector\": {";
  for (size_t reader = 0; reader < kReaders; ++reader) {
    std::cout << (reader == 0 ? "" : ", ") << "\"" << kPermille[reader]
              << "\": " << Measure(*peer, corpus, reader, std::stod(arguments[4]));
  }
  std::cout << "}}}\n";
}

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) {
  if (argc != 7) {
    std::cerr << "vector_peers_bench FOLDER COUNT WORK hnswlib|faiss RECALL SECONDS\n";
    return 2;
  }
  try {
    freshet::bench::Run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "vector_peers_bench: " << error.what() << "\n";
    return 1;
  }
}
