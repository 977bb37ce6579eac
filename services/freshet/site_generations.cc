// What operators may do to the generations of this site's index (services/runtime/generation_builder.h).
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/base/counted.h"
#include "services/freshet/site_process.h"
#include "services/query/gate.h"

namespace freshet {
namespace {

using Json = nlohmann::ordered_json;

// Documents that may be behind at a switch: under constant edits there is always one. Times say what is not in yet.
constexpr uint64_t kMostBehind = 100;
constexpr Duration kPatience = std::chrono::seconds(30);
constexpr double kAllowedLoss = 0.02;
constexpr size_t kAsked = 30;  // several passages of one document count once

Status Wrong(const std::string& what) { return Status(Code::kInvalidArgument, what); }

std::string Text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

struct PromoteRequest {
  uint32_t generation = 0;
  std::vector<query::GoldenQuestion> golden;
  double allowed_loss = kAllowedLoss;
};

Result<uint32_t> NumberOf(const Json& json) {
  const auto number = json.find("generation");
  if (number == json.end() || !number->is_number_unsigned() || number->get<uint64_t>() - 1 > 0xFFFFFFFEu) {
    return Wrong("generation must be a number, as GET /v1/generations shows it");
  }
  return number->get<uint32_t>();
}

Result<PromoteRequest> PromoteOf(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return Wrong("the body must be {\"generation\", \"golden\"}");
  for (const auto& [key, value] : json.items()) {
    if (key != "generation" && key != "golden" && key != "allowed_loss") return Wrong("the body has an unknown key");
  }
  PromoteRequest request;
  FRESHET_ASSIGN_OR_RETURN(request.generation, NumberOf(json));
  if (!json.contains("golden") || !json["golden"].is_array()) return Wrong("golden must be a list of questions");
  std::stringstream lines;
  for (const Json& line : json["golden"]) lines << Text(line) << "\n";
  Result<std::vector<query::GoldenQuestion>> golden = query::ReadGolden(lines);
  if (!golden.ok()) return Wrong("golden: " + golden.status().message());
  request.golden = std::move(*golden);
  if (!json.contains("allowed_loss")) return request;
  const Json& loss = json["allowed_loss"];
  if (!loss.is_number() || loss.get<double>() < 0 || loss.get<double>() > 1) return Wrong("allowed_loss is a share");
  request.allowed_loss = loss.get<double>();
  return request;
}

Json JsonOf(const store::GenerationInfo& row, bool kept) {
  return {{"collection", row.collection.value},
          {"generation", row.number},
          {"recipe", row.recipe},
          {"model", row.model},
          {"served", row.served},
          {"previous", row.previous},
          {"kept", kept},
          {"documents", row.documents},
          {"chunks", row.chunks},
          {"behind", row.behind}};
}

}  // namespace

bool SiteProcess::IsKept(const store::GenerationInfo& row) const {
  return row.recipe.empty() ? row.served : runtime_->generations()->Makes(row.recipe);
}

// Where it may be served as far as its documents go.
Result<store::GenerationInfo> SiteProcess::GenerationOf(const CollectionName& collection, uint32_t number) const {
  for (store::GenerationInfo& row : index()->Generations()) {
    const bool meant = number == 0 ? row.previous : row.number == number;
    if (row.collection != collection || !meant) continue;
    if (!IsKept(row)) return Wrong("the generation is not kept current: the configuration names nothing that makes it");
    if (row.behind <= kMostBehind) return std::move(row);
    return Status(Code::kUnavailable, "the generation is behind by " + Counted(row.behind, "document"));
  }
  return Status(Code::kNotFound, "the collection has no such generation");
}

Result<query::RepairAnswer> SiteProcess::Generations(const query::RepairCall& call) {
  if (runtime_ == nullptr || runtime_->generations() == nullptr) {
    return Status(Code::kUnavailable, "ask the process that runs the index");
  }
  const CollectionName collection(call.subject);
  if (call.action == "promote") return Promote(call);
  if (call.action == "drop_generation") return DropGeneration(call);
  if (call.action == "rollback") {
    FRESHET_ASSIGN_OR_RETURN(const store::GenerationInfo row, GenerationOf(collection, 0));
    FRESHET_RETURN_IF_ERROR(ServeGeneration(row));
    return query::RepairAnswer{Text({{"collection", call.subject}, {"generation", row.number}}),
                               call.subject + " " + std::to_string(row.number)};
  }
  Json rows = Json::array();
  for (const store::GenerationInfo& row : index()->Generations()) rows.push_back(JsonOf(row, IsKept(row)));
  return query::RepairAnswer{Text({{"generations", std::move(rows)}}), ""};
}

Status SiteProcess::ServeGeneration(const store::GenerationInfo& row) {
  const auto serve = [&row](store::IndexStore& store) {
    FRESHET_RETURN_IF_ERROR(store.generations().Serve(row.collection, row.number));
    return store.Refresh();
  };
  return runtime_->generations()->OnWriter(serve, kPatience);
}

Result<query::RepairAnswer> SiteProcess::DropGeneration(const query::RepairCall& call) {
  const Json json = Json::parse(call.body, nullptr, false);
  if (!json.is_object() || json.size() != 1) return Wrong("the body must be {\"generation\"}");
  FRESHET_ASSIGN_OR_RETURN(const uint32_t number, NumberOf(json));
  for (const store::GenerationInfo& row : index()->Generations()) {
    const bool meant = row.collection.value == call.subject && row.number == number;
    if (meant && !row.served && IsKept(row)) {
      return Wrong("the configuration would make this generation again: take it out of `beside` first");
    }
  }
  const auto drop = [&](store::IndexStore& store) {
    return store.generations().Drop(CollectionName(call.subject), number);
  };
  FRESHET_RETURN_IF_ERROR(runtime_->generations()->OnWriter(drop, kPatience));
  return query::RepairAnswer{Text({{"collection", call.subject}, {"dropped", number}}),
                             call.subject + " " + std::to_string(number)};
}

namespace {

query::GateAsk AskOf(const query::QueryEngine& engine, const CollectionName& collection,
                     std::function<Result<query::Caller>(const std::string&)> caller_of) {
  return [&engine, collection,
          caller_of = std::move(caller_of)](const query::GoldenQuestion& question) -> Result<std::vector<std::string>> {
    FRESHET_ASSIGN_OR_RETURN(const query::Caller caller, caller_of(question.caller));
    query::SearchRequest request{.query = question.question, .collections = {collection}, .top_k = kAsked};
    request.rerank = false;
    FRESHET_ASSIGN_OR_RETURN(const query::SearchResponse response, engine.Search(caller, request, ""));
    std::vector<std::string> documents;
    for (const query::SearchHit& hit : response.hits) documents.push_back(hit.document.value);
    return documents;
  };
}

Json JsonOf(const query::GateFigures& figures, const LeakScan& scan) {
  return {{"promoted", figures.failures.empty()},
          {"failures", figures.failures},
          {"questions", figures.questions},
          {"recall", figures.recall},
          {"served_recall", figures.served_recall},
          {"shown_forbidden", figures.shown_forbidden},
          {"scanned", scan.scanned},
          {"leaks", scan.leaks}};
}

}  // namespace

Result<query::RepairAnswer> SiteProcess::Promote(const query::RepairCall& call) {
  FRESHET_ASSIGN_OR_RETURN(const PromoteRequest request, PromoteOf(call.body));
  const CollectionName collection(call.subject);
  FRESHET_ASSIGN_OR_RETURN(const store::GenerationInfo row, GenerationOf(collection, request.generation));
  if (row.served) return Wrong("this generation is served already");
  std::shared_ptr<const store::View> candidate;
  const auto look = [&](store::IndexStore& store) {
    FRESHET_ASSIGN_OR_RETURN(candidate, store.generations().ViewOf(row.collection, row.number));
    return OkStatus();
  };
  FRESHET_RETURN_IF_ERROR(runtime_->generations()->OnWriter(look, kPatience));
  const query::QueryEngine of_candidate(
      engine_->options(), [&candidate] { return candidate; }, *keys_, model_.query_embedder, clock_);
  const auto caller_of = [&](const std::string& name) -> Result<query::Caller> {
    return name.empty() ? Result<query::Caller>(call.caller) : callers_->Named(name);
  };
  FRESHET_ASSIGN_OR_RETURN(
      query::GateFigures figures,
      query::JudgeCandidate(request.golden,
                            {AskOf(*engine_, collection, caller_of), AskOf(of_candidate, collection, caller_of)},
                            request.allowed_loss));
  FRESHET_ASSIGN_OR_RETURN(const LeakScan scan, runtime_->ScanForLeaks(*candidate, collection, row.recipe));
  if (scan.leaks > 0) {
    figures.failures.push_back("Identifiers, or texts of another policy, were found in " +
                               Counted(scan.leaks, "document") + ".");
  }
  candidate.reset();
  if (figures.failures.empty()) {
    // Judging takes its time: it may have fallen behind, or be gone.
    FRESHET_RETURN_IF_ERROR(GenerationOf(collection, request.generation).status());
    FRESHET_RETURN_IF_ERROR(ServeGeneration(row));
  }
  Json answer = {{"collection", call.subject}, {"generation", row.number}};
  answer.update(JsonOf(figures, scan));
  return query::RepairAnswer{Text(answer), call.subject + " " + std::to_string(row.number) +
                                               (figures.failures.empty() ? " promoted" : " refused")};
}

}  // namespace freshet
