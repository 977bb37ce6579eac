#include "common/store/index_store.h"

#include <algorithm>
#include <filesystem>
#include <shared_mutex>

#include "common/store/index_store_impl.h"
#include "common/store/loader.h"
#include "common/store/names.h"

namespace freshet::store {
namespace {

constexpr size_t kStepsAMaintain = 16;  // changes to inverted lists, a collection: a tenth of a second
constexpr size_t kStepsAfterApply = 64;

}  // namespace

Result<std::unique_ptr<IndexStore>> IndexStore::Open(IndexStoreOptions options) {
  auto core = std::make_shared<Core>();
  core->options = std::move(options);
  FRESHET_ASSIGN_OR_RETURN(core->database, Database::Open({.path = core->options.path + "/rocksdb",
                                                           .families = FamilyNames(),
                                                           .env = core->options.env,
                                                           .block_cache_bytes = core->options.block_cache_bytes,
                                                           .tune = TuneFamily}));
  FRESHET_RETURN_IF_ERROR(Load(*core));
  auto store = std::make_unique<IndexStoreImpl>(std::move(core));
  FRESHET_RETURN_IF_ERROR(store->Start());
  return std::unique_ptr<IndexStore>(std::move(store));
}

Status IndexStoreImpl::Start() {
  synced_commit_ = core_->state.commit;
  RemoveLeftovers();
  return Refresh();
}

Status IndexStoreImpl::Timed(std::string_view store, const std::function<Status()>& commit) {
  const auto begin = std::chrono::steady_clock::now();
  FRESHET_RETURN_IF_ERROR(commit());
  const auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin);
  if (core_->options.on_commit) core_->options.on_commit(store, took);
  return OkStatus();
}

// A clean end spares the next start the replay. Where it fails, the journal has what is missing.
IndexStoreImpl::~IndexStoreImpl() {
  if (!Sync().ok()) return;
  for (const auto& [id, feed] : feeds_) {
    if (feed->has_uncommitted()) (void)feed->Commit();
  }
}

Result<std::vector<Applied>> IndexStoreImpl::Apply(std::span<const Mutation> mutations, Time now) {
  FRESHET_RETURN_IF_ERROR(RegisterNames(mutations, *core_));
  // Before anything is in, a new collection's index has nothing to catch up with. Errors: see Write.
  for (const auto& [id, space] : core_->state.spaces) (void)FeedOf(id);
  Batch batch(core_->state, *core_->database);
  Applier applier(core_->state, core_->options, now, batch);
  std::vector<Applied> applied;
  applied.reserve(mutations.size());
  for (const Mutation& mutation : mutations) applied.push_back(applier.Apply(mutation));
  applier.RunSnapshotDeletes();
  FRESHET_RETURN_IF_ERROR(Write(batch));
  ShortenLists();
  return applied;
}

// Lists that grow faster than Maintain comes: an error is met again there.
void IndexStoreImpl::ShortenLists() {
  for (auto& [id, keeper] : keepers_) {
    for (size_t steps = 0; keeper.IsPressing() && steps < kStepsAfterApply && KeepLists(1).ok(); ++steps) {
    }
  }
}

Status IndexStoreImpl::Write(Batch& batch) {
  if (!batch.changes_anything()) return OkStatus();
  FRESHET_RETURN_IF_ERROR(core_->database->Write(batch.Encode(), Durability::kBuffered));
  trail_.Note(batch.commit(), batch.touched_bytes());
  generation_keeper_.Note(batch.changes());
  Publish(batch.changes(), core_->state);
  for (const auto& [id, space] : core_->state.spaces) {
    keepers_.try_emplace(id, *core_, *space).first->second.Note(batch.changes());
  }
  for (const auto& [id, changes] : batch.changes().chunks) {
    // One that cannot be opened now catches up from the journal, when Refresh tries again.
    if (Result<LexicalFeed*> feed = FeedOf(id); feed.ok()) (*feed)->Take(changes);
  }
  return OkStatus();
}

Result<LexicalFeed*> IndexStoreImpl::FeedOf(SpaceId id) {
  const auto known = feeds_.find(id);
  if (known != feeds_.end()) return known->second.get();
  FRESHET_ASSIGN_OR_RETURN(auto feed, LexicalFeed::Open(*core_, *core_->state.spaces.at(id)));
  return feeds_.emplace(id, std::move(feed)).first->second.get();
}

Result<LexicalReaders> IndexStoreImpl::ReadersOfView() {
  LexicalReaders readers;
  for (const auto& [id, space] : core_->state.spaces) {
    FRESHET_ASSIGN_OR_RETURN(LexicalFeed * feed, FeedOf(id));
    FRESHET_ASSIGN_OR_RETURN(readers[id], feed->Reader());
  }
  return readers;
}

Status IndexStoreImpl::Refresh() {
  const std::shared_ptr<const ViewImpl> newest = views_.Newest();
  if (newest != nullptr && newest->commit() == core_->state.commit) return OkStatus();
  FRESHET_ASSIGN_OR_RETURN(auto readers, ReadersOfView());
  views_.Put(std::make_shared<const ViewImpl>(core_, SpacesOfView(core_->state, readers)));
  SweepPast(core_->state, views_.Oldest(core_->state.commit));
  return OkStatus();
}

