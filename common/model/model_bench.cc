// What the parts of this folder cost: `ninja model_bench && bin/model_bench` in a Release build; README.md has figures.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <random>
#include <string>

#include "common/model/dot.h"
#include "common/model/dot_kernels.h"
#include "common/model/encoder.h"
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

// Chunks of about 128 tokens, none like another.
std::vector<std::string> Chunks(size_t count) {
  const std::string text = Text(count * 600);
  std::vector<std::string> chunks;
  for (size_t i = 0; i < count; ++i) chunks.push_back(text.substr(i * 600, 560));
  return chunks;
}

constexpr size_t kChunks = 32;

std::unique_ptr<EncoderEmbedder> MakeEncoder(benchmark::State& state) {
  const auto precision = static_cast<Precision>(state.range(0));
  const bool emulated = precision == Precision::kBfloat16 && !ComputesBfloat16();
  if (emulated) state.SkipWithError("bf16 is emulated on this processor");
  if (emulated) return nullptr;
  auto encoder = EncoderEmbedder::Make({.precision = precision, .threads = 1});
  if (!encoder.ok()) state.SkipWithError(encoder.status().ToString().c_str());
  return encoder.ok() ? std::move(*encoder) : nullptr;
}

// Texts to vectors on one core; beside it the engine alone on the same batches, made beforehand.
void BM_Encoder(benchmark::State& state) {
  const auto encoder = MakeEncoder(state);
  if (encoder == nullptr) return;
  const std::vector<std::string> chunks = Chunks(kChunks);
  const std::vector<std::string_view> texts(chunks.begin(), chunks.end());
  for (auto _ : state) benchmark::DoNotOptimize(encoder->Embed(texts));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kChunks));
}
BENCHMARK(BM_Encoder)->Arg(1)->Arg(2)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

void BM_EncoderEngineAlone(benchmark::State& state) {
  const auto encoder = MakeEncoder(state);
  if (encoder == nullptr) return;
  std::vector<TokenRow> rows;
  size_t tokens = 0;
  for (const std::string& chunk : Chunks(kChunks)) tokens += rows.emplace_back(encoder->RowOf(chunk)).size();
  std::vector<float> values(rows.size() * encoder->dimensions());
  const auto batches = MakeBatches(rows, {.dimensions = encoder->dimensions(), .values = values});
  for (auto _ : state) benchmark::DoNotOptimize(encoder->engine().Run(batches, Priority::kLive));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kChunks));
  state.counters["tokens"] = static_cast<double>(tokens) / kChunks;
}
BENCHMARK(BM_EncoderEngineAlone)->Arg(1)->Arg(2)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

void BM_EncoderQuery(benchmark::State& state) {
  const auto encoder = MakeEncoder(state);
  if (encoder == nullptr) return;
  const std::string_view text = "how is a blocked coronary artery treated";
  for (auto _ : state) benchmark::DoNotOptimize(encoder->Embed({&text, 1}));
}
BENCHMARK(BM_EncoderQuery)->Arg(1)->Arg(2)->MeasureProcessCPUTime()->Unit(benchmark::kMillisecond);

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
