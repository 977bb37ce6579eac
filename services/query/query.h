// QueryEngine: a question to cited passages that the caller may see, with how fresh they are.
//
//   Result<SearchResponse> answer = engine.Search(caller, request, trace_id);
//
// Access is checked before ranking (the filter inside both searches) and again when a hit becomes text (DESIGN §4.5).
// A hit is read from one view, so an answer never holds two versions of a document. Any number of threads.
// Codes: not_found (unknown collection), stale (on_stale refuse), permission_denied (another tenant's caller),
// timeout (`after` did not become searchable in time), corrupt_store. Without vectors for a query (the embedder fails)
// the answer is lexical, with a warning: fail soft on quality. A filter on "patient" takes the source's own names of
// patients; what is stored are keyed HMACs of them (key_missing where the ring has no id key).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/crypto/keys.h"
#include "common/model/embedder.h"
#include "services/query/caller.h"
#include "services/query/fusion.h"
#include "services/query/rerank.h"
#include "services/query/search.h"

namespace freshet::query {

// What the query side must know of a source.
struct SourceInfo {
  SourceName name;
  CollectionName collection;
  Duration access_max_staleness = std::chrono::minutes(5);
};

struct QueryEngineOptions {
  TenantName tenant;
  std::vector<SourceInfo> sources;
  // By collection: the policy in force, by name. What was made under another one is not shown.
  std::map<CollectionName, std::string> policies;
  // Of collections that have generations of two policies: the name of the one that this generation is of, which then is
  // in force in its place; empty: it is not known. Null: no collection has. Called for each search, from any thread.
  std::function<std::string(const CollectionName&, uint32_t generation)> policy_of;
  Stream urgent, groups, live, backfill;          // the sink's streams, whose watermarks count
  Duration after_wait = std::chrono::seconds(2);  // the longest that `after` waits
  std::shared_ptr<const Reranker> reranker;       // null: the fused order is the answer's
  // Of the generation that is, or was, beside: collections may be served from either. Null: there is one model.
  std::shared_ptr<const model::Embedder> beside;
};

class Passages;
struct SearchScope;
struct Weighing;

class QueryEngine {
 public:
  using CurrentView = std::function<std::shared_ptr<const store::View>()>;
  QueryEngine(QueryEngineOptions options, CurrentView view, const KeyRing& keys,
              std::shared_ptr<const model::Embedder> embedder, const Clock& clock);

  Result<SearchResponse> Search(const Caller& caller, const SearchRequest& request, std::string trace_id) const;

  // Who may see what, for this caller now.
  store::Access AccessOf(const Caller& caller) const;

  // The policies in force where this view is shown.
  std::map<CollectionName, std::string> PoliciesOf(const store::View& view) const;

  const QueryEngineOptions& options() const { return options_; }
  std::shared_ptr<const store::View> view() const { return view_(); }
  const Clock& clock() const { return clock_; }
  const KeyRing& keys() const { return keys_; }

 private:
  struct Work;  // one search under way
  Result<std::vector<CollectionName>> CollectionsOf(const SearchRequest& request) const;
  Status AwaitVersion(const VersionToken& token, Work& work) const;
  void FillFreshness(Work& work) const;
  Status CheckStaleness(const SearchRequest& request, SearchResponse& response) const;
  Status ReadPatients(const SearchRequest& request, Work& work) const;
  void RunSearches(const SearchRequest& request, Work& work) const;
  void EmbedQuestion(const SearchRequest& request, Work& work) const;
  std::vector<store::Hit> SearchVectors(const CollectionName& collection, const SearchScope& scope, Work& work) const;
  const model::Embedder* EmbedderOf(const CollectionName& collection, const Work& work) const;
  Weighing PhrasesOf(const SearchRequest& request, Work& work) const;
  void Resolve(const SearchRequest& request, Work& work) const;
  void ReadHits(const SearchRequest& request, size_t most, Passages& passages, Work& work) const;
  bool WantsRerank(const SearchRequest& request, Work& work) const;
  void Rerank(const SearchRequest& request, Work& work) const;
  void DropForbidden(Work& work) const;

  const QueryEngineOptions options_;
  const CurrentView view_;
  const KeyRing& keys_;
  const std::shared_ptr<const model::Embedder> embedder_;
  const Clock& clock_;
};

// The oldest of the watermarks that vouch for a source's content: urgent, live, groups where it has any, and backfill
// while a snapshot may still add documents. Nothing where one that must be there has not arrived.
std::optional<Time> AsOf(const store::SourceTime& time, const QueryEngineOptions& streams);
// The same for what the source says about access: urgent, and groups where it has any.
std::optional<Time> AccessAsOf(const store::SourceTime& time, const QueryEngineOptions& streams);

}  // namespace freshet::query
