#include "services/freshet/roles.h"

#include <algorithm>

namespace freshet {
namespace {

Status CheckLog(const SiteConfig& site) {
  if (site.log.kind != LogKind::kEmbedded) return OkStatus();
  return Status(Code::kConfiguration,
                "log.kind is embedded: its files belong to one process, so everything runs in it (freshet run)");
}

}  // namespace

ModelNeeds NeedsOf(const Roles& roles) {
  return {.embedder = roles.serves() || roles.steps.contains(Step::kEmbed),
          .tokens = roles.steps.contains(Step::kChunk) || roles.steps.contains(Step::kIndex)};
}

Roles AllRoles() {
  Roles roles{.connectors = true};
  for (const StageRow& row : kPipeline) roles.steps.insert(row.step);
  return roles;
}

Roles QueryRole() { return Roles{.follows = true}; }

Result<Roles> RolesOf(Step step, const SiteConfig& site) {
  FRESHET_RETURN_IF_ERROR(CheckLog(site));
  const PipelinePlan plan = site.plan();
  const Step head = plan.HeadOf(step);
  if (head != step) {
    const std::string name(NameOf(step));
    return Status(Code::kConfiguration, "pipeline: " + name + " is fused to the step before it and runs in `freshet " +
                                            std::string(NameOf(head)) + "`");
  }
  Roles roles;
  for (const StageRow& row : kPipeline) {
    if (plan.HeadOf(row.step) == step) roles.steps.insert(row.step);
  }
  return roles;
}

Result<Roles> ConnectorRole(const SourceName& source, const SiteConfig& site) {
  FRESHET_RETURN_IF_ERROR(CheckLog(site));
  const bool known = source.value.empty() || std::any_of(site.sources.begin(), site.sources.end(),
                                                         [&](const SourceConfig& each) { return each.name == source; });
  if (!known) return Status(Code::kConfiguration, "there is no source of this name");
  return Roles{.connectors = true, .only_source = source};
}

}  // namespace freshet
