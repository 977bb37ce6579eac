#include "services/freshet/promises.h"

namespace freshet {
namespace {

slo::Slo SloOf(const SloOptions& options, std::string name, std::vector<std::string> operations) {
  return {.name = std::move(name),
          .target = options.target,
          .objective = options.objective,
          .window = options.window,
          .operations = std::move(operations)};
}

}  // namespace

std::vector<slo::SourcePromises> PromisesOf(const SiteConfig& site) {
  std::vector<slo::SourcePromises> promises;
  for (const SourceConfig& source : site.sources) {
    slo::SourcePromises row{.source = source.name};
    if (source.slo.searchable) {
      row.slos.push_back(SloOf(*source.slo.searchable, "searchable", {"insert", "update"}));
      row.slos.back().of_content = true;
    }
    if (source.slo.revoked) row.slos.push_back(SloOf(*source.slo.revoked, "revoked", {"delete", "access"}));
    promises.push_back(std::move(row));
  }
  return promises;
}

}  // namespace freshet
