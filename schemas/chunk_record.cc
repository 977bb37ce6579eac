#include "schemas/chunk_record.h"

#include <cstring>

#include "schemas/chunk.pb.h"

namespace freshet {
namespace {

// The record lies beside the document that it was made of, in a store that checks what it reads: what is checked here
// is what would otherwise be read out of bounds.
bool LiesIn(const Chunk& chunk, const CleanDocument& clean) {
  if (chunk.byte_begin > chunk.byte_end || chunk.byte_end > clean.text().size()) return false;
  if (chunk.block >= clean.blocks().size() && !(chunk.block == 0 && clean.blocks().empty())) return false;
  for (const uint32_t heading : chunk.section) {
    if (heading >= clean.blocks().size()) return false;
  }
  return true;
}

}  // namespace

std::string EncodeChunkRecord(const Chunk& chunk) {
  v1::Chunk record;
  record.set_byte_begin(chunk.byte_begin);
  record.set_byte_end(chunk.byte_end);
  record.set_place_begin(chunk.place_begin);
  record.set_place_end(chunk.place_end);
  record.set_block(chunk.block);
  for (const uint32_t heading : chunk.section) record.add_section(heading);
  record.set_tokens(chunk.tokens);
  record.set_hash(std::string(AsBytes(chunk.hash)));
  record.set_occurrence(chunk.occurrence);
  return record.SerializeAsString();
}

Result<Chunk> DecodeChunkRecord(std::string_view bytes, const CleanDocument& clean) {
  v1::Chunk record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || record.hash().size() != sizeof(Hash128)) {
    return Status(Code::kCorruptRecord, "a chunk's record cannot be read");
  }
  Chunk chunk{.byte_begin = record.byte_begin(),
              .byte_end = record.byte_end(),
              .place_begin = record.place_begin(),
              .place_end = record.place_end(),
              .block = record.block(),
              .section = {record.section().begin(), record.section().end()},
              .tokens = record.tokens(),
              .occurrence = record.occurrence()};
  std::memcpy(chunk.hash.data(), record.hash().data(), chunk.hash.size());
  if (!LiesIn(chunk, clean)) return Status(Code::kCorruptRecord, "a chunk's record does not fit its document");
  return chunk;
}

}  // namespace freshet
