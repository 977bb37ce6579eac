// Which texts an encoder computes together: those of like length, so that little is padding, and no more at once than
// keeps every processor busy and a waiting query short. Internal to encoder.cc and its benchmark.
//
//   std::vector<TokenRow> rows = ...;                       // token ids of each text
//   const auto batches = MakeBatches(rows, {.dimensions = 384, .values = out});   // longest first
//
// Rows are grouped by the number of their tokens alone, rounded up to a multiple of kStep: what a text is padded to
// does not depend on what it is computed with. Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/model/encoder_engine.h"

namespace freshet::model {

using TokenRow = std::vector<int32_t>;

struct RowVectors {
  uint32_t dimensions = 0;
  std::span<float> values;  // row after row
};

// Tokens of a row are padded to a multiple of it: fewer shapes to prepare for, at 2 % of padding in texts of 128.
inline constexpr size_t kTokenStep = 8;
// Of a batch, padding included. Larger is no faster (rows one by one make 42 chunks a second where batches of 1,024
// tokens make 37 and of 256 make 41, two cores of 2.5 GHz), and a query waits for the batches that run.
inline constexpr size_t kBatchTokens = 256;

constexpr size_t PaddedTokens(size_t tokens) { return (tokens + kTokenStep - 1) / kTokenStep * kTokenStep; }

std::vector<EncoderBatch> MakeBatches(std::span<const TokenRow> rows, const RowVectors& out);

}  // namespace freshet::model
