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

// Null, and a problem, where it is none.
std::shared_ptr<const deid::Policy> CheckedPolicy(const SiteConfig& site, const std::string& name, const ConfigNode& at,
                                                  Problems& problems) {
  const std::vector<std::string_view> known(std::begin(kPolicies), std::end(kPolicies));
  const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
  if (!is_known && !IsPolicyFile(name)) {
    problems.Add(at, "is no known policy" + Suggestion(name, known));
    return nullptr;
  }
  const auto policy = deid::FindPolicy(site.PolicyPath(name));
  if (policy.ok()) return *policy;
  problems.Add(at, "is no policy: " + policy.status().message());
  return nullptr;
}

void CheckPolicies(const SiteConfig& site, const ConfigNode& node, Problems& problems) {
  for (size_t i = 0; i < site.collections.size(); ++i) {
    (void)CheckedPolicy(site, site.collections[i].deidentify, NodeOf(node, "collections", i, "deidentify"), problems);
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

// The policy that a collection has now; null: there is no such collection, or the policy is none.
std::shared_ptr<const deid::Policy> PolicyInForce(const SiteConfig& site, const CollectionName& name) {
  const CollectionConfig* const collection = site.FindCollection(name);
  const bool is_implied = std::any_of(site.sources.begin(), site.sources.end(),
                                      [&](const SourceConfig& source) { return source.collection == name; });
  if (collection == nullptr && !is_implied) return nullptr;
  const CollectionConfig implied;
  const auto policy = deid::FindPolicy(site.PolicyPath((collection ? *collection : implied).deidentify));
  return policy.ok() ? *policy : nullptr;
}

void CheckBesidePolicies(const SiteConfig& site, const ConfigNode& beside, Problems& problems) {
  std::set<CollectionName> seen;
  for (size_t i = 0; i < site.beside->policies.size(); ++i) {
    const BesidePolicy& entry = site.beside->policies[i];
    const ConfigNode& at = NodeOf(beside, "policies", i, "deidentify");
    const ConfigNode& whose = NodeOf(beside, "policies", i, "collection");
    const auto next = CheckedPolicy(site, entry.deidentify, at, problems);
    const auto now = PolicyInForce(site, entry.collection);
    if (!seen.insert(entry.collection).second) problems.Add(whose, "stands twice");
    if (now == nullptr) problems.Add(whose, "is no collection of this site");
    if (now == nullptr || next == nullptr) continue;
    // Generations are told apart by it, and so are the documents that each may show.
    if (now->name == next->name) problems.Add(at, "has the name of the policy that the collection has");
    if (!now->cleans || !next->cleans) {
      problems.Add(at,
                   "cannot be beside: where nothing is removed, documents go by other ids, and no originals are kept");
    }
  }
}

void CheckBeside(const SiteConfig& site, const ConfigNode& node, Problems& problems) {
  CheckChunk(site.chunk, node.Find("chunk"), problems);
  if (!site.beside) return;
  const ConfigNode& beside = *node.Find("beside");
  CheckChunk(site.BesideChunk(), beside.Find("chunk"), problems);
  CheckBesidePolicies(site, beside, problems);
  if (!site.beside->embedder && !site.beside->chunk && site.beside->policies.empty()) {
    problems.Add(beside, "names nothing that differs from the pipeline");
  }
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

std::string SiteConfig::PolicyPath(const std::string& deidentify) const {
  return IsPolicyFile(deidentify) ? (directory / deidentify).string() : deidentify;
}

std::map<CollectionName, std::string> SiteConfig::BesidePolicies() const {
  std::map<CollectionName, std::string> policies;
  if (!beside) return policies;
  for (const BesidePolicy& entry : beside->policies) policies[entry.collection] = PolicyPath(entry.deidentify);
  return policies;
}

PipelinePlan SiteConfig::plan() const {
  PipelinePlan plan;
  if (!pipeline.fuse) plan.fused.clear();
  for (const Step step : pipeline.durable_after) plan.fused.erase(step);
  return plan;
}

Result<SiteConfig> ParseSite(const ConfigNode& node) {
  FRESHET_ASSIGN_OR_RETURN(SiteConfig site, ParseOptions<SiteConfig>(node));
  if (node.origin) site.directory = node.origin->directory;
  Problems problems;
  CheckNames(site, node, problems);
  CheckPolicies(site, node, problems);
  CheckKeys(site, node, problems);
  CheckLog(site, node, problems);
  CheckBeside(site, node, problems);
  FRESHET_RETURN_IF_ERROR(problems.ToStatus());
  AddImpliedCollections(site);
  return site;
}

Result<SiteConfig> LoadSite(const std::filesystem::path& file, const Environment& environment) {
  FRESHET_ASSIGN_OR_RETURN(ConfigNode node, LoadConfigFile(file, environment));
  return ParseSite(node);
}

}  // namespace freshet
