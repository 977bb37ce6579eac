// What the parts of this folder cost: `ninja model_bench && bin/model_bench` in a Release build; README.md has figures.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <random>
#include <string>

#include "common/model/dot.h"
#include "common/model/dot_kernels.h"
#include "common/model/half.h"
#include "common/model/hashing_embedder.h"
#include "common/model/wordpiece.h"
#include "common/model/words_counter.h"

namespace freshet::model {
namespace {

constexpr size_t kDimensions = 384;

// Text of a chunk's length, of words as long as English ones.
std::string Text(size_t bytes) {
  static constexpr std::string_view kWords[] = {
      "the",   "patient",   "was",      "seen", "with",        "a",    "fever", "of",       "38.5",
      "and",   "shortness", "breath,",  "on",   "room",        "air.", "Blood", "cultures", "were",
      "drawn", "before",    "starting", "the",  "antibiotics", "(2",   "g",     "IV)"};
  std::mt19937 random(1);
  std::string text;
  while (text.size() < bytes) text += std::string(kWords[random() % std::size(kWords)]) + " ";
  return text;
}

void BM_WordsCounter(benchmark::State& state) {
  const std::string text = Text(1 << 20);
  for (auto _ : state) benchmark::DoNotOptimize(WordsCounter().Count(text));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK(BM_WordsCounter);

void BM_HashingEmbedder(benchmark::State& state) {
  const std::string text = Text(1000);
  const std::vector<std::string_view> texts(64, text);
  const HashingEmbedder embedder;
  for (auto _ : state) benchmark::DoNotOptimize(embedder.Embed(texts));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * texts.size() * text.size()));
}
BENCHMARK(BM_HashingEmbedder);

void BM_WordPiece(benchmark::State& state) {
  const char* const directory = std::getenv("FRESHET_MODEL_DIR");
  const auto tokenizer = WordPiece::Load(std::string(directory == nullptr ? "." : directory) + "/vocab.txt");
  if (!tokenizer.ok()) return state.SkipWithError("FRESHET_MODEL_DIR names no folder with vocab.txt");
  const std::string text = Text(1 << 20);
  std::vector<WordPiece::Token> tokens;
  for (auto _ : state) (*tokenizer)->Tokenize(text, tokens);
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK(BM_WordPiece);

std::vector<float> Floats() {
  std::mt19937 random(2);
  std::vector<float> floats(kDimensions);
  for (float& value : floats) value = std::normal_distribution<float>()(random);
  return floats;
}

void BM_FloatsToHalves(benchmark::State& state) {
  const auto floats = Floats();
  std::vector<uint16_t> halves(kDimensions);
  for (auto _ : state) {
    FloatsToHalves(floats, halves);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_FloatsToHalves);

void BM_Quantize(benchmark::State& state) {
  const auto floats = Floats();
  std::vector<int8_t> codes(kDimensions);
  for (auto _ : state) benchmark::DoNotOptimize(Quantize(floats, codes));
}
BENCHMARK(BM_Quantize);

// The exact scan of 10,000 vectors by each kernel that runs here.
void BM_DotInt8(benchmark::State& state) {
  const auto kernels = RunnableKernels();
  if (static_cast<size_t>(state.range(0)) >= kernels.size()) return state.SkipWithError("no such kernel here");
  const DotKernels& kernel = *kernels[static_cast<size_t>(state.range(0))];
  constexpr size_t kRows = 10'000;
  std::vector<int8_t> rows(kRows * kDimensions, 3), query(kDimensions, 5);
  for (auto _ : state) {
    for (size_t row = 0; row < kRows; ++row) {
      benchmark::DoNotOptimize(kernel.int8(query.data(), &rows[row * kDimensions], kDimensions));
    }
  }
  state.SetLabel(kernel.name);
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kRows));
}
BENCHMARK(BM_DotInt8)->Arg(0)->Arg(1)->Arg(2);

}  // namespace
}  // namespace freshet::model

BENCHMARK_MAIN();
