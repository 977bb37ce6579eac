// ChunkRecord: a chunk's coordinates in its document as the index keeps them, opaque to the store.
//
//   std::string record = EncodeChunkRecord(chunk);          // services/index, on the way in
//   Result<Chunk> chunk = DecodeChunkRecord(record, clean);  // services/query, on the way out
#pragma once

#include <string>
#include <string_view>

#include "schemas/chunked.h"

namespace freshet {

std::string EncodeChunkRecord(const Chunk& chunk);

// corrupt_record where the bytes are no chunk, or one that does not lie in `clean`.
Result<Chunk> DecodeChunkRecord(std::string_view record, const CleanDocument& clean);

}  // namespace freshet
