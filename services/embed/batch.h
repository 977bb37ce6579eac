// `freshet embed batch`: vectors of texts outside the pipeline, by the very embedder that the pipeline uses.
//
//   in:  {"id","text"}                       a line each, UTF-8; id is any JSON value
//   out: {"id","ids":[...],"embedding":[...]}   in the order of the lines; ids are the model's own token ids, empty
//                                               where it has none; numbers are the shortest that read back to the float
//
// Codes: invalid_argument with the number of the line that is not such an object; what the embedder says.
#pragma once

#include <istream>
#include <ostream>

#include "common/model/embedder.h"

namespace freshet::embed {

Status RunEmbedBatch(std::istream& in, std::ostream& out, const model::Embedder& embedder);

}  // namespace freshet::embed
