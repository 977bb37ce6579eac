#include "common/store/follower_store.h"

#include <atomic>
#include <mutex>

#include "common/store/follower_changes.h"
#include "common/store/lexical_feed.h"
#include "common/store/loader.h"
#include "common/store/view_keeper.h"

namespace freshet::store {
namespace {

constexpr int kOpenAttempts = 20;

class FollowerStoreImpl final : public FollowerStore {
 public:
  explicit FollowerStoreImpl(IndexStoreOptions options) : options_(std::move(options)) {}

  Status Load();
  Status CatchUp() override;
  uint64_t commit() const override { return views_.Newest()->commit(); }
  uint64_t reloads() const override { return reloads_; }
  std::shared_ptr<const View> CurrentView() const override { return views_.Newest(); }
  Offset NextOffset(Stream stream, Partition partition) const override {
    return core()->state.NextOffset(stream, partition);
  }
  std::map<std::pair<Stream, Partition>, Account> Accounts() const override { return core()->state.Accounts(); }
  std::vector<HeldDeletes> Held() const override { return core()->state.Held(); }
  std::map<SourceName, std::map<Code, uint64_t>> Skipped() const override { return core()->state.Skipped(); }
  void ForEachDocument(const std::function<bool(const KnownDocument&)>& visit) const override {
    core()->state.ForEachDocument(visit);
  }
  std::vector<GenerationInfo> Generations() const override { return core()->state.ListGenerations(); }

 private:
  using Feeds = std::map<SpaceId, std::unique_ptr<LexicalFeed>>;

  std::shared_ptr<const Core> core() const {
    const std::lock_guard lock(mutex_);
    return core_;
  }
  Result<std::unique_ptr<Database>> OpenDatabase() const;
  Result<bool> Advance();
  Status Follow(uint64_t commit, const Touched& touched);
  Status MakeView();
  Status ForgetCommitted();

