#include "common/model/bert_graph.h"

#include <cmath>
#include <openvino/core/model.hpp>
#include <openvino/opsets/opset13.hpp>

#include "common/model/bert_weights.h"

namespace freshet::model {
namespace {

namespace op = ov::opset13;
using Out = ov::Output<ov::Node>;

constexpr float kMasked = -10000;  // added to what softmax sees of a place behind the end; exp of it is 0
constexpr float kShortest = 1e-24f;

template <class Op, class... Arguments>
Out Make(Arguments&&... arguments) {
  return std::make_shared<Op>(std::forward<Arguments>(arguments)...);
}

Out Numbers(std::vector<int64_t> values) {
  const ov::Shape shape{values.size()};
  return op::Constant::create(ov::element::i64, shape, values);
}
Out Number(int64_t value) { return op::Constant::create(ov::element::i64, ov::Shape{}, {value}); }
Out Float(float value) { return op::Constant::create(ov::element::f32, ov::Shape{1}, {value}); }

class Builder {
 public:
  Builder(const BertConfig& config, const SafetensorsFile& file) : config_(config), weights_(file) {}

  Result<std::shared_ptr<ov::Model>> Build() {
    const auto ids = std::make_shared<op::Parameter>(ov::element::i32, ov::PartialShape{-1, -1});
    const auto mask = std::make_shared<op::Parameter>(ov::element::f32, ov::PartialShape{-1, -1});
    const Out added =
        Make<op::Unsqueeze>(Make<op::Multiply>(Make<op::Subtract>(Float(1), mask), Float(kMasked)), Numbers({1, 2}));
    Out x = Embeddings(ids);
    for (uint32_t layer = 0; layer < config_.layers; ++layer) {
      x = Layer(x, added, "encoder.layer." + std::to_string(layer) + ".");
    }
    const Out pooled = config_.pooling == Pooling::kMean ? Mean(x, mask) : Make<op::Gather>(x, Number(0), Number(1));
    const Out unit = Make<op::NormalizeL2>(pooled, Numbers({1}), kShortest, ov::op::EpsMode::ADD);
    FRESHET_RETURN_IF_ERROR(weights_.status());
    return std::make_shared<ov::Model>(ov::OutputVector{unit}, ov::ParameterVector{ids, mask}, "bert");
  }
  const Status& status() const { return weights_.status(); }

 private:
  Out Norm(const Out& x, const std::string& name) {
    const Out normal = Make<op::MVN>(x, Numbers({-1}), true, config_.norm_epsilon, ov::op::MVNEpsMode::INSIDE_SQRT);
    const Out scaled = Make<op::Multiply>(normal, weights_.Constant(name + ".weight", {config_.hidden}));
    return Make<op::Add>(scaled, weights_.Constant(name + ".bias", {config_.hidden}));
  }

  Out Linear(const Out& x, const std::string& name, uint64_t to, uint64_t from) {
    const Out product = Make<op::MatMul>(x, weights_.Constant(name + ".weight", {to, from}), false, true);
    return Make<op::Add>(product, weights_.Constant(name + ".bias", {to}));
  }

  // Every token is of the first type.
  Out Embeddings(const Out& ids) {
    const std::string at = "embeddings.";
    const uint64_t hidden = config_.hidden;
    const Out words = weights_.Constant(at + "word_embeddings.weight", {config_.vocabulary, hidden});
    const Out places = weights_.Constant(at + "position_embeddings.weight", {config_.positions, hidden});
    const Out types = weights_.Constant(at + "token_type_embeddings.weight", {config_.token_types, hidden});
    const Out tokens = Make<op::Gather>(Make<op::ShapeOf>(ids, ov::element::i64), Numbers({1}), Number(0));
    const Out place = Make<op::Slice>(places, Numbers({0}), tokens, Numbers({1}), Numbers({0}));
    const Out type = Make<op::Gather>(types, Number(0), Number(0));
    const Out sum = Make<op::Add>(Make<op::Gather>(words, ids, Number(0)), Make<op::Add>(place, type));
    return Norm(sum, at + "LayerNorm");
  }

  // [batch, tokens, hidden] to [batch, heads, tokens, hidden / heads]
  Out Heads(const Out& x) {
    const Out parts = Make<op::Reshape>(x, Numbers({0, 0, config_.heads, config_.hidden / config_.heads}), true);
    return Make<op::Transpose>(parts, Numbers({0, 2, 1, 3}));
  }

  Out Attention(const Out& x, const Out& added, const std::string& name) {
    const uint64_t hidden = config_.hidden;
    const float scale = 1 / std::sqrt(static_cast<float>(config_.hidden / config_.heads));
    const Out query = Heads(Make<op::Multiply>(Linear(x, name + "query", hidden, hidden), Float(scale)));
    const Out key = Heads(Linear(x, name + "key", hidden, hidden));
    const Out value = Heads(Linear(x, name + "value", hidden, hidden));
    const Out scores = Make<op::Add>(Make<op::MatMul>(query, key, false, true), added);
    const Out mixed = Make<op::MatMul>(Make<op::Softmax>(scores, -1), value);
    return Make<op::Reshape>(Make<op::Transpose>(mixed, Numbers({0, 2, 1, 3})),
                             Numbers({0, 0, static_cast<int64_t>(hidden)}), true);
  }

  Out Layer(const Out& x, const Out& added, const std::string& name) {
    const uint64_t hidden = config_.hidden, wide = config_.intermediate;
    const Out attended = Attention(x, added, name + "attention.self.");
    const Out projected = Linear(attended, name + "attention.output.dense", hidden, hidden);
    const Out middle = Norm(Make<op::Add>(projected, x), name + "attention.output.LayerNorm");
    const Out active = Activate(Linear(middle, name + "intermediate.dense", wide, hidden));
    const Out narrow = Linear(active, name + "output.dense", hidden, wide);
    return Norm(Make<op::Add>(narrow, middle), name + "output.LayerNorm");
  }

  Out Activate(const Out& x) const {
    if (config_.activation == Activation::kRelu) return Make<op::Relu>(x);
    const bool exact = config_.activation == Activation::kGelu;
    return Make<op::Gelu>(x, exact ? ov::op::GeluApproximationMode::ERF : ov::op::GeluApproximationMode::TANH);
  }

  static Out Mean(const Out& x, const Out& mask) {
    const Out kept = Make<op::Multiply>(x, Make<op::Unsqueeze>(mask, Numbers({2})));
    const Out sum = Make<op::ReduceSum>(kept, Numbers({1}), false);
    return Make<op::Divide>(sum, Make<op::ReduceSum>(mask, Numbers({1}), true));
  }

  const BertConfig& config_;
  BertWeights weights_;
};

}  // namespace

Result<std::shared_ptr<ov::Model>> BuildBertGraph(const BertConfig& config, const SafetensorsFile& weights) {
  Builder builder(config, weights);
  try {
    return builder.Build();
  } catch (const std::exception&) {
    // A tensor that is wrong stops the graph at the next step; what OpenVINO says of that may be pages long.
    FRESHET_RETURN_IF_ERROR(builder.status());
    return Status(Code::kModelMissing, weights.path().string() + ": makes no model as config.json describes");
  }
}

}  // namespace freshet::model
