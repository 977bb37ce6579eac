// Roles: what of a site one process does. `freshet run` does everything; `freshet deid`, `chunk`, `embed` and `index`
// do one fused run of steps, `freshet connector` reads the sources, `freshet query` answers from the index that another
// process writes on the same machine. All of them read the same freshet.yaml.
//
//   FRESHET_ASSIGN_OR_RETURN(const Roles roles, RolesOf(Step::kDeid, site));    // deid, and what is fused to it
//
// RolesOf: configuration where the step has no process of its own (it is fused to the one before it), or where the log
// is one that a single process owns. Plain values.
#pragma once

#include <set>

#include "services/freshet/site.h"
#include "services/freshet/site_model.h"

namespace freshet {

struct Roles {
  bool connectors = false;
  SourceName only_source;  // empty: the connectors of all sources
  std::set<Step> steps;
  bool follows = false;  // the index, where another process has the index step
  bool all() const { return connectors && steps.size() == kPipeline.size(); }
  // Whoever has the index answers queries.
  bool serves() const { return follows || steps.contains(Step::kIndex); }
  bool needs_log() const { return connectors || !steps.empty(); }
};

// Chunks are measured in the model's tokens; chunks and questions are embedded.
ModelNeeds NeedsOf(const Roles& roles);

Roles AllRoles();
// Needs no log, so it can run beside a process that owns an embedded one.
Roles QueryRole();
Result<Roles> RolesOf(Step step, const SiteConfig& site);
// configuration, as above and where no source has this name; an empty name is all of them.
Result<Roles> ConnectorRole(const SourceName& source, const SiteConfig& site);

}  // namespace freshet
