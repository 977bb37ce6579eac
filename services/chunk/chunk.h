// Chunker: a clean document to the places of its chunks, so that one changed sentence changes one or two of them.
//
//   model::WordsCounter counter;
//   FRESHET_ASSIGN_OR_RETURN(auto chunker, chunk::Chunker::Make({}, counter));
//   auto outcomes = chunker->Process(batch, chunk::ChunkState{});
//
// How: blocks → units (sentences of paragraphs, list items, table rows, lines of code; units.h) → runs of units within
// one section → cuts that depend on nearby text only (cuts.h) → chunks with places, context and hash (layout.h). Every
// code point that is not whitespace and not in a heading lies in exactly one chunk; no chunk holds text of two
// sections; a heading with nothing under it is a chunk of its own. Deterministic, linear in the text.
//
// Skips: document_too_large (more than kMaxChunks chunks, or more than kMaxTextBytes of text). A document without
// anything to index goes on with no chunks: it still has a title and can be found by id.
// One thread at a time, like every stage; instances share nothing.
#pragma once

#include <memory>

#include "common/model/token_counter.h"
#include "common/stage/stage.h"
#include "schemas/chunked.h"
#include "services/chunk/options.h"

namespace freshet::chunk {

// A chunker looks at nothing but its input.
struct ChunkState {};

class Chunker final : public Stage<CleanDocument, ChunkedDocument, ChunkState> {
 public:
  // `counter` outlives the chunker; a model that takes fewer tokens than the options say lowers them (FitTo).
  // configuration where the options do not fit together, or the model takes too few.
  static Result<std::unique_ptr<Chunker>> Make(const ChunkOptions& options, const model::TokenCounter& counter);
  ~Chunker() override;

  Step step() const override { return Step::kChunk; }
  std::vector<Result<Outcome>> Process(std::span<const Input> batch, const ChunkState& state) override;

  // document_too_large.
  Result<ChunkedDocument> Chunked(const CleanDocument& clean);

  // "structure@1/words": what made the chunks; a new number where boundaries change.
  const std::string& name() const { return name_; }

 private:
  struct Scratch;
  Chunker(const ChunkOptions& options, const model::TokenCounter& counter);
  Outcome OutcomeOf(const CleanDocument& clean);

  ChunkOptions options_;
  const model::TokenCounter& counter_;
  std::string name_;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace freshet::chunk
