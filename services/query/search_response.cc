#include <cmath>
#include <nlohmann/json.hpp>

#include "services/query/search.h"

namespace freshet::query {
namespace {

using nlohmann::ordered_json;

ordered_json TimeOrNull(const std::optional<Time>& time) {
  return time ? ordered_json(FormatTime(*time)) : ordered_json(nullptr);
}

ordered_json StalenessOrNull(const std::optional<Time>& as_of, Time now) {
  if (!as_of) return nullptr;
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::max(now - *as_of, Duration(0))).count();
}

ordered_json PlaceJson(const Passage& passage) {
  return {{"block", passage.block}, {"start", passage.place_begin}, {"end", passage.place_end}};
}

ordered_json PassagesJson(const std::vector<Passage>& passages) {
  ordered_json list = ordered_json::array();
  for (const Passage& passage : passages) {
    list.push_back({{"section", passage.section}, {"place", PlaceJson(passage)}, {"text", passage.text}});
  }
  return list;
}

ordered_json SnippetJson(const HitSnippet& snippet) {
  ordered_json matches = ordered_json::array();
  for (const auto& [begin, end] : snippet.matches) matches.push_back({{"start", begin}, {"end", end}});
  return {{"start", snippet.place_begin}, {"end", snippet.place_end}, {"text", snippet.text}, {"matches", matches}};
}

ordered_json HitJson(const SearchHit& hit) {
  ordered_json scores = ordered_json::object(), attributes = ordered_json::object();
  if (hit.lexical) scores["lexical"] = *hit.lexical;
  if (hit.vector) scores["vector"] = *hit.vector;
  if (hit.reranked) scores["rerank"] = *hit.reranked;
  for (const auto& [name, values] : hit.attributes) attributes[name] = values;
  ordered_json object = {{"document_id", hit.document.value},
                         {"collection", hit.collection.value},
                         {"title", hit.title},
                         {"uri", hit.uri},
                         {"section", hit.passage.section},
                         {"place", PlaceJson(hit.passage)},
                         {"text", hit.passage.text},
                         {"score", hit.score},
                         {"scores", scores},
                         {"attributes", attributes},
                         {"version", hit.version.ToString()},
                         {"committed_at", FormatTime(hit.committed)},
                         {"searchable_at", FormatTime(hit.searchable)}};
  if (hit.outdated) object["outdated"] = true;
  if (hit.snippet) object["snippet"] = SnippetJson(*hit.snippet);
  if (!hit.before.empty() || !hit.after.empty()) {
    object["neighbours"] = {{"before", PassagesJson(hit.before)}, {"after", PassagesJson(hit.after)}};
  }
  return object;
}

}  // namespace

std::string ToJson(const SearchResponse& response) {
  ordered_json object;
  object["hits"] = ordered_json::array();
  for (const SearchHit& hit : response.hits) object["hits"].push_back(HitJson(hit));
  object["as_of"] = TimeOrNull(response.as_of);
  object["access_as_of"] = TimeOrNull(response.access_as_of);
  object["staleness_ms"] = StalenessOrNull(response.as_of, response.now);
  object["incomplete"] = ordered_json::array();
  for (const Incomplete& row : response.incomplete) {
    object["incomplete"].push_back(
        {{"collection", row.collection.value}, {"code", NameOf(row.code)}, {"documents", row.documents}});
  }
  object["collections"] = ordered_json::array();
  for (const CollectionFreshness& row : response.collections) {
    object["collections"].push_back({{"name", row.name.value},
                                     {"as_of", TimeOrNull(row.as_of)},
                                     {"staleness_ms", StalenessOrNull(row.as_of, response.now)},
                                     {"generation", row.generation}});
  }
  object["warnings"] = response.warnings;
  object["trace_id"] = response.trace_id;
  object["took_ms"] = ordered_json::object();
  for (const auto& [name, took] : response.took_ms) object["took_ms"][name] = std::round(took * 1000) / 1000;
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace freshet::query
