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

// One batch's questions to the model.
struct EmbedStage::Asking {
  Plan& plan;
  const EmbedState& state;
  bool one_by_one = false;
  bool answered = false;  // the model is there, whatever it said
  bool refused = false;   // some call failed as if it were not
  bool refused_last = false;
  Status gone;  // why it is asked no more
};

// A model that is away and a text that makes it fail look alike. After such a failure texts are asked for one by one,
// by another one first each time: where that is answered the model is there, and the others need not wait for the text.
void EmbedStage::EmbedMisses(Asking& asking) {
  Plan& plan = asking.plan;
  std::vector<size_t> rows;
  for (size_t row = 0; row < plan.distinct(); ++row) {
    if (!plan.known(row)) rows.push_back(row);
  }
  std::ranges::stable_sort(rows, {}, [&](size_t row) { return plan.TokensOf(row); });
  asking.one_by_one = suspects_ && rows.size() > 1;
  if (asking.one_by_one) std::ranges::rotate(rows, rows.begin() + static_cast<ptrdiff_t>(first_asked_++ % rows.size()));
  const size_t step = asking.one_by_one ? 1 : std::max<size_t>(options_.batch_texts, 1);
  for (size_t begin = 0; begin < rows.size(); begin += step) {
    Ask(asking, std::span(rows).subspan(begin, std::min(step, rows.size() - begin)));
  }
}

void EmbedStage::Ask(Asking& asking, std::span<const size_t> rows) {
  const Status status = asking.gone.ok() ? EmbedRows(asking.plan, asking.state, rows) : asking.gone;
  if (status.ok()) {
    asking.answered = true;
    asking.refused_last = false;
    return;
  }
  const Disposition disposition = DispositionOf(status.code());
  // Texts that fail for what they are are found by giving them to the model one by one.
  if (disposition == Disposition::kSkip && rows.size() > 1) {
    for (size_t i = 0; i < rows.size(); ++i) Ask(asking, rows.subspan(i, 1));
    return;
  }
  for (const size_t row : rows) asking.plan.SetFailure(row, status);
  if (disposition == Disposition::kSkip) {
    asking.answered = true;
    asking.refused_last = false;
    return;
  }
  const bool is_retry = disposition == Disposition::kRetry;
  const bool is_this_text = is_retry && asking.one_by_one && asking.answered && !asking.refused_last;
  asking.refused = asking.refused || is_retry;
  asking.refused_last = is_retry;
  if (!is_this_text) asking.gone = status;
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

Result<EmbedStage::Outcome> EmbedStage::OutcomeOf(const ChunkedDocument& document, const Asking& asking,
                                                  size_t number) {
  auto vectors = asking.plan.VectorsOf(number);
  if (vectors == nullptr) {
    const Status failure = asking.plan.FailureOf(number);
    const bool goes_on = options_.forward_without_vectors_after > 0 &&
                         failures_in_a_row_ >= options_.forward_without_vectors_after &&
                         DispositionOf(failure.code()) == Disposition::kRetry;
    if (!goes_on) return failure;
    ++counts_.without_vectors;
  }
  return Outcome(Forward<EmbeddedDocument>{{.chunked = document,
                                            .model = std::string(asking.state.embedder->name()),
                                            .dimensions = asking.state.embedder->dimensions(),
                                            .vectors = std::move(vectors)}});
}

std::vector<Result<EmbedStage::Outcome>> EmbedStage::Process(std::span<const Input> batch, const EmbedState& state) {
  std::vector<const ChunkedDocument*> documents;
  for (const Input& input : batch) documents.push_back(&input.body);
  Plan plan(documents, state.embedder->dimensions());
  counts_.chunks += plan.chunks();
  counts_.duplicates += plan.chunks() - plan.distinct();
  LookUp(plan, state);
  Asking asking{plan, state};
  EmbedMisses(asking);
  suspects_ = asking.refused;
  const bool away = asking.refused && !asking.answered;
  failures_in_a_row_ = away ? failures_in_a_row_ + 1 : 0;
  counts_.away = away;
  std::vector<Result<Outcome>> outcomes;
  outcomes.reserve(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) outcomes.push_back(OutcomeOf(*documents[i], asking, i));
  return outcomes;
}

}  // namespace freshet::embed
