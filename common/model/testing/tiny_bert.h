// TinyBert: a small BERT of random weights for tests: written as a sentence-transformers directory, and computed once
// more by plain loops, as the papers say it, for comparison.
//
//   const TinyBert bert({.layers = 2});   bert.Write(directory);   bert.Vector(ids)   // in double precision
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace freshet::model {

struct TinyBertOptions {
  uint32_t layers = 2;
  std::string activation = "gelu";
  bool mean = true;              // else the first token
  std::string prefix;            // of the tensors' names
  std::string type = "F32";      // or "F16", "BF16"
  size_t header_padding = 0;     // blanks behind the header, which shift the data
  bool vocabulary_lines = true;  // vocab.txt, else tokenizer.json
};

class TinyBert {
 public:
  static constexpr double kEpsilon = 1e-6;  // of its norms
  static constexpr uint32_t kHidden = 16, kHeads = 4, kWide = 24, kPositions = 40, kTypes = 2;
  static const std::vector<std::string>& Subwords();

  explicit TinyBert(TinyBertOptions options);

  void Write(const std::filesystem::path& directory) const;
  std::vector<double> Vector(const std::vector<uint32_t>& ids) const;

 private:
  struct Weights {
    std::vector<uint64_t> shape;
    std::vector<float> values;  // that the file's type holds exactly
  };
  using Rows = std::vector<std::vector<double>>;

  void Add(const std::string& name, std::vector<uint64_t> shape, float around, float width);
  std::string Tensors() const;
  std::string Config() const;
  const std::vector<float>& Of(const std::string& name) const { return weights_.at(name).values; }
  Rows Linear(const Rows& x, const std::string& name) const;
  Rows Norm(const Rows& x, const Rows& added, const std::string& name) const;
  Rows Attention(const Rows& x, const std::string& name) const;
  double Activate(double x) const;

  TinyBertOptions options_;
  std::map<std::string, Weights> weights_;
};

}  // namespace freshet::model
