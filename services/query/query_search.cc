// The half of the query engine that searches: candidates, their text, the reranker's word, what was asked for beside.
#include <algorithm>
#include <numeric>
#include <set>

#include "services/query/passages.h"
#include "services/query/query_work.h"
#include "services/query/snippet.h"

namespace freshet::query {
namespace {

// What a cross-encoder reads of a passage: where it stands, then itself.
std::string RerankedText(const SearchHit& hit) {
  std::string text = hit.title;
  for (const std::string& section : hit.passage.section) {
    if (section == text) continue;  // a first heading that repeats the title
    text += (text.empty() ? "" : " > ") + section;
  }
  return text.empty() ? hit.passage.text : text + "\n" + hit.passage.text;
}

}  // namespace

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
    const auto filter = work.view->FilterFor(work.collections[i], work.access, work.filters);
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
  const bool rerank = WantsRerank(request, work);
  const size_t most = rerank ? std::max(request.top_k, options_.reranker->passages()) : request.top_k;
  Passages passages({.view = *work.view,
                     .access = work.access,
                     .keys = keys_,
                     .collections = work.collections,
                     .policies = options_.policies});
  Stopwatch watch;
  ReadHits(request, most, passages, work);
  double resolve_ms = watch.LapMillis();
  if (rerank) {
    Rerank(request, work);
    DropForbidden(work);
    work.response.took_ms.emplace_back("rerank", watch.LapMillis());
  }
  std::vector<SearchHit>& hits = work.response.hits;
  if (hits.size() > request.top_k) hits.erase(hits.begin() + static_cast<ptrdiff_t>(request.top_k), hits.end());
  if (request.neighbours > 0) {
    for (size_t i = 0; i < hits.size(); ++i) passages.AddNeighbours(work.of_hits[i], request.neighbours, hits[i]);
  }
  if (request.snippet > 0) {
    const Highlighter highlighter(request.query);
    for (SearchHit& hit : hits) hit.snippet = SnippetOf(hit, highlighter, request.snippet);
  }
  if (work.outdated_policy) {
    work.response.warnings.push_back(
        "policy_outdated: documents that were de-identified under another policy are left out until they are made "
        "anew");
  }
  resolve_ms += watch.LapMillis();
  work.response.took_ms.emplace_back("resolve", resolve_ms);
}

void QueryEngine::ReadHits(const SearchRequest& request, size_t most, Passages& passages, Work& work) const {
  std::set<std::pair<size_t, DocumentOrdinal>> shown;
  for (const Candidate& candidate : work.candidates) {
    if (work.response.hits.size() >= most) break;
    const std::pair document(candidate.collection, candidate.document);
    if (request.one_per_document && shown.contains(document)) continue;
    Result<SearchHit> hit = passages.HitOf(candidate);
    if (hit.ok()) {
      shown.insert(document);
      work.response.hits.push_back(std::move(*hit));
      work.of_hits.push_back(candidate);
    } else if (hit.code() == Code::kQuarantined) {
      work.outdated_policy = true;
    } else if (hit.code() != Code::kNotFound) {
      work.response.warnings.push_back(std::string(NameOf(hit.code())) + ": a hit could not be read and is left out");
    }
  }
}

bool QueryEngine::WantsRerank(const SearchRequest& request, Work& work) const {
  if (options_.reranker != nullptr) return request.rerank.value_or(true);
  if (request.rerank.value_or(false)) {
    work.response.warnings.push_back("no_reranker: this site has none; the order is that of the fused searches");
  }
  return false;
}

// The reranker's order for as many as it was asked about; those behind them stay behind. Whatever fails, the order
// stays.
void QueryEngine::Rerank(const SearchRequest& request, Work& work) const {
  std::vector<SearchHit>& hits = work.response.hits;
  const size_t asked = std::min(hits.size(), options_.reranker->passages());
  std::vector<std::string> texts;
  for (size_t i = 0; i < asked; ++i) texts.push_back(RerankedText(hits[i]));
  const Result<std::vector<float>> scores = options_.reranker->Score(request.query, texts);
  if (!scores.ok()) {
    work.response.warnings.push_back("not_reranked: " + std::string(NameOf(scores.code())) +
                                     "; the order is that of the fused searches");
    return;
  }
  std::vector<size_t> order(hits.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(asked),
                   [&](size_t a, size_t b) { return (*scores)[a] > (*scores)[b]; });
  std::vector<SearchHit> sorted;
  std::vector<Candidate> of_sorted;
  for (const size_t i : order) {
    if (i < asked) hits[i].reranked = (*scores)[i];
    sorted.push_back(std::move(hits[i]));
    of_sorted.push_back(work.of_hits[i]);
  }
  hits = std::move(sorted);
  work.of_hits = std::move(of_sorted);
}

// The reranker took its time: who was let in before may not be any more.
void QueryEngine::DropForbidden(Work& work) const {
  work.access.now = clock_.Now();
  std::vector<SearchHit> hits;
  std::vector<Candidate> of_hits;
  for (size_t i = 0; i < work.of_hits.size(); ++i) {
    const Candidate& candidate = work.of_hits[i];
    if (!work.view->MayRead(work.collections[candidate.collection], candidate.document, work.access)) continue;
    hits.push_back(std::move(work.response.hits[i]));
    of_hits.push_back(candidate);
  }
  work.response.hits = std::move(hits);
  work.of_hits = std::move(of_hits);
}

}  // namespace freshet::query
