#include "services/embed/embed.h"

#include <algorithm>
#include <cmath>

#include "common/model/dot.h"
#include "common/model/half.h"
#include "services/embed/plan.h"

namespace freshet::embed {
namespace {

// A model that breaks its contract must not fill the index with vectors that rank wrongly for ever.
Status Check(const model::EmbeddingBatch& batch, size_t texts, uint32_t dimensions) {
  if (batch.dimensions != dimensions || batch.values.size() != texts * dimensions) {
    return Status(Code::kInternalError, "the model answered " + std::to_string(texts) + " texts with " +
                                            std::to_string(batch.values.size()) + " numbers");
  }
  for (size_t row = 0; row < texts; ++row) {
    const float squares = model::DotFloat(batch[row].data(), batch[row].data(), dimensions);
    if (!(std::fabs(squares - 1) < 0.01f)) {
      return Status(Code::kInternalError, "the model answered with a vector whose length is not 1");
    }
  }
  return OkStatus();
}

}  // namespace

bool EmbedStage::UsesCache(const EmbedState& state) const {
  if (state.cache == nullptr || options_.cache == CacheUse::kOff) return false;
  return options_.cache == CacheUse::kOn || state.embedder->worth_caching();
}

void EmbedStage::LookUp(Plan& plan, const EmbedState& state) {
  if (!UsesCache(state) || plan.distinct() == 0) return;
  const uint32_t dimensions = state.embedder->dimensions();
  const Result<CachedVectors> cached = state.cache->Get(state.embedder->name(), plan.hashes(), dimensions);
  if (!cached.ok()) {
    ++counts_.cache_errors;
    return;
  }
  for (size_t row = 0; row < plan.distinct(); ++row) {
    if (!cached->found[row]) {
      ++counts_.cache_misses;
      continue;
    }
    plan.SetVector(row, std::span(cached->halves).subspan(row * dimensions, dimensions));
    ++counts_.cache_hits;
  }
}

// Rows that fail for what they are (not for the state of the world) are found by giving them to the model one by one.
Status EmbedStage::EmbedMisses(Plan& plan, const EmbedState& state) {
  std::vector<size_t> rows;
  for (size_t row = 0; row < plan.distinct(); ++row) {
    if (!plan.known(row)) rows.push_back(row);
  }
  std::ranges::stable_sort(rows, {}, [&](size_t row) { return plan.TokensOf(row); });
  Status first;
  const size_t step = std::max<size_t>(options_.batch_texts, 1);
  for (size_t begin = 0; begin < rows.size(); begin += step) {
    const auto some = std::span(rows).subspan(begin, std::min(step, rows.size() - begin));
    Status status = EmbedRows(plan, state, some);
    if (!status.ok() && DispositionOf(status.code()) == Disposition::kSkip && some.size() > 1) {
      for (size_t i = 0; i < some.size(); ++i) {
        if (Status alone = EmbedRows(plan, state, some.subspan(i, 1)); !alone.ok()) status = std::move(alone);
      }
    }
    if (status.ok()) continue;
    if (first.ok()) first = status;
    if (DispositionOf(status.code()) != Disposition::kSkip) break;  // the next call would meet the same
  }
  return first;
}

Status EmbedStage::EmbedRows(Plan& plan, const EmbedState& state, std::span<const size_t> rows) {
  const uint32_t dimensions = state.embedder->dimensions();
  std::vector<std::string> texts;
  for (const size_t row : rows) texts.push_back(plan.TextOf(row));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  FRESHET_ASSIGN_OR_RETURN(const model::EmbeddingBatch batch, state.embedder->Embed(views, state.priority));
  FRESHET_RETURN_IF_ERROR(Check(batch, rows.size(), dimensions));
  std::vector<uint16_t> halves(dimensions);
  for (size_t i = 0; i < rows.size(); ++i) {
    model::FloatsToHalves(batch[i], halves);
    plan.SetVector(rows[i], halves);
  }
  counts_.embedded += rows.size();
  Remember(plan, state, rows);
  return OkStatus();
}

void EmbedStage::Remember(const Plan& plan, const EmbedState& state, std::span<const size_t> rows) {
  if (!UsesCache(state)) return;
  std::vector<Hash128> hashes;
  std::vector<uint16_t> halves;
  for (const size_t row : rows) {
    hashes.push_back(plan.hashes()[row]);
    const auto vector = plan.VectorOf(row);
    halves.insert(halves.end(), vector.begin(), vector.end());
  }
  if (!state.cache->Put(state.embedder->name(), hashes, halves).ok()) ++counts_.cache_errors;
}

Result<EmbedStage::Outcome> EmbedStage::OutcomeOf(const ChunkedDocument& document, const EmbedState& state,
                                                  std::shared_ptr<const std::vector<uint16_t>> vectors) {
  if (vectors == nullptr) {
    const bool goes_on = options_.forward_without_vectors_after > 0 &&
                         failures_in_a_row_ >= options_.forward_without_vectors_after &&
                         DispositionOf(failure_.code()) == Disposition::kRetry;
    if (!goes_on) return failure_;
    ++counts_.without_vectors;
  }
  return Outcome(Forward<EmbeddedDocument>{{.chunked = document,
                                            .model = std::string(state.embedder->name()),
                                            .dimensions = state.embedder->dimensions(),
                                            .vectors = std::move(vectors)}});
}

std::vector<Result<EmbedStage::Outcome>> EmbedStage::Process(std::span<const Input> batch, const EmbedState& state) {
  std::vector<const ChunkedDocument*> documents;
  for (const Input& input : batch) documents.push_back(&input.body);
  Plan plan(documents, state.embedder->dimensions());
  counts_.chunks += plan.chunks();
  counts_.duplicates += plan.chunks() - plan.distinct();
  LookUp(plan, state);
  failure_ = EmbedMisses(plan, state);
  failures_in_a_row_ = failure_.ok() ? 0 : failures_in_a_row_ + 1;
  counts_.away = DispositionOf(failure_.code()) == Disposition::kRetry;
  std::vector<Result<Outcome>> outcomes;
  outcomes.reserve(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) outcomes.push_back(OutcomeOf(*documents[i], state, plan.VectorsOf(i)));
  return outcomes;
}

}  // namespace freshet::embed
