// Follower: the index that another process writes, for queries: a thread that keeps up with it, from before there is
// one, while nobody writes, and when it was made anew.
//
//   Follower follower(options, keys);              // options and keys as the writer has them
//   follower.Start();
//   follower.CurrentView();                        // empty until the index is there
//   follower.Unready();                            // {"no_index: ..."}
//
// A commit of the writer shows within some milliseconds: writes to the directory wake the thread up, and it looks
// anyway every 20 ms. Start and Stop: one thread; the rest: any.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/store/follower_store.h"
#include "services/index/index.h"

namespace freshet::index {

class Follower final : public store::IndexReader {
 public:
  // `keys` must outlive it.
  Follower(IndexOptions options, const KeyRing& keys);
  ~Follower() override { Stop(); }

  void Start();
  void Stop();

  std::shared_ptr<const store::View> CurrentView() const override;
  Offset NextOffset(Stream stream, Partition partition) const override;
  std::map<std::pair<Stream, Partition>, store::Account> Accounts() const override;
  std::vector<store::HeldDeletes> Held() const override;
  std::map<SourceName, std::map<Code, uint64_t>> Skipped() const override;
  void ForEachDocument(const std::function<bool(const store::KnownDocument&)>& visit) const override;
  std::vector<store::GenerationInfo> Generations() const override;

  // Why it is not ready, as "code: sentence"; empty: it is.
  std::vector<std::string> Unready() const;

 private:
  void Run(const std::stop_token& stop);
  bool Open();
  void CatchUp();
  void Tell(const Status& status);
  std::shared_ptr<store::FollowerStore> store() const;

  const store::IndexStoreOptions options_;
  const std::shared_ptr<const store::View> empty_;
  mutable std::mutex mutex_;
  std::shared_ptr<store::FollowerStore> store_;  // null until there is an index; guarded by mutex_, as the next
  Status status_;                                // of the last attempt
  std::jthread thread_;
};

}  // namespace freshet::index
