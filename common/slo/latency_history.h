// LatencyHistory: latencies by time, kept on disk, so that what was promised over thirty days survives a restart.
//
//   auto history = LatencyHistory::Open({.path = "data/freshness"});
//   (*history)->Add(clock.Now(), {{{SourceName("policies"), "promised/update"}, counts}});
//   (*history)->Over({SourceName("policies"), "promised/update"}, clock.Now(), 24h).Quantile(0.95)
//
// Each addition goes into a slot of a minute, of an hour and of a day; slots are kept for 7 hours, 4 days and 91 days,
// and a question is answered from the finest that reach back far enough: its window is rounded up to whole slots, so at
// most one slot more is counted than was asked for. Slots that lie ahead of `now` (the clock was set back) do not
// count.
//
// On disk, a RocksDB of one family:
//   key   := tier(1) start(8, big-endian, microseconds) source 0x00 name
//   value := LatencyCounts::Serialize
// A write survives the process at once and power loss after Sync. Any thread. Codes: database.h's, and corrupt_store
// where a slot cannot be read.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/store/database.h"
#include "common/telemetry/histogram.h"

namespace freshet::slo {

// What is counted: a source, and a name that its owner gives.
struct Series {
  SourceName source;
  std::string name;
  auto operator<=>(const Series&) const = default;
};

struct Tally {
  uint64_t count = 0;
  uint64_t within = 0;  // of these, at most as long as the limit
};

struct HistoryOptions {
  std::string path;
  rocksdb::Env* env = nullptr;  // null: the operating system's
};

class LatencyHistory {
 public:
  static Result<std::unique_ptr<LatencyHistory>> Open(HistoryOptions options);
  // What another process writes, as of the last CatchUp: empty before the first, and while nothing is there.
  static std::unique_ptr<LatencyHistory> Follow(HistoryOptions options);

  // Adds to the slots of `now`; slots whose time has passed go. Where it fails nothing was added.
  Status Add(Time now, const std::map<Series, LatencyCounts>& more);
  Status Sync();
  // Of a follower: takes in what was written meanwhile. not_found where there is nothing yet. One thread at a time.
  Status CatchUp();

  LatencyCounts Over(const Series& series, Time now, Duration window) const;
  Tally TallyOver(const Series& series, Time now, Duration window, Duration limit) const;
  // The last `count` minutes, oldest first; the last one is under way.
  std::vector<LatencyCounts> Minutes(const Series& series, Time now, size_t count) const;

 private:
  using Slots = std::map<Time, LatencyCounts>;  // by start
  static constexpr size_t kTiers = 3;
  using Tiers = std::array<Slots, kTiers>;

  LatencyHistory(HistoryOptions options, std::unique_ptr<store::Database> database)
      : options_(std::move(options)), database_(std::move(database)) {}
  static std::string KeyOf(size_t tier, Time start, const Series& series);
  static Result<std::map<Series, Tiers>> Load(store::Database& database);
  static size_t TierFor(Duration window);
  void DropExpired(Time now, rocksdb::WriteBatch& batch);
  template <class Visit>
  void EachSlot(const Series& series, Time now, Duration window, Visit&& visit) const;

  const HistoryOptions options_;
  std::unique_ptr<store::Database> database_;  // null: a follower that has found none
  mutable std::mutex mutex_;
  std::map<Series, Tiers> series_;
  Time dropped_{};  // up to which minute
};

}  // namespace freshet::slo
