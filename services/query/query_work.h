// One search under way. Internal to the query engine.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "services/query/passages.h"
#include "services/query/query.h"
#include "services/query/ranking.h"

namespace freshet::query {

struct SearchScope {
  const store::Filter& filter;
  size_t depth;
};

struct QueryEngine::Work {
  std::shared_ptr<const store::View> view;
  store::Access access;
  store::Restriction filters;  // the request's, patients by their opaque names
  std::vector<CollectionName> collections;
  std::map<const model::Embedder*, model::EmbeddingBatch> question;  // by each model that is needed and answered
  std::map<CollectionName, std::string> policies;                    // in force in this view
  std::optional<Passages> passages;                                  // of view, access and collections
  std::optional<Ranking> ranking;                                    // of what the searches found; refers to passages
  std::vector<Candidate> of_hits;                                    // of each of the response's hits
  SearchResponse response;
  bool outdated_policy = false;  // something was left out that was made under another policy
};

class Stopwatch {
 public:
  double LapMillis() {
    const auto now = std::chrono::steady_clock::now();
    const double millis = std::chrono::duration<double, std::milli>(now - begin_).count();
    begin_ = now;
    return millis;
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace freshet::query
