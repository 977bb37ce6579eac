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

}  // namespace

Result<SiteModel> MakeSiteModel(const EmbedderConfig& config) {
  const model::EmbedderOptions options{.kind = NameOfKind(config.kind)};
  SiteModel model;
  FRESHET_ASSIGN_OR_RETURN(model.embedder, model::MakeEmbedder(options));
  FRESHET_ASSIGN_OR_RETURN(model.tokens, model::MakeTokenCounter(options));
  return model;
}

}  // namespace freshet
