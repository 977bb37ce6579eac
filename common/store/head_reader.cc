#include "common/store/head_reader.h"

#include "common/store/loader.h"

namespace freshet::store {
namespace {

constexpr size_t kHeads = 2000;  // handed over at once
constexpr size_t kWaiting = 4;   // times as many wait at most

}  // namespace

HeadReader::HeadReader(Core& core, Space& space)
    : thread_([this, &core, &space] {
        Status status = Read(core, space);
        const std::lock_guard lock(mutex_);
        ended_ = std::move(status);
        changed_.notify_all();
      }) {}

HeadReader::~HeadReader() {
  {
    const std::lock_guard lock(mutex_);
    given_up_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

Status HeadReader::Read(Core& core, Space& space) {
  const std::string prefix = HeadPrefix(space.id);
  Heads heads;
  const auto take = [&](std::string_view key, std::string_view value) {
    auto& [document, head] = heads.emplace_back();
    if (!ParseHeadKey(key, document)) return Status(Code::kCorruptStore, "the key of a document");
    FRESHET_ASSIGN_OR_RETURN(head, DecodeHead(value, space.facet_pool));
    if (heads.size() < kHeads) return OkStatus();
    return Give(std::exchange(heads, {})) ? OkStatus() : Status(Code::kUnavailable, "nobody waits for more");
  };
  FRESHET_RETURN_IF_ERROR(ForEach(*core.database, kDocuments, prefix, PrefixEnd(prefix), take));
  if (!heads.empty()) Give(std::move(heads));
  return OkStatus();
}

// False where nobody takes them.
bool HeadReader::Give(Heads heads) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return given_up_ || waiting_.size() < kWaiting; });
  if (given_up_) return false;
  waiting_.push_back(std::move(heads));
  changed_.notify_all();
  return true;
}

Result<HeadReader::Heads> HeadReader::Next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_.has_value() || !waiting_.empty(); });
  if (waiting_.empty()) {
    if (!ended_->ok()) return *ended_;
    return Heads();
  }
  Heads heads = std::move(waiting_.front());
  waiting_.pop_front();
  changed_.notify_all();
  return heads;
}

}  // namespace freshet::store
