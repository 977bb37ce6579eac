#include "services/freshet/site_model.h"

#include "common/model/factory.h"
#include "services/freshet/site_table.h"

namespace freshet {
namespace {

std::string NameOfKind(EmbedderKind kind) {
  for (const auto& row : EnumTable<EmbedderKind>::names) {
    if (row.value == kind) return std::string(row.name);
  }
  return "";
}

model::EmbedderOptions OptionsOf(const EmbedderConfig& config, MetricRegistry* metrics = nullptr) {
  model::EmbedderOptions options{
      .kind = NameOfKind(config.kind),
      .encoder = {
          .model_dir = config.model_dir.value_or(""), .precision = config.precision, .threads = config.threads}};
  options.http = {.url = config.url,
                  .model = config.model,
                  .dimensions = config.dimensions,
                  .api_key = config.api_key,
                  .timeout = config.timeout};
  if (metrics == nullptr) return options;
  options.http.on_call = [metrics](const model::HttpEmbedderCall& call) {
    metrics->CounterOf<Metric::kEmbedderCalls>(NameOf(call.code)).Add(1);
    metrics->HistogramOf<Metric::kEmbedderSeconds>(NameOf(call.code)).Record(call.took);
    metrics->CounterOf<Metric::kEmbedderTokens>().Add(call.tokens);
  };
  return options;
}

// A caller waits for the answer: one attempt, and a circuit of its own that knows how short its patience is.
model::EmbedderOptions QueryOptionsOf(const EmbedderConfig& config, MetricRegistry* metrics) {
  model::EmbedderOptions options = OptionsOf(config, metrics);
  options.http.timeout = config.query_timeout;
  options.http.attempts = 1;
  options.http.breaker_threshold = 2;
  return options;
}

}  // namespace

Result<SiteModel> MakeSiteModel(const EmbedderConfig& config, ModelNeeds needs, MetricRegistry* metrics) {
  SiteModel model;
  if (needs.tokens) {
    FRESHET_ASSIGN_OR_RETURN(model.tokens, MakeSiteTokens(config));
  }
  if (needs.embedder) {
    FRESHET_ASSIGN_OR_RETURN(model.embedder, model::MakeEmbedder(OptionsOf(config, metrics)));
    model.query_embedder = model.embedder;
    if (config.kind == EmbedderKind::kHttp) {
      FRESHET_ASSIGN_OR_RETURN(model.query_embedder, model::MakeEmbedder(QueryOptionsOf(config, metrics)));
    }
  }
  return model;
}

Result<std::shared_ptr<const model::TokenCounter>> MakeSiteTokens(const EmbedderConfig& config) {
  FRESHET_ASSIGN_OR_RETURN(std::shared_ptr<const model::TokenCounter> tokens,
                           model::MakeTokenCounter(OptionsOf(config)));
  return tokens;
}

}  // namespace freshet
