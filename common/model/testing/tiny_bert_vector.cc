#include <algorithm>
#include <cmath>

#include "common/model/testing/tiny_bert.h"

namespace freshet::model {

TinyBert::Rows TinyBert::Linear(const Rows& x, const std::string& name) const {
  const auto &matrix = Of(name + ".weight"), &bias = Of(name + ".bias");
  Rows out(x.size(), std::vector<double>(bias.begin(), bias.end()));
  for (size_t row = 0; row < x.size(); ++row) {
    for (size_t to = 0; to < bias.size(); ++to) {
      for (size_t from = 0; from < x[row].size(); ++from)
        out[row][to] += x[row][from] * matrix[to * x[row].size() + from];
    }
  }
  return out;
}

TinyBert::Rows TinyBert::Norm(const Rows& x, const Rows& added, const std::string& name) const {
  Rows out = x;
  for (size_t row = 0; row < x.size(); ++row) {
    double mean = 0, variance = 0;
    for (size_t i = 0; i < kHidden; ++i) mean += (out[row][i] += added[row][i]) / kHidden;
    for (const double value : out[row]) variance += (value - mean) * (value - mean) / kHidden;
    for (size_t i = 0; i < kHidden; ++i) {
      const double normal = (out[row][i] - mean) / std::sqrt(variance + kEpsilon);
      out[row][i] = normal * Of(name + ".weight")[i] + Of(name + ".bias")[i];
    }
  }
  return out;
}

TinyBert::Rows TinyBert::Attention(const Rows& x, const std::string& name) const {
  const Rows query = Linear(x, name + "query"), key = Linear(x, name + "key"), value = Linear(x, name + "value");
  constexpr size_t kPart = kHidden / kHeads;
  Rows out(x.size(), std::vector<double>(kHidden, 0));
  for (size_t head = 0; head < kHeads; ++head) {
    for (size_t row = 0; row < x.size(); ++row) {
      std::vector<double> share(x.size());
      double sum = 0;
      for (size_t other = 0; other < x.size(); ++other) {
        double dot = 0;
        for (size_t i = head * kPart; i < (head + 1) * kPart; ++i) dot += query[row][i] * key[other][i];
        sum += share[other] = std::exp(dot / std::sqrt(static_cast<double>(kPart)));
      }
      for (size_t other = 0; other < x.size(); ++other) {
        for (size_t i = head * kPart; i < (head + 1) * kPart; ++i) out[row][i] += share[other] / sum * value[other][i];
      }
    }
  }
  return out;
}

double TinyBert::Activate(double x) const {
  if (options_.activation == "relu") return std::max(x, 0.0);
  if (options_.activation == "gelu") return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0)));
  return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

std::vector<double> TinyBert::Vector(const std::vector<uint32_t>& ids) const {
  Rows words, places;
  const auto row_of = [&](const std::string& name, size_t row) {
    const auto at = Of("embeddings." + name + ".weight").begin() + static_cast<ptrdiff_t>(row * kHidden);
    return std::vector<double>(at, at + kHidden);
  };
  for (size_t i = 0; i < ids.size(); ++i) {
    words.push_back(row_of("word_embeddings", ids[i]));
    places.push_back(row_of("position_embeddings", i));
    for (size_t j = 0; j < kHidden; ++j) places[i][j] += row_of("token_type_embeddings", 0)[j];
  }
  Rows x = Norm(words, places, "embeddings.LayerNorm");
  for (uint32_t layer = 0; layer < options_.layers; ++layer) {
    const std::string name = "encoder.layer." + std::to_string(layer) + ".";
    x = Norm(x, Linear(Attention(x, name + "attention.self."), name + "attention.output.dense"),
             name + "attention.output.LayerNorm");
    Rows wide = Linear(x, name + "intermediate.dense");
    for (auto& row : wide) std::ranges::transform(row, row.begin(), [&](double value) { return Activate(value); });
    x = Norm(x, Linear(wide, name + "output.dense"), name + "output.LayerNorm");
  }
  std::vector<double> pooled = x[0];
  for (size_t row = 1; row < x.size() && options_.mean; ++row) {
    for (size_t i = 0; i < kHidden; ++i) pooled[i] += x[row][i];
  }
  double squares = 0;
  for (const double value : pooled) squares += value * value;
  for (double& value : pooled) value /= std::sqrt(squares);
  return pooled;
}

}  // namespace freshet::model
