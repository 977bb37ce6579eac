// KitHost: the ConnectorHost of tests and of the conformance kit: keeps what is published and stored, and fails on
// demand, as a process does that is killed at any call.
//
//   KitHost host;
//   host.CrashAt(7, KitHost::Crash::kAfter);     // the 7th write from now lands, and nothing after it
//   while (host.alive()) (void)connector->Step(host);
//   host.Revive();                               // what was stored is there, as for a new process
//
// Its clock is the system's, moved by hand where a case wants that (shift), or a ManualClock's. Publish counts the
// bytes of a call, and what it sees against the contract goes to `violations`. One thread; Stop and stopping: any.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "connectors/connector.h"

namespace freshet::kit {

struct Published {
  Lane lane;
  ChangeEvent event;
  size_t life = 0;  // of the process: Revive begins the next one
};

struct Beat {
  Time time;
  std::vector<Lane> lanes;
  size_t published = 0;  // events before it
};

// The system's time and an offset.
class ShiftedClock final : public Clock {
 public:
  Time Now() const override { return system_.Now() + Duration(shift_.load()); }
  void Shift(Duration by) { shift_ += by.count(); }

 private:
  SystemClock system_;
  std::atomic<int64_t> shift_{0};
};

class KitHost final : public ConnectorHost {
 public:
  enum class Crash : uint8_t { kBefore, kAfter };  // the write that it happens at

  Status Publish(std::vector<ChangeEvent> events, Lane lane) override;
  Status PublishHeartbeat(Time time, std::span<const Lane> lanes) override;
  Result<std::map<std::string, std::string>> LoadPositions() override;
  Status SavePositions(const std::vector<std::pair<std::string, std::optional<std::string>>>& changes) override;
  const Clock& clock() const override { return *clock_in_use; }
  bool stopping() const override { return stop.load(); }
  uint64_t snapshot_request() const override { return request.load(); }
  bool over_rate() const override { return too_fast; }
  void Sleep(Duration limit) override;

  void CrashAt(size_t write, Crash crash);
  void Revive();
  bool alive() const { return alive_; }
  size_t writes() const { return writes_; }  // since the last CrashAt or Revive
  // Of what was published, the changes of this kind.
  template <class Kind>
  std::vector<Kind> All() const {
    std::vector<Kind> all;
    for (const Published& one : published) {
      if (const auto* const change = std::get_if<Kind>(&one.event.change)) all.push_back(*change);
    }
    return all;
  }

  ShiftedClock shifted;
  const Clock* clock_in_use = &shifted;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> request{0};
  bool too_fast = false;  // what over_rate answers
  Status failure;         // not ok: what every write answers
  std::vector<Published> published;
  std::vector<Beat> beats;
  std::map<std::string, std::string> positions;
  std::vector<std::string> violations;
  size_t most_bytes = 0;  // of content in one call
  size_t saves = 0;

 private:
  // Before a write: its failure where it must not land. After it: the same where it landed and nobody hears of it.
  Status Before();
  Status After();
  void Check(const ChangeEvent& event, Lane lane);

  bool alive_ = true;
  size_t life_ = 0;
  size_t writes_ = 0;
  size_t crash_at_ = 0;  // 0: never
  Crash crash_ = Crash::kBefore;
};

}  // namespace freshet::kit
