// What the embed stage and its cache cost: `ninja embed_bench && bin/embed_bench` in a Release build; README.md has
// figures.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <random>
#include <string>

#include "common/model/hashing_embedder.h"
#include "services/embed/embed.h"
#include "tests/support/clean_documents.h"

namespace freshet::embed {
namespace {

constexpr size_t kDocuments = 16, kChunks = 16, kChunkBytes = 800;

// Sixteen documents of sixteen chunks, all different, `round` after `round`.
std::vector<ChunkedDocument> Documents(uint64_t round) {
  std::mt19937_64 random(round);
  std::vector<ChunkedDocument> documents;
  for (size_t d = 0; d < kDocuments; ++d) {
    CleanFields fields{.blocks = {{}}};
    auto chunks = std::make_shared<std::vector<Chunk>>();
    for (size_t c = 0; c < kChunks; ++c) {
      const auto begin = static_cast<uint32_t>(fields.text.size());
      while (fields.text.size() < begin + kChunkBytes) fields.text += "word" + std::to_string(random() % 30'000) + " ";
      const auto end = static_cast<uint32_t>(fields.text.size());
      chunks->push_back({.byte_begin = begin, .byte_end = end});
      chunks->back().hash = HashOf(std::string_view(fields.text).substr(begin));
    }
    documents.push_back({.clean = testing::MakeClean(fields), .chunks = std::move(chunks)});
  }
  return documents;
}

class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "freshet_bench_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

enum Case { kNoCache, kAllMisses, kAllHits };

void BM_EmbedStage(benchmark::State& state) {
  const auto which = static_cast<Case>(state.range(0));
  const Directory directory;
  auto cache = OpenVectorCache({.path = directory.path()});
  if (!cache.ok()) return state.SkipWithError("no cache");
  const model::HashingEmbedder embedder;
  EmbedStage stage({.cache = which == kNoCache ? CacheUse::kOff : CacheUse::kOn});
  const Origin origin = testing::OriginOf("d");
  uint64_t round = 0;
  std::vector<ChunkedDocument> documents = Documents(round);
  const auto process = [&] {
    std::vector<EmbedStage::Input> batch;
    for (const ChunkedDocument& document : documents) batch.push_back({origin, document});
    benchmark::DoNotOptimize(stage.Process(batch, {.embedder = &embedder, .cache = cache->get()}));
  };
  if (which == kAllHits) process();
  for (auto _ : state) {
    if (which == kAllMisses) {
      state.PauseTiming();
      documents = Documents(++round);
      state.ResumeTiming();
    }
    process();
  }
  static constexpr const char* kNames[] = {"no cache", "cache, all new", "cache, all known"};
  state.SetLabel(kNames[which]);
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kDocuments * kChunks));
}
BENCHMARK(BM_EmbedStage)->Arg(kNoCache)->Arg(kAllMisses)->Arg(kAllHits);

}  // namespace
}  // namespace freshet::embed

BENCHMARK_MAIN();
