// freshet plan
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "services/freshet/command.h"
#include "services/freshet/paint.h"
#include "services/freshet/reindex_plan.h"
#include "services/freshet/site.h"
#include "services/freshet/site_model.h"
#include "services/index/follower.h"
#include "services/runtime/runtime.h"

namespace freshet {

struct PlanOptions {
  std::filesystem::path config;
  std::vector<std::string> collection;
  uint32_t sample = 200;
  bool json = false;
};

template <>
struct OptionTable<PlanOptions> {
  using Options = PlanOptions;
  static constexpr auto fields = std::tuple{
      Field(
          "config", &Options::config,
          "The configuration to come, with the data_dir of the site as it is, which may be running. What is planned is "
          "its `beside`, or where it has none, what its pipeline makes.")
          .Required(),
      Field("collection", &Options::collection, "Of these alone; may be given several times."),
      Field("sample", &Options::sample, "Documents of each collection that are looked at. More: surer, slower.")
          .Range(1, 1'000'000),
      Field("json", &Options::json, "One JSON value.")};
};

namespace {

struct Row {
  CollectionName name;
  CollectionPlan plan;
};

struct Planned {
  std::string model;  // to come
  std::vector<Row> rows;
  uint64_t index_bytes = 0;  // of all collections, as it is
};

uint64_t BytesIn(const std::filesystem::path& directory) {
  uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code none;
    if (it->is_regular_file(none)) bytes += it->file_size(none);
  }
  return bytes;
}

Result<std::vector<CollectionName>> CollectionsOf(const PlanOptions& options, const SiteConfig& site) {
  std::vector<CollectionName> names;
  for (const CollectionConfig& collection : site.collections) {
    const bool wanted = options.collection.empty() ||
                        std::count(options.collection.begin(), options.collection.end(), collection.name.value) > 0;
    if (wanted) names.push_back(collection.name);
  }
  if (names.size() < options.collection.size()) return Status(Code::kConfiguration, "A --collection is not known.");
  return names;
}

// To come: of the generation beside, where there is to be one of another policy.
Result<std::shared_ptr<const deid::Policy>> PolicyOf(const CollectionConfig& collection, const SiteConfig& site) {
  const std::map<CollectionName, std::string> beside = site.BesidePolicies();
  const auto other = beside.find(collection.name);
  return deid::FindPolicy(other != beside.end() ? other->second : site.PolicyPath(collection.deidentify));
}

Result<Planned> Plan(const PlanOptions& options) {
  FRESHET_ASSIGN_OR_RETURN(const SiteConfig site, LoadSite(options.config));
  FRESHET_ASSIGN_OR_RETURN(const std::vector<CollectionName> names, CollectionsOf(options, site));
  FRESHET_ASSIGN_OR_RETURN(const KeyRing keys, KeyRing::Parse(site.keys.tenant));
  FRESHET_RETURN_IF_ERROR(keys.Require({KeyPurpose::kSeal}));
  RuntimeOptions runtime{.data_dir = site.data_dir, .partitions = site.log.partitions, .plan = site.plan()};
  FRESHET_ASSIGN_OR_RETURN(const auto store,
                           store::FollowerStore::Open(index::WithLexicalTexts(IndexOptionsOf(runtime).store, keys)));
  const ChunkConfig& chunk = site.BesideChunk();
  FRESHET_ASSIGN_OR_RETURN(const SiteModel model, MakeSiteModel(site.BesideEmbedder()));
  FRESHET_ASSIGN_OR_RETURN(const auto chunker,
                           chunk::Chunker::Make({chunk.target_tokens, chunk.max_tokens}, *model.tokens));
  const std::shared_ptr<const store::View> view = store->CurrentView();
  Planned planned{.model = std::string(model.embedder->name()), .index_bytes = BytesIn(site.data_dir / "index")};
  for (const CollectionName& name : names) {
    FRESHET_ASSIGN_OR_RETURN(const auto policy, PolicyOf(*site.FindCollection(name), site));
    const PlanParts parts{
        .view = *view, .keys = keys, .chunker = *chunker, .embedder = *model.embedder, .policy = *policy};
    FRESHET_ASSIGN_OR_RETURN(CollectionPlan plan, PlanCollection(parts, name, {.documents = options.sample}));
    planned.rows.push_back({name, std::move(plan)});
  }
  return planned;
}

void PrintJson(const Planned& planned, std::ostream& out) {
  nlohmann::ordered_json json = {{"model", planned.model}, {"index_bytes", planned.index_bytes}};
  json["collections"] = nlohmann::ordered_json::array();
  for (const auto& [name, plan] : planned.rows) {
    json["collections"].push_back({{"name", name.value},
                                   {"documents", plan.documents},
                                   {"chunks", plan.chunks},
                                   {"model", plan.model},
                                   {"sampled", plan.sampled},
                                   {"unreadable", plan.unreadable},
                                   {"other_policy", plan.other_policy},
                                   {"documents_embedded", plan.documents_embedded},
                                   {"chunks_then", plan.chunks_then},
                                   {"chunks_embedded", plan.chunks_embedded},
                                   {"chunks_a_second", plan.chunks_a_second},
                                   {"deid_seconds", plan.deid_seconds},
                                   {"chunk_seconds", plan.chunk_seconds},
                                   {"embed_seconds", plan.embed_seconds},
                                   {"vector_bytes", plan.vector_bytes}});
  }
  out << json.dump() << "\n";
}

std::string Rounded(double number) {
  char text[32];
  std::snprintf(text, sizeof text, number < 10 ? "%.1f" : "%.0f", number);
  return text;
}

void PrintTable(const Planned& planned, const Terminal& terminal) {
  Table table{.headings = {"collection", "documents", "chunks now", "then", "other policy", "to embed", "chunks/s",
                           "takes, s", "vectors, MB"},
              .right = {false, true, true, true, true, true, true, true, true}};
  for (const auto& [name, plan] : planned.rows) {
    table.rows.push_back({name.value, std::to_string(plan.documents), std::to_string(plan.chunks),
                          std::to_string(plan.chunks_then), std::to_string(plan.other_policy),
                          std::to_string(plan.chunks_embedded), Rounded(plan.chunks_a_second),
                          Rounded(plan.deid_seconds + plan.chunk_seconds + plan.embed_seconds),
                          Rounded(static_cast<double>(plan.vector_bytes) / 1e6)});
  }
  terminal.out << "To " << planned.model << "\n\n"
               << Render(table, terminal.colour) << "\n"
               << "The index takes " << Rounded(static_cast<double>(planned.index_bytes) / 1e6)
               << " MB now; a new one beside it takes about as much, with the vectors above in place of its own.\n"
               << "Times are the most it can be: texts that the vector cache knows are not embedded again.\n";
}

ExitStatus RunPlan(const PlanOptions& options, Terminal& terminal) {
  const Result<Planned> planned = Plan(options);
  if (!planned.ok()) return Fail(planned.status(), terminal);
  options.json ? PrintJson(*planned, terminal.out) : PrintTable(*planned, terminal);
  return ExitStatus::kDone;
}

}  // namespace

CommandBody PlanCommand() { return BodyOf<&RunPlan>(); }

}  // namespace freshet
