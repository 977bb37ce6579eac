// The part of ViewImpl that holds its vector search against the stored vectors.
#include <random>
#include <shared_mutex>

#include "common/model/half.h"
#include "common/store/filter_bitmap.h"
#include "common/store/index_store_impl.h"
#include "common/store/vector_audit.h"
#include "common/store/view_impl.h"

namespace freshet::store {

std::vector<std::vector<float>> ViewImpl::SampleVectors(const ViewSpace& in, const AuditPlan& plan) const {
  std::mt19937_64 random(plan.seed);
  std::vector<ChunkOrdinal> chunks;
  {
    std::shared_lock lock(state_.mutex);
    const uint64_t there = in.space->chunks.rank(in.next_chunk);
    for (size_t i = 0; i < 2 * plan.questions && there > 0; ++i) {  // some have no vector
      uint32_t chunk = 0;
      if (in.space->chunks.select(static_cast<uint32_t>(random() % there), &chunk)) chunks.emplace_back(chunk);
    }
  }
  std::vector<std::vector<float>> vectors;
  Rescore(in, chunks, [&](size_t, std::span<const uint16_t> half) {
    if (vectors.size() == plan.questions) return;
    std::vector<float>& vector = vectors.emplace_back();
    for (const uint16_t value : half) vector.push_back(model::FloatFromHalf(value));
  });
  return vectors;
}

std::shared_ptr<VectorAudit> ViewImpl::AuditVectors(const CollectionName& collection, const AuditPlan& plan) const {
  const ViewSpace* const in = Find(collection);
  if (snapshot_ == nullptr || in == nullptr || in->dimensions == 0) return nullptr;
  Roaring documents;
  {
    std::shared_lock lock(state_.mutex);
    for (const auto& [source, of_source] : in->space->of_source) documents |= of_source;
  }
  const Filter all(std::make_shared<const Filter::Bitmap>(std::move(documents)));
  std::vector<VectorAudit::Question> questions;
  for (std::vector<float>& vector : SampleVectors(*in, plan)) {
    std::vector<Hit> hits = SearchVector(collection, vector, VectorAudit::kTop, all);
    questions.push_back({.vector = std::move(vector), .hits = std::move(hits)});
  }
  if (questions.empty()) return nullptr;
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  options.fill_cache = false;
  const std::string first = ChunkKey(in->space->id, ChunkOrdinal(0));
  std::unique_ptr<rocksdb::Iterator> entries(database_->db().NewIterator(options, database_->family(kVectors)));
  entries->Seek(first);
  const auto is_there = [this, in](ChunkOrdinal chunk) {
    if (chunk.value >= in->next_chunk) return false;
    std::shared_lock lock(state_.mutex);
    return in->space->IsChunkLive(chunk, commit_);
  };
  return std::make_shared<VectorAudit>(
      VectorAudit::Vectors{std::move(entries), first.substr(0, first.size() - sizeof(uint32_t)), is_there},
      std::move(questions));
}

std::shared_ptr<VectorAudit> AuditVectors(const View& view, const CollectionName& collection, const AuditPlan& plan) {
  const auto* const of_writer = dynamic_cast<const ViewImpl*>(&view);
  return of_writer == nullptr ? nullptr : of_writer->AuditVectors(collection, plan);
}

std::map<CollectionName, uint64_t> LongLists(const IndexStore& store) {
  const auto* const of_writer = dynamic_cast<const IndexStoreImpl*>(&store);
  return of_writer == nullptr ? std::map<CollectionName, uint64_t>() : of_writer->LongLists();
}

}  // namespace freshet::store
