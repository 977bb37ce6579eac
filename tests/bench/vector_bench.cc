// Vector search of a store that is written to as the pipeline does, beside an exact scan: recall@10 and latency on one
// thread, at several selectivities of access; what building took; the same again after churn.
//
//   vector_bench WORK COUNT [CHURN [VECTORS DIMENSIONS]]     prints one JSON value
//
// WORK is an empty folder. CHURN: how many times every document is replaced before the second measurement. VECTORS is a
// file of float32, DIMENSIONS a row: COUNT vectors are drawn around them, each the unit vector of a + t (b - c) with
// three of them and t uniform in [0, 0.5], so that they spread as those do. Without it: a mixture of 200 clusters on a
// random 48-dimensional subspace of 384. Documents have one chunk each; user "pN" may read N permille of them, at
// random.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "common/model/dot.h"
#include "common/model/half.h"
#include "common/store/index_store.h"
#include "tests/bench/search_corpus.h"

namespace freshet::store {
namespace {

using Vector = std::vector<float>;
using bench::Clock;
using bench::kPermille;
using bench::MillisSince;
using bench::PermilleOf;

constexpr size_t kBatch = 500;
constexpr size_t kQueries = 200;
const CollectionName kCollection("bench");
const SourceName kSource("bench");
const Time kNow{std::chrono::hours(1000)};

void Normalize(Vector& vector) {
  const float length = std::sqrt(model::DotFloat(vector.data(), vector.data(), vector.size()));
  for (float& value : vector) value /= length;
}

// Where vectors come from.
class Source {
 public:
  Source(const std::string& file, uint32_t dimensions) : dimensions_(dimensions) {
    std::ifstream in(file, std::ios::binary);
    Vector row(dimensions);
    while (in.read(reinterpret_cast<char*>(row.data()), static_cast<std::streamsize>(row.size() * sizeof(float)))) {
      rows_.push_back(row);
    }
    if (rows_.empty()) throw std::runtime_error("no vectors in the file");
  }
  Source() : dimensions_(384) {
    constexpr size_t kLatent = 48, kClusters = 200;
    std::vector<Vector> axes(kLatent, Vector(dimensions_));
    for (Vector& axis : axes) {
      for (float& value : axis) value = normal_(random_);
    }
    std::vector<Vector> centers(kClusters, Vector(kLatent));
    for (Vector& center : centers) {
      for (float& value : center) value = normal_(random_);
    }
    for (size_t i = 0; i < 20'000; ++i) {
      const Vector& center = centers[random_() % kClusters];
      Vector row(dimensions_);
      for (size_t k = 0; k < kLatent; ++k) {
        const float along = center[k] + 0.8f * normal_(random_);
        for (size_t d = 0; d < dimensions_; ++d) row[d] += along * axes[k][d];
      }
      Normalize(row);
      rows_.push_back(std::move(row));
    }
  }

  uint32_t dimensions() const { return dimensions_; }
  Vector Draw() {
    Vector vector = rows_[random_() % rows_.size()];
    const Vector& b = rows_[random_() % rows_.size()];
    const Vector& c = rows_[random_() % rows_.size()];
    const float t = std::uniform_real_distribution<float>(0, 0.5f)(random_);
    for (size_t i = 0; i < vector.size(); ++i) vector[i] += t * (b[i] - c[i]);
    Normalize(vector);
    return vector;
  }

 private:
  const uint32_t dimensions_;
  std::mt19937 random_{1};
  std::normal_distribution<float> normal_;
  std::vector<Vector> rows_;
};

class Bench {
 public:
  Bench(const std::string& folder, size_t count, Source& source) : source_(source), halves_(count) {
    auto store = IndexStore::Open({.path = folder + "/index", .partitions = 1, .access_streams = {Stream(0)}});
    if (!store.ok()) throw std::runtime_error(store.status().ToString());
    store_ = *std::move(store);
    std::vector<Mutation> access;
    for (const uint32_t permille : kPermille) {
      SetAccess set{.scope = ScopeId("p" + std::to_string(permille))};
      for (const uint32_t reader : kPermille) {
        if (reader >= permille) set.allow.push_back(Principal("user:p" + std::to_string(reader)));
      }
      access.push_back(Of(std::move(set)));
    }
    access.push_back(Of(AdvanceTime{kNow}));
    Apply(std::move(access));
  }

  // Every document once.
  double WriteAll() {
    const auto begin = Clock::now();
    ++version_;
    for (size_t first = 0; first < halves_.size(); first += kBatch) {
      std::vector<Mutation> batch;
      for (size_t i = first; i < std::min(first + kBatch, halves_.size()); ++i) batch.push_back(Put(i));
      Apply(std::move(batch));
      if ((first / kBatch) % 20 == 0) Keep(1);
    }
    const double seconds = MillisSince(begin) / 1000;
    Keep(30);
    return seconds;
  }

