#include "common/model/bert_weights.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <openvino/op/constant.hpp>

#include "common/model/half.h"

namespace freshet::model {
namespace {

constexpr std::string_view kAnyTensor = "embeddings.word_embeddings.weight";

std::string PrefixOf(const SafetensorsFile& file) {
  for (const char* prefix : {"", "bert.", "0.auto_model."}) {
    if (file.Find(prefix + std::string(kAnyTensor)) != nullptr) return prefix;
  }
  return "";
}

// Sixteen-bit numbers are widened here, exactly, so that they are computed with as floats.
ov::Tensor Widened(const Tensor& tensor, const ov::Shape& shape) {
  ov::Tensor out(ov::element::f32, shape);
  std::vector<uint16_t> halves(out.get_size());
  std::memcpy(halves.data(), tensor.bytes.data(), tensor.bytes.size());
  const std::span floats(out.data<float>(), out.get_size());
  if (tensor.type == TensorType::kFloat16) {
    HalvesToFloats(halves, floats);
  } else {
    std::ranges::transform(halves, floats.begin(),
                           [](uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); });
  }
  return out;
}

// The file's own memory where floats can be read there.
ov::Tensor FloatsOf(const Tensor& tensor, const ov::Shape& shape) {
  if (tensor.type != TensorType::kFloat32) return Widened(tensor, shape);
  auto* const bytes = const_cast<std::byte*>(tensor.bytes.data());  // a constant is never written to
  if (reinterpret_cast<uintptr_t>(bytes) % alignof(float) == 0) return ov::Tensor(ov::element::f32, shape, bytes);
  ov::Tensor out(ov::element::f32, shape);
  std::memcpy(out.data(), bytes, tensor.bytes.size());
  return out;
}

}  // namespace

BertWeights::BertWeights(const SafetensorsFile& file) : file_(file), prefix_(PrefixOf(file)) {}

ov::Output<ov::Node> BertWeights::Constant(const std::string& name, const std::vector<uint64_t>& shape) {
  const Tensor* const tensor = file_.Find(prefix_ + name);
  std::string wrong;
  if (tensor == nullptr)
    wrong = "is not there";
  else if (tensor->type == TensorType::kOther)
    wrong = "is not of floating point numbers";
  else if (tensor->shape != shape)
    wrong = "has the shape " + tensor->ShapeText() + ", not " + Tensor{.shape = shape}.ShapeText();
  if (!wrong.empty()) {
    if (status_.ok())
      status_ = Status(Code::kModelMissing, file_.path().string() + ": tensor " + prefix_ + name + " " + wrong);
    return std::make_shared<ov::op::v0::Constant>(ov::element::f32, ov::Shape{1}, std::vector<float>{0});
  }
  return std::make_shared<ov::op::v0::Constant>(FloatsOf(*tensor, ov::Shape(shape.begin(), shape.end())));
}

}  // namespace freshet::model
