#include "services/chunk/chunk.h"

#include <algorithm>
#include <unordered_map>

#include "common/base/utf8.h"
#include "schemas/codec.h"
#include "services/chunk/cuts.h"
#include "services/chunk/units.h"

namespace freshet::chunk {
namespace {

// Tokens between two content-defined cuts, as a share of what is aimed at: chunks of flat text then average two thirds
// of it, and 99 of 100 edits change at most two (README).
constexpr uint32_t SpacingFor(const ChunkOptions& options, uint32_t room) {
  return std::max(1u, std::min(options.target_tokens * 7 / 20, room * 2 / 7));
}

struct HashOfHash {
  size_t operator()(const Hash128& hash) const {
    size_t bytes = 0;
    std::copy_n(hash.data(), sizeof bytes, reinterpret_cast<uint8_t*>(&bytes));
    return bytes;
  }
};

}  // namespace

struct Chunker::Scratch {
  UnitList list;
  Cutter cutter;
  std::string text;  // context header, newline, text: what is hashed
  std::unordered_map<Hash128, uint32_t, HashOfHash> occurrences;
};

namespace {

// Makes the chunks of one document, front to back.
class Assembler {
 public:
  Assembler(const CleanDocument& clean, const model::TokenCounter& counter, std::string& text)
      : clean_(clean), counter_(counter), embedded_(text) {}

  // The chunk of the units [begin, end) of a section.
  Chunk Make(const Section& section, std::span<const Unit> units) {
    Chunk chunk{.byte_begin = units.front().begin,
                .byte_end = units.back().end,
                .block = units.front().block,
                .section = section.path};
    if (units.front().header_row != kNoBlock) chunk.section.push_back(units.front().header_row);
    chunk.place_begin = PlaceOf(chunk.byte_begin);
    chunk.place_end = PlaceOf(chunk.byte_end);
    SetContext(chunk);
    chunk.tokens = context_tokens_ + TokensOf(chunk, units);
    embedded_.resize(context_size_);
    embedded_ += TextOf(clean_, chunk);
    chunk.hash = HashOf(embedded_);
    return chunk;
  }

 private:
  // Only ever asked for bytes in ascending order.
  uint32_t PlaceOf(uint32_t byte) {
    place_ += static_cast<uint32_t>(CountCodePoints(std::string_view(clean_.text()).substr(byte_, byte - byte_)));
    byte_ = byte;
    return place_;
  }

  void SetContext(const Chunk& chunk) {
    if (any_ && chunk.section == section_) return;
    embedded_ = ContextHeader(clean_, chunk);
    context_tokens_ = static_cast<uint32_t>(counter_.Count(embedded_) + counter_.specials());
    if (!embedded_.empty()) embedded_ += '\n';
    context_size_ = embedded_.size();
    section_ = chunk.section;
    any_ = true;
  }

  uint32_t TokensOf(const Chunk& chunk, std::span<const Unit> units) const {
    if (units.front().torn || units.back().torn) return static_cast<uint32_t>(counter_.Count(TextOf(clean_, chunk)));
    uint32_t tokens = 0;
    for (const Unit& unit : units) tokens += unit.tokens;
    return tokens;
  }

  const CleanDocument& clean_;
  const model::TokenCounter& counter_;
  std::string& embedded_;
  std::vector<uint32_t> section_;
  bool any_ = false;
  size_t context_size_ = 0;
  uint32_t context_tokens_ = 0;
  uint32_t byte_ = 0;
  uint32_t place_ = 0;
};

Status TooLarge(size_t limit, const char* what) {
  return Status(Code::kDocumentTooLarge, "more than " + std::to_string(limit) + what);
}

}  // namespace

Chunker::Chunker(const ChunkOptions& options, const model::TokenCounter& counter)
    : options_(options),
      counter_(counter),
      name_("structure@1/" + std::string(counter.name())),
      scratch_(std::make_unique<Scratch>()) {}

Chunker::~Chunker() = default;

Result<std::unique_ptr<Chunker>> Chunker::Make(const ChunkOptions& options, const model::TokenCounter& counter) {
  FRESHET_RETURN_IF_ERROR(Validate(options));
  const ChunkOptions fitted = FitTo(options, counter.limit());
  const Status status = Validate(fitted);
  if (!status.ok()) {
    return Status(status.code(),
                  "the model cuts texts off at " + std::to_string(counter.limit()) + " tokens: " + status.message());
  }
  return std::unique_ptr<Chunker>(new Chunker(fitted, counter));
}

Result<ChunkedDocument> Chunker::Chunked(const CleanDocument& clean) {
  if (clean.text().size() > kMaxTextBytes) return TooLarge(kMaxTextBytes, " bytes of text");
  const auto room = [&](const std::vector<uint32_t>& section) {
    const size_t context = counter_.Count(ContextHeader(clean, {.section = section})) + counter_.specials();
    const size_t floor = options_.max_tokens / 4;  // for a context of hundreds of symbols; the model then truncates
    return static_cast<uint32_t>(context + floor < options_.max_tokens ? options_.max_tokens - context : floor);
  };
  UnitList& list = scratch_->list;
  BuildUnits({.text = clean.text(), .blocks = clean.blocks(), .counter = counter_, .room = room}, list);
  auto chunks = std::make_shared<std::vector<Chunk>>();
  scratch_->occurrences.clear();
  Assembler assembler(clean, counter_, scratch_->text);
  for (const Section& section : list.sections) {
    const auto units = std::span(list.units).subspan(section.unit_begin, section.unit_end - section.unit_begin);
    const auto starts = scratch_->cutter.Cut(units, {section.room, SpacingFor(options_, section.room)});
    if (chunks->size() + starts.size() > kMaxChunks) return TooLarge(kMaxChunks, " chunks");
    for (size_t i = 0; i < starts.size(); ++i) {
      const size_t end = i + 1 < starts.size() ? starts[i + 1] : units.size();
      chunks->push_back(assembler.Make(section, units.subspan(starts[i], end - starts[i])));
      chunks->back().occurrence = scratch_->occurrences[chunks->back().hash]++;
    }
  }
  return ChunkedDocument{.clean = clean, .chunks = std::move(chunks), .chunker = name_};
}

Chunker::Outcome Chunker::OutcomeOf(const CleanDocument& clean) {
  Result<ChunkedDocument> chunked = Chunked(clean);
  if (!chunked.ok()) return Skipped{.code = chunked.code(), .stage = Step::kChunk};
  return Forward<ChunkedDocument>{std::move(chunked).value()};
}

std::vector<Result<Chunker::Outcome>> Chunker::Process(std::span<const Input> batch, const ChunkState& state) {
  std::vector<Result<Outcome>> outcomes;
  outcomes.reserve(batch.size());
  for (const Input& input : batch) outcomes.push_back(OutcomeOf(input.body));
  return outcomes;
}

}  // namespace freshet::chunk