  void Measure(const char* when) {
    const auto view = store_->CurrentView();
    std::cout << "\"" << when << "\": {";
    for (const uint32_t permille : kPermille) {
      const Access access{.principals = {Principal("user:p" + std::to_string(permille))}, .now = kNow};
      const Filter filter = *view->FilterFor(kCollection, access, {});
      std::vector<double> millis;
      double found = 0, wanted = 0;
      for (size_t i = 0; i < kQueries; ++i) {
        const Vector query = source_.Draw();
        const auto begin = Clock::now();
        const std::vector<Hit> hits = view->SearchVector(kCollection, query, 10, filter);
        millis.push_back(MillisSince(begin));
        const float least = TenthBest(query, permille);
        for (const Hit& hit : hits) found += hit.score >= least - 1e-4f ? 1 : 0;
        wanted += 10;
      }
      std::sort(millis.begin(), millis.end());
      std::cout << (permille == 1000 ? "" : ", ") << "\"" << permille << "\": {\"documents\": " << filter.count()
                << ", \"recall\": " << found / wanted << ", \"p50_ms\": " << millis[kQueries / 2]
                << ", \"p95_ms\": " << millis[kQueries * 95 / 100] << ", \"p99_ms\": " << millis[kQueries * 99 / 100]
                << "}";
    }
    std::cout << "}";
  }

  uint64_t BytesOnDisk() const { return store_->BytesOnDisk(); }

 private:
  static Mutation Of(decltype(Mutation::change) change) {
    Mutation mutation{.change = std::move(change)};
    mutation.origin.source = kSource;
    mutation.origin.collection = kCollection;
    mutation.origin.version = {.epoch = 1, .position = 1};
    return mutation;
  }

  Mutation Put(size_t document) {
    const Vector vector = source_.Draw();
    auto half = std::make_shared<std::vector<uint16_t>>(vector.size());
    model::FloatsToHalves(vector, *half);
    halves_[document] = half;
    PutDocument put{.access_scope = ScopeId("p" + std::to_string(PermilleOf(document)))};
    put.chunks.push_back({.hash = HashOf(std::to_string(document) + "/" + std::to_string(version_)), .record = "r"});
    put.model = "bench";
    put.dimensions = source_.dimensions();
    put.vectors = std::move(half);
    Mutation mutation = Of(std::move(put));
    mutation.origin.document = DocumentId("d" + std::to_string(document));
    mutation.origin.version.position = version_;
    return mutation;
  }

  void Apply(std::vector<Mutation> batch) {
    for (Mutation& mutation : batch) mutation.position.offset = Offset(next_offset_++);
    const auto applied = store_->Apply(batch, kNow);
    if (!applied.ok()) throw std::runtime_error(applied.status().ToString());
  }
  void Keep(int times) {
    for (int i = 0; i < times; ++i) {
      if (!store_->Maintain(kNow).ok() || !store_->Refresh().ok()) throw std::runtime_error("the store cannot be kept");
    }
  }

  float TenthBest(const Vector& query, uint32_t permille) const {
    std::vector<float> scores;
    for (size_t i = 0; i < halves_.size(); ++i) {
      if (PermilleOf(i) > permille) continue;
      scores.push_back(model::DotHalf(query.data(), halves_[i]->data(), query.size()));
    }
    if (scores.size() < 10) return -1;
    std::nth_element(scores.begin(), scores.begin() + 9, scores.end(), std::greater<>());
    return scores[9];
  }

  Source& source_;
  std::unique_ptr<IndexStore> store_;
  std::vector<std::shared_ptr<const std::vector<uint16_t>>> halves_;
  uint64_t version_ = 1;
  uint64_t next_offset_ = 0;
};

void Run(int argc, char** argv) {
  const size_t count = std::stoul(argv[2]);
  const int churn = argc > 3 ? std::stoi(argv[3]) : 0;
  Source source = argc > 5 ? Source(argv[4], static_cast<uint32_t>(std::stoul(argv[5]))) : Source();
  Bench bench(argv[1], count, source);
  std::cout << "{\"count\": " << count << ", \"kernel\": \"" << model::DotKernelName()
            << "\", \"write_s\": " << bench.WriteAll() << ", ";
  bench.Measure("built");
  double seconds = 0;
  for (int round = 0; round < churn; ++round) seconds += bench.WriteAll();
  if (churn > 0) {
    std::cout << ", \"churn\": " << churn << ", \"churn_s\": " << seconds << ", ";
    bench.Measure("churned");
  }
  std::cout << ", \"disk_bytes\": " << bench.BytesOnDisk() << "}" << std::endl;
}

}  // namespace
}  // namespace freshet::store

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "vector_bench WORK COUNT [CHURN [VECTORS DIMENSIONS]]\n";
    return 2;
  }
  try {
    freshet::store::Run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "vector_bench: " << error.what() << "\n";
    return 1;
  }
}
