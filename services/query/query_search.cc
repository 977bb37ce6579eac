// The half of the query engine that searches: candidates, their text, the reranker's word, what was asked for beside.
#include <algorithm>
#include <numeric>
#include <set>

#include "services/query/passages.h"
#include "services/query/phrase.h"
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

// Null where the collection's vectors are of a model that is not here.
const model::Embedder* QueryEngine::EmbedderOf(const CollectionName& collection, const Work& work) const {
  const std::string made_by = work.view->VectorModel(collection);
  if (made_by.empty() || made_by == embedder_->name()) return embedder_.get();
  return options_.beside != nullptr && made_by == options_.beside->name() ? options_.beside.get() : nullptr;
}

// By the model of each collection, once a model.
void QueryEngine::EmbedQuestion(const SearchRequest& request, Work& work) const {
  if (request.mode == Mode::kLexical) return;
  std::set<const model::Embedder*> needed;
  for (const CollectionName& collection : work.collections) needed.insert(EmbedderOf(collection, work));
  needed.erase(nullptr);
  bool failed = false;
  for (const model::Embedder* embedder : needed) {
    const std::string_view text = request.query;
    Result<model::EmbeddingBatch> embedded = embedder->Embed({&text, 1});
    if (embedded.ok()) work.question.emplace(embedder, std::move(*embedded));
    failed = failed || !embedded.ok();
  }
  if (failed) work.response.warnings.push_back("no_vectors: the embedder gives none now; these are lexical results");
}

std::vector<store::Hit> QueryEngine::SearchVectors(const CollectionName& collection, const SearchScope& scope,
                                                   Work& work) const {
  const model::Embedder* const embedder = EmbedderOf(collection, work);
  if (embedder == nullptr) {
    work.response.warnings.push_back("no_vectors: those of collection " + collection.value +
                                     " were made by another model; these are lexical results");
  }
  const auto question = work.question.find(embedder);
  if (question == work.question.end()) return {};
  return work.view->SearchVector(collection, question->second[0], scope.depth, scope.filter);
}

void QueryEngine::RunSearches(const SearchRequest& request, Work& work) const {
  const size_t depth = std::max<size_t>(50, 4 * request.top_k);
  Stopwatch watch;
  EmbedQuestion(request, work);
  work.response.took_ms.emplace_back("embed", watch.LapMillis());
  work.access.now = clock_.Now();  // a model may take its time
  std::vector<CollectionHits> lexical_hits, vector_hits;
  double vector_ms = 0, lexical_ms = 0;
  for (size_t i = 0; i < work.collections.size(); ++i) {
    const CollectionName& collection = work.collections[i];
    const auto filter = work.view->FilterFor(collection, work.access, work.filters);
    if (!filter || filter->count() == 0) continue;
    watch.LapMillis();
    const bool by_vector = work.question.contains(EmbedderOf(collection, work));
    if (request.mode != Mode::kLexical) {
      vector_hits.push_back({i, SearchVectors(collection, {*filter, depth}, work)});
      if (!by_vector) vector_hits.pop_back();
    }
    vector_ms += watch.LapMillis();
    if (request.mode != Mode::kVector || !by_vector) {
      lexical_hits.push_back({i, work.view->SearchLexical(collection, request.query, depth, *filter)});
    }
    lexical_ms += watch.LapMillis();
  }
  work.response.took_ms.emplace_back("vector", vector_ms);
  work.response.took_ms.emplace_back("lexical", lexical_ms);
  work.ranking.emplace(lexical_hits, vector_hits, PhrasesOf(request, work));
}

// Raises the first hits of each list by what their passages hold of the question's wording. One whose text cannot be
// read keeps its score: the reason is told when it becomes a hit.
Weighing QueryEngine::PhrasesOf(const SearchRequest& request, Work& work) const {
  Phrases phrases(request.query);
  if (phrases.empty()) return {};
  const auto factor = [&passages = *work.passages, phrases = std::move(phrases)](const Candidate& candidate) {
    const auto parts = passages.PartsOf(candidate);
    return parts.ok() ? 1 + kPhraseWeight * phrases.ShareIn(*parts) : 1;
  };
  return {.factor = factor, .most = 1 + kPhraseWeight, .depth = kPhraseDepth};
}

void QueryEngine::Resolve(const SearchRequest& request, Work& work) const {
  const bool rerank = WantsRerank(request, work);
  const size_t most = rerank ? std::max(request.top_k, options_.reranker->passages()) : request.top_k;
  Passages& passages = *work.passages;
  work.access.now = clock_.Now();
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
  while (work.response.hits.size() < most) {
    const std::optional<Candidate> next = work.ranking->Next();
    if (!next) break;
    const Candidate& candidate = *next;
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
