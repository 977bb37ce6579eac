// What must hold between chunks and the clean document they are of.
//
//   FRESHET_RETURN_IF_ERROR(wire::CheckChunks(clean, chunks));   // corrupt_record: "chunk 3: section"
//
// Internal to schemas. Any thread.
#pragma once

#include <vector>

#include "schemas/chunked.h"

namespace freshet::wire {

// Ranges lie within the text, in order of their ends and on code points; places are the code points of their bytes;
// block and sections exist (block 0 where the document has none); an occurrence is below the number of chunks.
Status CheckChunks(const CleanDocument& clean, const std::vector<Chunk>& chunks);

}  // namespace freshet::wire
