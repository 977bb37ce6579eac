// The half of the query engine that says how fresh an answer is.
#include <algorithm>

#include "services/query/query_work.h"

namespace freshet::query {
namespace {

std::optional<Time> Oldest(const store::SourceTime& time, std::initializer_list<Stream> needed,
                           std::initializer_list<Stream> optional) {
  std::optional<Time> oldest;
  for (const Stream stream : needed) {
    const auto it = time.watermarks.find(stream);
    if (it == time.watermarks.end()) return std::nullopt;
    oldest = oldest ? std::min(*oldest, it->second) : it->second;
  }
  for (const Stream stream : optional) {
    const auto it = time.watermarks.find(stream);
    if (it != time.watermarks.end()) oldest = std::min(*oldest, it->second);
  }
  return oldest;
}

// The oldest of several, where one that is missing makes the whole unknown.
void Lower(std::optional<Time>& oldest, bool& known, const std::optional<Time>& time) {
  known = known && time.has_value();
  if (!known) {
    oldest.reset();
  } else {
    oldest = oldest ? std::min(*oldest, *time) : time;
  }
}

}  // namespace

std::optional<Time> AsOf(const store::SourceTime& time, const QueryEngineOptions& streams) {
  if (time.snapshot_open) return Oldest(time, {streams.urgent, streams.live, streams.backfill}, {streams.groups});
  return Oldest(time, {streams.urgent, streams.live}, {streams.groups});
}

std::optional<Time> AccessAsOf(const store::SourceTime& time, const QueryEngineOptions& streams) {
  return Oldest(time, {streams.urgent}, {streams.groups});
}

void QueryEngine::FillFreshness(Work& work) const {
  const std::map<SourceName, store::SourceTime> times = work.view->Times();
  bool known = true, access_known = true;
  for (const CollectionName& name : work.collections) {
    CollectionFreshness row{.name = name};
    row.generation = std::max(1u, work.view->Generation(name));  // 1: the first that will come
    bool row_known = true;
    for (const SourceInfo& source : options_.sources) {
      if (source.collection != name) continue;
      const auto it = times.find(source.name);
      const store::SourceTime time = it == times.end() ? store::SourceTime{} : it->second;
      Lower(row.as_of, row_known, AsOf(time, options_));
      const std::optional<Time> access = AccessAsOf(time, options_);
      Lower(work.response.access_as_of, access_known, access);
      if (!access || work.access.now - *access > source.access_max_staleness) {
        work.response.warnings.push_back("access_stale: what source " + source.name.value +
                                         " says about access is too old; its documents are not shown");
      }
    }
    Lower(work.response.as_of, known, row.as_of);
    for (const auto& [code, count] : work.view->SkippedDocuments(name)) {
      work.response.incomplete.push_back({name, code, count});
    }
    work.response.collections.push_back(std::move(row));
  }
}

Status QueryEngine::CheckStaleness(const SearchRequest& request, SearchResponse& response) const {
  if (!request.max_staleness) return OkStatus();
  const bool fresh = response.as_of && response.now - *response.as_of <= *request.max_staleness;
  if (fresh) return OkStatus();
  if (request.on_stale == OnStale::kRefuse) {
    return Status(Code::kStale, "the index is staler than max_staleness_ms allows");
  }
  response.warnings.push_back("stale: the index is staler than max_staleness_ms allows");
  return OkStatus();
}

}  // namespace freshet::query
