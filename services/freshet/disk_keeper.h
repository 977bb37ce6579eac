// DiskKeeper: tells by log lines when the disk with data_dir fills, once a minute while it is, and when it has room
// again. One thread.
//
// Writers on a full disk wait and say nothing each by itself: here is the one line that an operator looks for.
#pragma once

#include <filesystem>

#include "common/stage/worker.h"
#include "common/telemetry/log.h"

namespace freshet {

class DiskKeeper final : public Worker {
 public:
  DiskKeeper(std::filesystem::path data_dir, const Clock& clock) : data_dir_(std::move(data_dir)), clock_(clock) {}

  Result<bool> Step() override {
    const Time now = clock_.Now();
    if (!IsDue(looked_ + kLookEvery, now, kLookEvery)) return false;
    looked_ = now;
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(data_dir_, error);
    if (error) return false;
    const bool fills = space.available < space.capacity / kLeastShare;
    if (fills && (!filling_ || IsDue(told_ + kTellEvery, now, kTellEvery))) {
      told_ = now;
      Log(LogLevel::kWarning, "Disk is filling.",
          {{"code", Code::kDiskFull}, {"free_bytes", space.available}, {"size_bytes", space.capacity}});
    }
    if (filling_ && !fills) Log(LogLevel::kInfo, "Disk has room again.", {{"free_bytes", space.available}});
    filling_ = fills;
    return true;
  }
  Waker& waker() override { return waker_; }

 private:
  static constexpr Duration kLookEvery = std::chrono::seconds(1);
  static constexpr Duration kTellEvery = std::chrono::minutes(1);
  static constexpr uint64_t kLeastShare = 10;  // as FreshetDiskFilling has it

  const std::filesystem::path data_dir_;
  const Clock& clock_;
  Time looked_{};
  Time told_{};
  bool filling_ = false;
  Waker waker_;
};

}  // namespace freshet
