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

model::EmbedderOptions OptionsOf(const EmbedderConfig& config) {
  return {.kind = NameOfKind(config.kind),
          .encoder = {
              .model_dir = config.model_dir.value_or(""), .precision = config.precision, .threads = config.threads}};
}

}  // namespace

Result<SiteModel> MakeSiteModel(const EmbedderConfig& config, ModelNeeds needs) {
  SiteModel model;
  if (needs.tokens) {
    FRESHET_ASSIGN_OR_RETURN(model.tokens, MakeSiteTokens(config));
  }
  if (needs.embedder) {
    FRESHET_ASSIGN_OR_RETURN(model.embedder, model::MakeEmbedder(OptionsOf(config)));
  }
  return model;
}

Result<std::shared_ptr<const model::TokenCounter>> MakeSiteTokens(const EmbedderConfig& config) {
  FRESHET_ASSIGN_OR_RETURN(std::shared_ptr<const model::TokenCounter> tokens,
                           model::MakeTokenCounter(OptionsOf(config)));
  return tokens;
}

}  // namespace freshet
