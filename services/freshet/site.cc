#include "services/freshet/site.h"

#include <algorithm>
#include <set>

#include "common/config/nearest.h"
#include "common/crypto/keys.h"
#include "services/chunk/options.h"
#include "services/deid/policy.h"
#include "services/freshet/site_table.h"

namespace freshet {
namespace {

constexpr std::string_view kPolicies[] = {"safe_harbor", "limited_data_set", "staff_visible", "none"};

// The node of `list[index].<key>`, which a parsed site surely has.
const ConfigNode& NodeOf(const ConfigNode& site, std::string_view list, size_t index, std::string_view key) {
  return *site.Find(list)->items[index].Find(key);
}

void CheckNames(const SiteConfig& site, const ConfigNode& node, Problems& problems) {
  std::set<std::string> sources, collections;
  for (size_t i = 0; i < site.sources.size(); ++i) {
    if (sources.insert(site.sources[i].name.value).second) continue;
    problems.Add(NodeOf(node, "sources", i, "name"), "is the name of another source too");
  }
  for (size_t i = 0; i < site.collections.size(); ++i) {
    if (collections.insert(site.collections[i].name.value).second) continue;
    problems.Add(NodeOf(node, "collections", i, "name"), "is the name of another collection too");
  }
}

bool IsPolicyFile(std::string_view policy) { return policy.ends_with(".yaml") || policy.ends_with(".yml"); }

void CheckPolicies(const SiteConfig& site, const ConfigNode& node, Problems& problems) {
  const std::vector<std::string_view> known(std::begin(kPolicies), std::end(kPolicies));
  for (size_t i = 0; i < site.collections.size(); ++i) {
    const std::string& policy = site.collections[i].deidentify;
    if (std::find(known.begin(), known.end(), policy) != known.end()) continue;
    const ConfigNode& at = NodeOf(node, "collections", i, "deidentify");
    if (!IsPolicyFile(policy)) {
      problems.Add(at, "is no known policy" + Suggestion(policy, known));
      continue;
    }
    const std::filesystem::path directory = node.origin ? node.origin->directory : std::filesystem::path();
    const Status status = deid::FindPolicy((directory / policy).string()).status();
    if (!status.ok()) problems.Add(at, "is no policy: " + status.message());
  }
}

void CheckKeys(const SiteConfig& site, const ConfigNode& node, Problems& problems) {
  const Status status = KeyRing::Parse(site.keys.tenant).status();
  if (!status.ok()) problems.Add(*node.Find("keys")->Find("tenant"), "is no key file: " + status.message());
}

// One that reaches for a cluster says which, and asks for no more copies than it makes.
void CheckLog(const SiteConfig& site, const ConfigNode& node, Problems& problems) {
  const ConfigNode* const log = node.Find("log");
  if (log == nullptr || site.log.kind != LogKind::kKafka) return;
  if (site.log.bootstrap_servers.empty()) problems.Add(*log, "lacks \"bootstrap_servers\", which kind kafka needs");
  if (site.log.replication_factor != 0 && site.log.min_insync_replicas > site.log.replication_factor) {
    problems.Add(*log->Find("min_insync_replicas"), "must not be above replication_factor");
  }
}

void CheckChunk(const ChunkConfig& chunk, const ConfigNode* node, Problems& problems) {
  const Status status = chunk::Validate({chunk.target_tokens, chunk.max_tokens});
  if (node != nullptr && !status.ok()) problems.Add(*node, status.message());
}

void CheckBeside(const SiteConfig& site, const ConfigNode& node, Problems& problems) {
  CheckChunk(site.chunk, node.Find("chunk"), problems);
  if (!site.beside) return;
  CheckChunk(site.beside->chunk, node.Find("beside")->Find("chunk"), problems);
}

void AddImpliedCollections(SiteConfig& site) {
  for (const SourceConfig& source : site.sources) {
    if (site.FindCollection(source.collection) == nullptr) site.collections.push_back({.name = source.collection});
  }
}

}  // namespace

const CollectionConfig* SiteConfig::FindCollection(const CollectionName& name) const {
  for (const CollectionConfig& collection : collections) {
    if (collection.name == name) return &collection;
  }
  return nullptr;
}

PipelinePlan SiteConfig::plan() const {
  PipelinePlan plan;
  if (!pipeline.fuse) plan.fused.clear();
  for (const Step step : pipeline.durable_after) plan.fused.erase(step);
  return plan;
}

Result<SiteConfig> ParseSite(const ConfigNode& node) {
  FRESHET_ASSIGN_OR_RETURN(SiteConfig site, ParseOptions<SiteConfig>(node));
  Problems problems;
  CheckNames(site, node, problems);
  CheckPolicies(site, node, problems);
  CheckKeys(site, node, problems);
  CheckLog(site, node, problems);
  CheckBeside(site, node, problems);
  FRESHET_RETURN_IF_ERROR(problems.ToStatus());
  if (node.origin) site.directory = node.origin->directory;
  AddImpliedCollections(site);
  return site;
}

Result<SiteConfig> LoadSite(const std::filesystem::path& file, const Environment& environment) {
  FRESHET_ASSIGN_OR_RETURN(ConfigNode node, LoadConfigFile(file, environment));
  return ParseSite(node);
}

}  // namespace freshet
