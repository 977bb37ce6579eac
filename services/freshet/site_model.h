// The model that a site's configuration names: what makes its vectors and counts its tokens.
//
//   FRESHET_ASSIGN_OR_RETURN(const SiteModel model, MakeSiteModel(config.embedder));
//
// configuration, model_missing. Both may be used from any thread.
#pragma once

#include <memory>

#include "common/model/embedder.h"
#include "common/model/token_counter.h"
#include "common/telemetry/metrics.h"
#include "services/freshet/site.h"

namespace freshet {

struct SiteModel {
  std::shared_ptr<const model::Embedder> embedder;
  // Of questions: the same, but where it waits for a server it does not wait long.
  std::shared_ptr<const model::Embedder> query_embedder;
  std::shared_ptr<const model::TokenCounter> tokens;
};

// Which of them a process needs; the other is null. Loading a model takes time and memory.
struct ModelNeeds {
  bool embedder = true;
  bool tokens = true;
};

// With `metrics`, which outlive it, calls of a server are counted there.
Result<SiteModel> MakeSiteModel(const EmbedderConfig& config, ModelNeeds needs = {}, MetricRegistry* metrics = nullptr);
// The counter alone, which is made at once.
Result<std::shared_ptr<const model::TokenCounter>> MakeSiteTokens(const EmbedderConfig& config);

}  // namespace freshet
