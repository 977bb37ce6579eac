// VectorScan: the exact VectorIndex. Every search reads the 8-bit code of every entry (one scale a vector), then
// rescores the best few by the owner's 16-bit vectors. Costs dimensions + 24 bytes an entry; a search of 100,000 x 384
// takes a few milliseconds on one core. Where few documents pass the filter, only their entries are read.
//
//   std::unique_ptr<VectorIndex> index = NewVectorScan(384);
//
// Recall@10 against exact 32-bit floats is at least .99 (vector_scan_test.cc).
#pragma once

#include <memory>

#include "common/store/vector_index.h"

namespace freshet::store {

std::unique_ptr<VectorIndex> NewVectorScan(uint32_t dimensions);

}  // namespace freshet::store
