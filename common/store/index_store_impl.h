// IndexStoreImpl: the writer's side of the index store. Order of an Apply: names, decisions (Applier), one write to
// RocksDB, memory (Batch::Publish), the lexical index. Only the write can fail the call.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <vector>

#include "common/store/apply.h"
#include "common/store/generation_keeper.h"
#include "common/store/lexical_feed.h"
#include "common/store/touched.h"
#include "common/store/vector_keeper.h"
#include "common/store/view_keeper.h"

namespace freshet::store {

class IndexStoreImpl final : public IndexStore, public GenerationStore {
 public:
  explicit IndexStoreImpl(std::shared_ptr<Core> core)
      : core_(std::move(core)), trail_(core_->state.commit, core_->options.trail_bytes) {}
  ~IndexStoreImpl() override;
  Status Start();

  Result<std::vector<Applied>> Apply(std::span<const Mutation> mutations, Time now) override;
  Status Refresh() override;
  Status Maintain(Time now) override;
  Result<std::vector<GoneDocument>> Untold(size_t limit) override;
  Status Told(std::span<const GoneDocument> documents) override;
  std::shared_ptr<const View> CurrentView() const override;
  Offset NextOffset(Stream stream, Partition partition) const override;
  Offset DurableOffset(Stream stream, Partition partition) const override;
  std::map<std::pair<Stream, Partition>, Account> Accounts() const override;
  std::vector<HeldDeletes> Held() const override;
  std::map<SourceName, std::map<Code, uint64_t>> Skipped() const override;
  void ForEachDocument(const std::function<bool(const KnownDocument&)>& visit) const override;
  std::vector<GenerationInfo> Generations() const override;
  uint64_t BytesOnDisk() const override;
  std::map<CollectionName, uint64_t> LongLists() const;  // vector_audit.h
  GenerationStore& generations() override { return *this; }

  // index_store_generations.cc
  Status Keep(const std::vector<std::string>& recipes) override;
  uint32_t NumberOf(const CollectionName& collection, std::string_view recipe) const override;
  Result<std::vector<BehindDocument>> TakeBehind(size_t limit) override;
  Status Derive(std::span<const Mutation> made, Time now) override;
  Status Serve(const CollectionName& collection, uint32_t generation) override;
  Status Drop(const CollectionName& collection, uint32_t generation) override;
  Result<std::shared_ptr<const View>> ViewOf(const CollectionName& collection, uint32_t generation) override;

 private:
  Status Write(Batch& batch);
  Status KeepOf(const CollectionName& collection, const std::vector<std::string>& recipes);
  Result<Space*> Find(const CollectionName& collection, uint32_t generation) const;
  void RemoveLeftovers();
  Result<LexicalFeed*> FeedOf(SpaceId id);
  Result<LexicalReaders> ReadersOfView();
  Status CollectGarbage(Time now);
  Status CommitLexical();
  Status Sync();
  Status Timed(std::string_view store, const std::function<Status()>& commit);
  Status DropOldTrail();
  Status KeepLists(size_t steps);
  void ShortenLists();
  void CountLongLists();
  void Sweep();

  std::shared_ptr<Core> core_;
  TouchedTrail trail_;
  std::map<SpaceId, std::unique_ptr<LexicalFeed>> feeds_;
  std::map<SpaceId, VectorKeeper> keepers_;
  ViewKeeper views_;
  GenerationKeeper generation_keeper_{*core_};
  uint64_t synced_commit_ = 0;
  std::atomic<uint64_t> lexical_bytes_ = 0;
  mutable std::mutex long_lists_mutex_;
  std::map<CollectionName, uint64_t> long_lists_;
};

}  // namespace freshet::store