Status IndexStoreImpl::Maintain(Time now) {
  FRESHET_RETURN_IF_ERROR(CollectGarbage(now));
  FRESHET_RETURN_IF_ERROR(KeepLists(kStepsAMaintain));
  CountLongLists();
  FRESHET_RETURN_IF_ERROR(Sync());
  FRESHET_RETURN_IF_ERROR(CommitLexical());
  FRESHET_RETURN_IF_ERROR(DropOldTrail());
  Sweep();
  return OkStatus();
}

Status IndexStoreImpl::Sync() {
  const uint64_t commit = core_->state.commit;
  if (synced_commit_ == commit) return OkStatus();
  FRESHET_RETURN_IF_ERROR(Timed("rocksdb", [&] { return core_->database->Sync(); }));
  synced_commit_ = commit;
  std::unique_lock lock(core_->state.mutex);
  for (const auto& [id, account] : core_->state.accounts) core_->state.durable[id] = account.next;
  return OkStatus();
}

// Due where much text waits, or where nothing came since the last call: then it costs nobody anything.
Status IndexStoreImpl::CommitLexical() {
  uint64_t bytes = 0;
  for (const auto& [id, feed] : feeds_) {
    const bool quiet = feed->IsQuiet();
    const bool much = feed->uncommitted_bytes() >= core_->options.lexical_commit_bytes;
    if (quiet || much) FRESHET_RETURN_IF_ERROR(Timed("lexical", [&] { return feed->Commit(); }));
    bytes += feed->BytesOnDisk();
  }
  lexical_bytes_ = bytes;
  return OkStatus();
}

Status IndexStoreImpl::DropOldTrail() {
  const uint64_t old = trail_.TakeOld();
  if (old == 0) return OkStatus();
  rocksdb::WriteBatch batch;
  batch.DeleteRange(core_->database->family(kJournal), ToSlice(TouchedKey(0)), ToSlice(TouchedKey(old + 1)))
      .PermitUncheckedError();
  return core_->database->Write(batch, Durability::kBuffered);
}

Status IndexStoreImpl::KeepLists(size_t steps) {
  for (const auto& [id, space] : core_->state.spaces) {
    VectorKeeper& keeper = keepers_.try_emplace(id, *core_, *space).first->second;
    for (size_t step = 0; step < steps; ++step) {
      Batch batch(core_->state, *core_->database);
      FRESHET_ASSIGN_OR_RETURN(const bool planned, keeper.Step(batch));
      if (!planned) break;
      FRESHET_RETURN_IF_ERROR(Write(batch));
    }
  }
  return OkStatus();
}

void IndexStoreImpl::CountLongLists() {
  std::map<CollectionName, uint64_t> counts;
  for (const auto& [id, space] : core_->state.spaces) {
    if (!core_->state.IsServed(*space)) continue;
    const auto keeper = keepers_.find(id);
    const bool has_lists = space->lists != nullptr && keeper != keepers_.end();
    counts[space->record.collection] = has_lists ? keeper->second.LongLists() : 0;
  }
  std::lock_guard lock(long_lists_mutex_);
  long_lists_ = std::move(counts);
}

std::map<CollectionName, uint64_t> IndexStoreImpl::LongLists() const {
  std::lock_guard lock(long_lists_mutex_);
  return long_lists_;
}

void IndexStoreImpl::Sweep() {
  const uint64_t oldest = views_.Oldest(core_->state.commit);
  for (const auto& [id, space] : core_->state.spaces) {
    if (space->vectors != nullptr) space->vectors->Sweep(oldest);
    space->facet_pool.SweepIfGrown();
  }
}

std::shared_ptr<const View> IndexStoreImpl::CurrentView() const { return views_.Newest(); }

Offset IndexStoreImpl::NextOffset(Stream stream, Partition partition) const {
  return core_->state.NextOffset(stream, partition);
}

Offset IndexStoreImpl::DurableOffset(Stream stream, Partition partition) const {
  std::shared_lock lock(core_->state.mutex);
  const auto durable = core_->state.durable.find({stream, partition});
  return durable == core_->state.durable.end() ? Offset() : durable->second;
}

std::map<std::pair<Stream, Partition>, Account> IndexStoreImpl::Accounts() const { return core_->state.Accounts(); }

std::vector<HeldDeletes> IndexStoreImpl::Held() const { return core_->state.Held(); }

std::map<SourceName, std::map<Code, uint64_t>> IndexStoreImpl::Skipped() const { return core_->state.Skipped(); }

void IndexStoreImpl::ForEachDocument(const std::function<bool(const KnownDocument&)>& visit) const {
  core_->state.ForEachDocument(visit);
}

std::vector<GenerationInfo> IndexStoreImpl::Generations() const { return core_->state.ListGenerations(); }

uint64_t IndexStoreImpl::BytesOnDisk() const { return core_->database->BytesOnDisk() + lexical_bytes_; }

}  // namespace freshet::store
