// BertGraph: the OpenVINO graph of a BERT sentence encoder (Devlin et al., 2019; Reimers and Gurevych, 2019), made of
// a model's sizes and weights, so that no converted file exists.
//
//   FRESHET_ASSIGN_OR_RETURN(std::shared_ptr<ov::Model> graph, BuildBertGraph(config, *weights));
//
//   ids  [batch, tokens] int32      row after row, what lies behind a row's end is any valid id
//   mask [batch, tokens] float      1 for a token, 0 behind the end
//   out  [batch, hidden] float      pooled and of length 1
//
// Weights are float, binary16 or bfloat16 and are computed with as float (or what the compiled model is told). Float
// weights are not copied: `weights` outlives the graph and all that is compiled from it. Codes: model_missing, with the
// tensor that is absent or has another shape than config.json says.
#pragma once

#include <memory>

#include "common/model/bert_config.h"
#include "common/model/safetensors.h"

namespace ov {
class Model;
}

namespace freshet::model {

Result<std::shared_ptr<ov::Model>> BuildBertGraph(const BertConfig& config, const SafetensorsFile& weights);

}  // namespace freshet::model