  const IndexStoreOptions options_;
  mutable std::mutex mutex_;
  std::shared_ptr<Core> core_;  // changed under mutex_, by the thread that catches up
  Feeds feeds_;
  ViewKeeper views_;
  std::atomic<uint64_t> reloads_ = 0;
};

// Beside what is there, which views go on reading as it was.
Status FollowerStoreImpl::Load() {
  auto core = std::make_shared<Core>();
  core->options = options_;
  core->follower = std::make_unique<FollowerReads>();
  FRESHET_ASSIGN_OR_RETURN(core->database, OpenDatabase());
  FRESHET_RETURN_IF_ERROR(store::Load(*core));
  feeds_.clear();  // before the core that they refer to
  const std::lock_guard lock(mutex_);
  core_ = std::move(core);
  return OkStatus();
}

Result<std::unique_ptr<Database>> FollowerStoreImpl::OpenDatabase() const {
  return Database::OpenFollower({.path = options_.path + "/rocksdb",
                                 .families = FamilyNames(),
                                 .env = options_.env,
                                 .block_cache_bytes = options_.block_cache_bytes,
                                 .tune = TuneFamily});
}

Status FollowerStoreImpl::CatchUp() {
  const FollowerReads& reads = *core_->follower;
  bool follows = !reads.diverged;
  std::shared_ptr<Database> next = core_->database;
  if (follows && next->IsOutlived()) {
    FRESHET_ASSIGN_OR_RETURN(next, OpenDatabase());
  }
  if (follows) {
    // Until the view is made: so that a document whose old version cannot be read any more is soon found by its new
    // one.
    const std::unique_lock lock(reads.mutex);
    core_->database.swap(next);  // what it was goes without the lock
    const Result<bool> advanced = Advance();
    follows = advanced.ok() && *advanced;
    core_->follower->diverged = !follows;
    if (follows) FRESHET_RETURN_IF_ERROR(MakeView());
  }
  if (!follows) {
    FRESHET_RETURN_IF_ERROR(Load());
    ++reloads_;
    FRESHET_RETURN_IF_ERROR(MakeView());
  }
  return ForgetCommitted();
}

// False where the state cannot be brought to where the database is.
Result<bool> FollowerStoreImpl::Advance() {
  State& state = core_->state;
  FRESHET_RETURN_IF_ERROR(core_->database->CatchUp());
  FRESHET_ASSIGN_OR_RETURN(const uint64_t commit, StoredCommit(*core_->database));
  if (commit == state.commit) return true;
  if (commit < state.commit) return false;
  FRESHET_ASSIGN_OR_RETURN(const std::optional<Touched> touched, ReadTouched(*core_, commit));
  if (!touched) return false;
  FRESHET_RETURN_IF_ERROR(Follow(commit, *touched));
  return true;
}

Status FollowerStoreImpl::Follow(uint64_t commit, const Touched& touched) {
  State& state = core_->state;
  if (touched.names != NamesKnown{state.source_numbers.size(), state.spaces.size()}) {
    FRESHET_RETURN_IF_ERROR(LoadNewNames(*core_));
  }
  FRESHET_ASSIGN_OR_RETURN(Changes changes, ReadChanges(*core_, touched, commit));
  Publish(changes, state);
  for (const auto& [id, chunks] : changes.chunks) {
    if (const auto feed = feeds_.find(id); feed != feeds_.end()) feed->second->TakeStored(chunks);
  }
  return OkStatus();
}

Status FollowerStoreImpl::MakeView() {
  State& state = core_->state;
  if (const auto newest = views_.Newest(); newest != nullptr && newest->IsOf(*core_, state.commit)) return OkStatus();
  LexicalReaders readers;
  for (const auto& [id, space] : state.spaces) {
    std::unique_ptr<LexicalFeed>& feed = feeds_[id];
    if (feed == nullptr) {
      FRESHET_ASSIGN_OR_RETURN(feed, LexicalFeed::Open(*core_, *space));
    }
    FRESHET_ASSIGN_OR_RETURN(readers[id], feed->Reader());
  }
  views_.Put(std::make_shared<const ViewImpl>(core_, SpacesOfView(state, readers)));
  const uint64_t oldest = views_.Oldest(state.commit);
  SweepPast(state, oldest);
  for (const auto& [id, space] : state.spaces) {
    if (space->vectors != nullptr) space->vectors->Sweep(oldest);
    space->facet_pool.SweepIfGrown();
  }
  return OkStatus();
}

// The writer's commits of the lexical index change nothing that is found, and no commit number tells of them.
Status FollowerStoreImpl::ForgetCommitted() {
  for (const auto& [id, feed] : feeds_) {
    Space& space = *core_->state.spaces.at(id);
    FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> value, core_->database->Get(kMeta, SpaceKey(id)));
    if (!value) return Status(Code::kCorruptStore, "a collection without a record");
    FRESHET_ASSIGN_OR_RETURN(const SpaceRecord record, DecodeSpace(*value));
    if (record.journal_from != space.record.journal_from) {
      const std::unique_lock lock(core_->state.mutex);
      space.record.journal_from = record.journal_from;
    }
    const Status started = feed->StartAgain();
    if (!started.ok() && started.code() != Code::kUnavailable) return started;
  }
  return OkStatus();
}

}  // namespace

Result<std::unique_ptr<FollowerStore>> FollowerStore::Open(IndexStoreOptions options) {
  auto store = std::make_unique<FollowerStoreImpl>(std::move(options));
  FRESHET_RETURN_IF_ERROR(store->Load());
  Status status;
  for (int attempt = 0; attempt < kOpenAttempts; ++attempt) {
    status = store->CatchUp();
    if (status.code() != Code::kUnavailable) break;
  }
  FRESHET_RETURN_IF_ERROR(status);
  return std::unique_ptr<FollowerStore>(std::move(store));
}

}  // namespace freshet::store
