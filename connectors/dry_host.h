// DryHost: a host that publishes nothing and stores nothing, for looking at what a source has: a preview, a comparison
// with the index. Whoever derives from it says what to do with events.
//
//   class Counter final : public DryHost {
//     Status Publish(std::vector<ChangeEvent> events, Lane) override { ... }
//   };
//
// A source that acknowledges positions may believe that they are stored: look only at those that change nothing there.
// One thread.
#pragma once

#include <thread>

#include "connectors/connector.h"

namespace freshet {

class DryHost : public ConnectorHost {
 public:
  explicit DryHost(const Clock& clock) : clock_(clock) {}

  Status PublishHeartbeat(Time, std::span<const Lane>) override { return OkStatus(); }
  Result<std::map<std::string, std::string>> LoadPositions() final { return std::map<std::string, std::string>(); }
  Status SavePositions(const std::vector<std::pair<std::string, std::optional<std::string>>>&) final {
    return OkStatus();
  }
  const Clock& clock() const final { return clock_; }
  bool stopping() const final { return false; }
  void Sleep(Duration limit) final { std::this_thread::sleep_for(limit); }

 private:
  const Clock& clock_;
};

}  // namespace freshet
