#include "services/index/follower.h"

#include "common/store/directory_watch.h"
#include "common/store/empty_view.h"
#include "common/telemetry/log.h"

namespace freshet::index {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(20);
constexpr auto kPause = std::chrono::milliseconds(1);  // between two: under constant writes, queries get their turn
constexpr auto kRetryOpen = std::chrono::milliseconds(100);

}  // namespace

Follower::Follower(IndexOptions options, const KeyRing& keys)
    : options_(WithLexicalTexts(std::move(options.store), keys)),
      empty_(store::NewEmptyView()),
      status_(Code::kNotFound) {}

void Follower::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Follower::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Follower::Run(const std::stop_token& stop) {
  while (!stop.stop_requested() && !Open()) std::this_thread::sleep_for(kRetryOpen);
  store::DirectoryWatch watch(options_.path + "/rocksdb");
  while (!stop.stop_requested()) {
    CatchUp();
    std::this_thread::sleep_for(kPause);
    watch.Wait(kLookEvery);
  }
}

bool Follower::Open() {
  Result<std::unique_ptr<store::FollowerStore>> opened = store::FollowerStore::Open(options_);
  Tell(opened.status());
  if (!opened.ok()) return false;
  const std::lock_guard lock(mutex_);
  store_ = std::move(opened).value();
  return true;
}

void Follower::CatchUp() { Tell(store()->CatchUp()); }

// To the log only what is new, and no passing matter.
void Follower::Tell(const Status& status) {
  bool is_new = false;
  {
    const std::lock_guard lock(mutex_);
    is_new = status.code() != status_.code();
    status_ = status;
  }
  const bool passes = status.code() == Code::kNotFound || status.code() == Code::kUnavailable;
  if (is_new && !status.ok() && !passes) Log(LogLevel::kError, "The index cannot be followed.", {{"error", status}});
}

std::shared_ptr<store::FollowerStore> Follower::store() const {
  const std::lock_guard lock(mutex_);
  return store_;
}

std::shared_ptr<const store::View> Follower::CurrentView() const {
  const auto store = this->store();
  return store == nullptr ? empty_ : store->CurrentView();
}

Offset Follower::NextOffset(Stream stream, Partition partition) const {
  const auto store = this->store();
  return store == nullptr ? Offset() : store->NextOffset(stream, partition);
}

std::map<std::pair<Stream, Partition>, store::Account> Follower::Accounts() const {
  const auto store = this->store();
  return store == nullptr ? std::map<std::pair<Stream, Partition>, store::Account>() : store->Accounts();
}

std::vector<store::HeldDeletes> Follower::Held() const {
  const auto store = this->store();
  return store == nullptr ? std::vector<store::HeldDeletes>() : store->Held();
}

std::map<SourceName, std::map<Code, uint64_t>> Follower::Skipped() const {
  const auto store = this->store();
  return store == nullptr ? std::map<SourceName, std::map<Code, uint64_t>>() : store->Skipped();
}

void Follower::ForEachDocument(const std::function<bool(const store::KnownDocument&)>& visit) const {
  if (const auto store = this->store()) store->ForEachDocument(visit);
}

std::vector<store::GenerationInfo> Follower::Generations() const {
  const auto store = this->store();
  return store == nullptr ? std::vector<store::GenerationInfo>() : store->Generations();
}

std::vector<std::string> Follower::Unready() const {
  const std::lock_guard lock(mutex_);
  const std::string code(NameOf(status_.code()));
  if (store_ == nullptr && status_.code() == Code::kNotFound) {
    return {"no_index: no process has made the index in data_dir yet; this one waits for it"};
  }
  if (store_ == nullptr) return {code + ": the index in data_dir cannot be opened; this process tries again"};
  if (!status_.ok()) return {code + ": the index in data_dir cannot be followed; answers grow older"};
  return {};
}

}  // namespace freshet::index
