// What chunking costs: `ninja chunk_bench && bin/chunk_bench` in a Release build; README.md has figures.
#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "common/model/words_counter.h"
#include "services/chunk/chunk.h"
#include "services/chunk/cuts.h"
#include "services/chunk/sentences.h"
#include "services/chunk/units.h"
#include "tests/support/clean_documents.h"

namespace freshet::chunk {
namespace {

std::string Sentences(size_t bytes) {
  static constexpr std::string_view kWords[] = {
      "patient", "was",       "seen",     "with",        "a",    "fever", "of",       "38.5",
      "and",     "shortness", "breath,",  "on",          "room", "air",   "cultures", "were",
      "drawn",   "before",    "starting", "antibiotics", "(2",   "g",     "IV)",      "per Dr. Wu"};
  std::mt19937 random(1);
  std::string text;
  while (text.size() < bytes) {
    text += "The";
    for (size_t i = 5 + random() % 16; i > 0; --i) text += " " + std::string(kWords[random() % std::size(kWords)]);
    text += " " + std::to_string(random() % 10'000) + ". ";
  }
  return text;
}

// Sections of five paragraphs and a list, as in a note.
CleanDocument Note(size_t bytes) {
  std::string markup;
  for (int i = 0; markup.size() < bytes; ++i) {
    markup += "## Section " + std::to_string(i) + "\n\n";
    for (int k = 0; k < 5; ++k) markup += Sentences(500 + 37 * k) + "\n\n";
    for (int k = 0; k < 5; ++k) markup += "- aspirin " + std::to_string(i * 5 + k) + " mg daily\n";
    markup += "\n";
  }
  CleanFields fields = testing::Outline(markup);
  fields.title = "Discharge summary";
  return testing::MakeClean(fields);
}

void Run(benchmark::State& state, const CleanDocument& clean) {
  const model::WordsCounter counter;
  const auto chunker = Chunker::Make({}, counter);
  size_t chunks = 0;
  for (auto _ : state) chunks += (*chunker)->Chunked(clean)->chunks->size();
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * clean.text().size()));
  state.counters["chunks/s"] = benchmark::Counter(static_cast<double>(chunks), benchmark::Counter::kIsRate);
}

void BM_Note(benchmark::State& state) { Run(state, Note(static_cast<size_t>(state.range(0)))); }
BENCHMARK(BM_Note)->Arg(1 << 10)->Arg(16 << 10)->Arg(1 << 20);

void BM_OneParagraph(benchmark::State& state) {
  Run(state, testing::MakeClean(testing::Outline(Sentences(static_cast<size_t>(state.range(0))))));
}
BENCHMARK(BM_OneParagraph)->Arg(1 << 20)->Arg((4 << 20) - 1000);

void BM_OneWord(benchmark::State& state) { Run(state, testing::MakeClean({.text = std::string(4 << 20, 'A')})); }
BENCHMARK(BM_OneWord);

void BM_SentenceEnds(benchmark::State& state) {
  const std::string text = Sentences(1 << 20);
  std::vector<uint32_t> ends;
  for (auto _ : state) SentenceEnds(text, ends);
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK(BM_SentenceEnds);

}  // namespace
}  // namespace freshet::chunk

BENCHMARK_MAIN();
