#include "schemas/chunk_check.h"

#include <algorithm>

#include "common/base/utf8.h"
#include "schemas/clean_wire.h"

namespace freshet::wire {
namespace {

// One end of one chunk: a byte, and the code point that it says it is.
struct End {
  uint32_t byte;
  uint32_t place;
  uint32_t chunk;
  auto operator<=>(const End&) const = default;
};

Status Corrupt(size_t chunk, const char* what) {
  return Status(Code::kCorruptRecord, "chunk " + std::to_string(chunk) + ": " + what);
}

Status CheckOne(const CleanDocument& clean, const std::vector<Chunk>& chunks, size_t i) {
  const Chunk& chunk = chunks[i];
  if (chunk.byte_begin > chunk.byte_end || !IsBoundary(clean.text(), chunk.byte_begin) ||
      !IsBoundary(clean.text(), chunk.byte_end)) {
    return Corrupt(i, "range");
  }
  const size_t blocks = clean.blocks().size();
  if (chunk.block >= std::max<size_t>(blocks, 1)) return Corrupt(i, "block");
  if (std::ranges::any_of(chunk.section, [&](uint32_t block) { return block >= blocks; })) return Corrupt(i, "section");
  if (chunk.occurrence >= chunks.size()) return Corrupt(i, "occurrence");
  return OkStatus();
}

}  // namespace

Status CheckChunks(const CleanDocument& clean, const std::vector<Chunk>& chunks) {
  std::vector<End> ends;
  ends.reserve(chunks.size() * 2);
  for (size_t i = 0; i < chunks.size(); ++i) {
    FRESHET_RETURN_IF_ERROR(CheckOne(clean, chunks, i));
    ends.push_back({chunks[i].byte_begin, chunks[i].place_begin, static_cast<uint32_t>(i)});
    ends.push_back({chunks[i].byte_end, chunks[i].place_end, static_cast<uint32_t>(i)});
  }
  std::ranges::sort(ends);  // so that the text is counted once, however chunks overlap
  size_t byte = 0, place = 0;
  for (const End& end : ends) {
    place += CountCodePoints(std::string_view(clean.text()).substr(byte, end.byte - byte));
    byte = end.byte;
    if (end.place != place) return Corrupt(end.chunk, "place");
  }
  return OkStatus();
}

}  // namespace freshet::wire
