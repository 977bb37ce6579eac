// BertWeights: the tensors of a BERT model as constants of a graph; internal to bert_graph.cc.
//
//   BertWeights weights(file);
//   auto words = weights.Constant("embeddings.word_embeddings.weight", {30522, 384});
//   FRESHET_RETURN_IF_ERROR(weights.status());     // the first that was absent or wrong; its constant is zeros
//
// One thread.
#pragma once

#include <openvino/core/node_output.hpp>

#include "common/model/safetensors.h"

namespace freshet::model {

class BertWeights {
 public:
  explicit BertWeights(const SafetensorsFile& file);

  // As float; shares the file's memory where that is float and aligned.
  ov::Output<ov::Node> Constant(const std::string& name, const std::vector<uint64_t>& shape);
  const Status& status() const { return status_; }

 private:
  const SafetensorsFile& file_;
  std::string prefix_;  // "bert." in files of a model with a head
  Status status_;
};

}  // namespace freshet::model
