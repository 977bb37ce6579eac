// SourceSignals: what an operator asks of a running connector: pause, resume, a new snapshot, documents anew. A small
// file beside the site's data, so that it holds across restarts and needs no open port:
//
//   freshet connector pause --config freshet.yaml --source charts      // <data_dir>/signals/charts.yaml: paused: true
//
//   SourceSignals signals(SignalFileOf(data_dir, source));
//   signals.state().paused            // looks at the file at most twice a second
//
// A file that is not there asks for nothing. One that cannot be read keeps the last state, with a log line. Written
// whole or not at all. SourceSignals: any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/config/options.h"

namespace freshet {

struct SignalState {
  bool paused = false;
  uint64_t snapshots = 0;
  // What the newest of these snapshots is to publish although it is unchanged.
  std::optional<uint64_t> again_since;       // changed since then, in Unix microseconds; 0: everything
  std::vector<std::string> again_documents;  // as searches show them: not the source's own names, which may be PHI
};

template <>
struct OptionTable<SignalState> {
  static constexpr auto fields = std::tuple{
      Field("paused", &SignalState::paused, "The connector reads nothing until this is false again."),
      Field("snapshots", &SignalState::snapshots, "One more than before asks for a snapshot now."),
      Field("again_since", &SignalState::again_since,
            "That snapshot publishes what changed since then (Unix microseconds), changed or not."),
      Field("again_documents", &SignalState::again_documents, "And these documents, by their ids in search results.")};
};

std::filesystem::path SignalFileOf(const std::filesystem::path& data_dir, const SourceName& source);
Result<SignalState> ReadSignals(const std::filesystem::path& file);
Status WriteSignals(const std::filesystem::path& file, const SignalState& state);

class SourceSignals {
 public:
  // Without a file: nothing is ever asked for.
  explicit SourceSignals(std::filesystem::path file, Duration every = std::chrono::milliseconds(500))
      : file_(std::move(file)), every_(every) {}

  SignalState state() const;
  // Whether the snapshot of this number asks for the document again. One from before this object was made does not: a
  // restart asks for nothing twice.
  bool WantsAgain(uint64_t snapshot, const std::function<std::string()>& document, Time changed) const;

 private:
  const SignalState& Look() const;  // under the mutex

  const std::filesystem::path file_;
  const Duration every_;
  mutable std::mutex mutex_;
  mutable SignalState state_;
  mutable std::chrono::steady_clock::time_point next_{};
  mutable std::optional<uint64_t> first_;  // the newest snapshot that was asked for when it looked first
};

}  // namespace freshet
