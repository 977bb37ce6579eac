#include "common/model/encoder_batches.h"

#include <algorithm>
#include <numeric>

namespace freshet::model {
namespace {

EncoderBatch Fill(std::span<const TokenRow> rows, std::span<const size_t> chosen, size_t tokens,
                  const RowVectors& out) {
  EncoderBatch batch{.tokens = tokens,
                     .ids = std::vector<int32_t>(chosen.size() * tokens, 0),
                     .mask = std::vector<float>(chosen.size() * tokens, 0)};
  for (size_t i = 0; i < chosen.size(); ++i) {
    const TokenRow& row = rows[chosen[i]];
    std::ranges::copy(row, batch.ids.begin() + static_cast<ptrdiff_t>(i * tokens));
    std::fill_n(batch.mask.begin() + static_cast<ptrdiff_t>(i * tokens), row.size(), 1.0f);
    batch.out.push_back(out.values.data() + chosen[i] * out.dimensions);
  }
  return batch;
}

}  // namespace

std::vector<EncoderBatch> MakeBatches(std::span<const TokenRow> rows, const RowVectors& out) {
  std::vector<size_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater<>(), [&](size_t row) { return rows[row].size(); });
  std::vector<EncoderBatch> batches;
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    const size_t tokens = PaddedTokens(rows[order[begin]].size());
    const size_t most = std::max<size_t>(kBatchTokens / tokens, 1);
    while (end < order.size() && end - begin < most && PaddedTokens(rows[order[end]].size()) == tokens) ++end;
    batches.push_back(Fill(rows, std::span(order).subspan(begin, end - begin), tokens, out));
  }
  return batches;
}

}  // namespace freshet::model
