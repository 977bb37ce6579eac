// Prober: an own document's whole life in a source, seen through the public API: written, changed, taken away from its
// reader, given back, deleted; and how long it took each time until a question showed it.
//
//   Prober prober({.source = SourceName("policies"), .place = place, .ask = ask, .metrics = &metrics, .clock = clock},
//   {}); Result<ProbeRound> round = prober.Round();     // blocks for as long as the source and the pipeline take
//   round->steps[0].took                           // of the insert
//
//   insert → update → access (revoked) → (permitted again) → delete
//
// A step that is not seen within `limit` has failed and ends the round; whatever happened, the document is removed. Its
// words are plain and in no roster, so that de-identification leaves them alone. Codes of Round: those of the place (it
// cannot be written to); a question that fails counts as one that shows nothing. One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/telemetry/metrics.h"

namespace freshet::probe {

// Where the prober may have a document of its own in a source.
class ProbePlace {
 public:
  virtual ~ProbePlace() = default;
  virtual Status Write(const std::string& text) = 0;  // the document's only version from now on
  virtual Status Permit(bool permitted) = 0;          // its reader
  virtual Status Remove() = 0;                        // and all that was made for it; fine where there is none
};

enum class ProbeOutcome : uint8_t { kInTime, kLate, kFailed };
std::string_view NameOf(ProbeOutcome outcome);  // "in_time", "late", "failed"

struct ProbeStep {
  std::string_view operation;  // insert, update, access, delete
  ProbeOutcome outcome = ProbeOutcome::kFailed;
  Duration took{};
};

struct ProbeRound {
  std::vector<ProbeStep> steps;
  bool in_time() const;
};

struct ProbeOptions {
  Duration target = std::chrono::seconds(5);      // what is later counts as late
  Duration limit = std::chrono::seconds(60);      // what is not seen by then has failed
  Duration look = std::chrono::milliseconds(20);  // between two questions; shorter is more exact, and more questions
};

class Prober {
 public:
  struct Parts {
    SourceName source;
    ProbePlace& place;
    // Whether a question for these words shows a passage that holds all of them.
    std::function<Result<bool>(const std::string& words)> ask;
    MetricRegistry* metrics = nullptr;  // may be null
    const Clock& clock;
  };
  Prober(Parts parts, ProbeOptions options) : parts_(std::move(parts)), options_(options) {}

  Result<ProbeRound> Round();

 private:
  enum class Shown : uint8_t { kYes, kNo };
  Result<ProbeRound> Live();
  ProbeStep Await(std::string_view operation, const std::string& words, Shown shown);
  void Note(const ProbeStep& step);
  std::string NextWords();

  const Parts parts_;
  const ProbeOptions options_;
  uint64_t words_ = 0;
};

}  // namespace freshet::probe
