#include "services/query/query.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "schemas/chunk_record.h"
#include "schemas/codec.h"

namespace freshet::query {

struct QueryEngine::Work {
  std::shared_ptr<const store::View> view;
  store::Access access;
  std::vector<CollectionName> collections;
  std::vector<Candidate> candidates;
  SearchResponse response;
  bool outdated_policy = false;  // something was left out that was made under another policy
};

namespace {

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

QueryEngine::QueryEngine(QueryEngineOptions options, CurrentView view, const KeyRing& keys,
                         std::shared_ptr<const model::Embedder> embedder, const Clock& clock)
    : options_(std::move(options)),
      view_(std::move(view)),
      keys_(keys),
      embedder_(std::move(embedder)),
      clock_(clock) {}

store::Access QueryEngine::AccessOf(const Caller& caller) const {
  store::Access access{.now = clock_.Now()};
  for (const Principal& principal : caller.principals()) access.principals.insert(principal);
  for (const SourceInfo& source : options_.sources) access.max_staleness[source.name] = source.access_max_staleness;
  return access;
}

Result<SearchResponse> QueryEngine::Search(const Caller& caller, const SearchRequest& request,
                                           std::string trace_id) const {
  const auto begin = std::chrono::steady_clock::now();
  if (caller.tenant != options_.tenant) return Status(Code::kPermissionDenied, "this is another tenant's index");
  Work work{.view = view_()};
  work.response.trace_id = std::move(trace_id);
  if (request.after) FRESHET_RETURN_IF_ERROR(AwaitVersion(*request.after, work));
  FRESHET_ASSIGN_OR_RETURN(work.collections, CollectionsOf(request));
  work.access = AccessOf(caller);
  work.response.now = work.access.now;
  FillFreshness(work);
  FRESHET_RETURN_IF_ERROR(CheckStaleness(request, work.response));
  RunSearches(request, work);
  Stopwatch watch;
  Resolve(request, work);
  if (work.outdated_policy) {
    work.response.warnings.push_back(
        "policy_outdated: documents that were de-identified under another policy are left out until they are made "
        "anew");
  }
  work.response.took_ms.emplace_back("resolve", watch.LapMillis());
  work.response.took_ms.emplace_back(
      "total", std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  return std::move(work.response);
}

// A collection that the configuration names may have no document yet, and is no mistake of the caller's.
Result<std::vector<CollectionName>> QueryEngine::CollectionsOf(const SearchRequest& request) const {
  std::set<CollectionName> known;
  for (const SourceInfo& source : options_.sources) known.insert(source.collection);
  if (request.collections.empty()) return std::vector<CollectionName>(known.begin(), known.end());
  std::vector<CollectionName> named;
  for (const CollectionName& name : request.collections) {
    if (!known.contains(name)) return Status(Code::kNotFound, "a collection of the request is not known");
    if (std::find(named.begin(), named.end(), name) == named.end()) named.push_back(name);
  }
  return named;
}

Status QueryEngine::AwaitVersion(const VersionToken& token, Work& work) const {
  constexpr auto kPause = std::chrono::milliseconds(1);
  for (Duration waited{};; waited += kPause) {
    for (const store::StoredDocument& document :
         work.view->Lookup(token.document.collection, token.document.document)) {
      const bool same =
          document.origin.source == token.document.source && document.state != store::DocumentState::kPending;
      if (same && std::max(document.newest, document.origin.version) >= token.version) return OkStatus();
    }
    if (waited >= options_.after_wait) return Status(Code::kTimeout, "the version of `after` is not searchable yet");
    std::this_thread::sleep_for(kPause);
    work.view = view_();
  }
}

void QueryEngine::FillFreshness(Work& work) const {
  const std::map<SourceName, store::SourceTime> times = work.view->Times();
  bool known = true, access_known = true;
  for (const CollectionName& name : work.collections) {
    CollectionFreshness row{.name = name};
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

void QueryEngine::RunSearches(const SearchRequest& request, Work& work) const {
  const size_t depth = std::max<size_t>(50, 4 * request.top_k);
  Stopwatch watch;
  std::optional<model::EmbeddingBatch> vectors;
  if (request.mode != Mode::kLexical) {
    const std::string_view text = request.query;
    Result<model::EmbeddingBatch> embedded = embedder_->Embed({&text, 1});
    if (embedded.ok())
      vectors = std::move(*embedded);
    else
      work.response.warnings.push_back("no_vectors: the embedder gives none now; these are lexical results");
  }
  work.response.took_ms.emplace_back("embed", watch.LapMillis());
  const bool lexical = request.mode != Mode::kVector || !vectors;
  std::vector<CollectionHits> lexical_hits, vector_hits;
  double vector_ms = 0, lexical_ms = 0;
  for (size_t i = 0; i < work.collections.size(); ++i) {
    const auto filter = work.view->FilterFor(work.collections[i], work.access, request.filters);
    if (!filter || filter->count() == 0) continue;
    watch.LapMillis();
    const std::string made_by = work.view->VectorModel(work.collections[i]);
    const bool comparable = made_by.empty() || made_by == embedder_->name();
    if (vectors && comparable) {
      vector_hits.push_back({i, work.view->SearchVector(work.collections[i], (*vectors)[0], depth, *filter)});
    }
    if (vectors && !comparable) {
      work.response.warnings.push_back("no_vectors: those of collection " + work.collections[i].value +
                                       " were made by another model; these are lexical results");
    }
    vector_ms += watch.LapMillis();
    if (lexical || !comparable) {
      lexical_hits.push_back({i, work.view->SearchLexical(work.collections[i], request.query, depth, *filter)});
    }
    lexical_ms += watch.LapMillis();
  }
  work.response.took_ms.emplace_back("vector", vector_ms);
  work.response.took_ms.emplace_back("lexical", lexical_ms);
  work.candidates = Fuse(lexical_hits, vector_hits);
}

void QueryEngine::Resolve(const SearchRequest& request, Work& work) const {
  std::set<std::pair<size_t, DocumentOrdinal>> shown;
  for (const Candidate& candidate : work.candidates) {
    if (work.response.hits.size() >= request.top_k) break;
    const std::pair document(candidate.collection, candidate.document);
    if (request.one_per_document && shown.contains(document)) continue;
    Result<SearchHit> hit = HitOf(candidate, work);
    if (hit.ok()) {
      shown.insert(document);
      work.response.hits.push_back(std::move(*hit));
    } else if (hit.code() == Code::kQuarantined) {
      work.outdated_policy = true;
    } else if (hit.code() != Code::kNotFound) {
      work.response.warnings.push_back(std::string(NameOf(hit.code())) + ": a hit could not be read and is left out");
    }
  }
}

// The policy's name stands before the '@' of its stamp.
bool QueryEngine::IsOfPolicy(const CleanDocument& clean, const CollectionName& collection) const {
  const auto policy = options_.policies.find(collection);
  return policy == options_.policies.end() || clean.policy().substr(0, clean.policy().find('@')) == policy->second;
}

Result<SearchHit> QueryEngine::HitOf(const Candidate& candidate, const Work& work) const {
  const CollectionName& collection = work.collections[candidate.collection];
  FRESHET_ASSIGN_OR_RETURN(const store::StoredDocument document, work.view->Document(collection, candidate.document));
  FRESHET_ASSIGN_OR_RETURN(const store::StoredChunk stored, work.view->Chunk(collection, candidate.chunk));
  if (!work.view->MayRead(collection, candidate.document, work.access)) return Status(Code::kNotFound);
  FRESHET_ASSIGN_OR_RETURN(const SealedClean sealed, DecodeSealedClean(document.sealed));
  FRESHET_ASSIGN_OR_RETURN(const CleanDocument clean, DecodeSealed(sealed, document.origin, keys_));
  if (!IsOfPolicy(clean, collection)) return Status(Code::kQuarantined);
  FRESHET_ASSIGN_OR_RETURN(const Chunk chunk, DecodeChunkRecord(stored.record, clean));
  SearchHit hit{.document = document.origin.document,
                .collection = collection,
                .title = clean.title(),
                .uri = clean.uri(),
                .block = chunk.block,
                .place_begin = chunk.place_begin,
                .place_end = chunk.place_end,
                .text = std::string(TextOf(clean, chunk)),
                .score = candidate.score,
                .lexical = candidate.lexical,
                .vector = candidate.vector,
                .version = document.origin.version,
                .committed = document.origin.committed,
                .searchable = document.origin.StampOf(Step::kIndex),
                .outdated = document.state == store::DocumentState::kOutdated};
  for (const std::string_view section : SectionOf(clean, chunk)) hit.section.emplace_back(section);
  for (const Attribute& attribute : clean.attributes()) hit.attributes.emplace_back(attribute.name, attribute.values);
  return hit;
}

}  // namespace freshet::query
