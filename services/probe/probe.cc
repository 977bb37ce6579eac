#include "services/probe/probe.h"

#include <algorithm>
#include <array>
#include <thread>

namespace freshet::probe {
namespace {

// No names, no places, no dates; any two are a phrase that nobody else writes beside "Freshet probe".
constexpr std::array<std::string_view, 16> kWords = {"kettle", "lantern", "gravel", "saddle", "bucket", "ladder",
                                                     "pepper", "velvet",  "copper", "basket", "window", "pebble",
                                                     "pillow", "timber",  "button", "drawer"};

}  // namespace

std::string_view NameOf(ProbeOutcome outcome) {
  static constexpr std::string_view kNames[] = {"in_time", "late", "failed"};
  return kNames[static_cast<size_t>(outcome)];
}

bool ProbeRound::in_time() const {
  return !steps.empty() &&
         std::ranges::all_of(steps, [](const ProbeStep& step) { return step.outcome == ProbeOutcome::kInTime; });
}

std::string Prober::NextWords() {
  if (words_ == 0) words_ = static_cast<uint64_t>(ToMicros(parts_.clock.Now()) / 1'000'000);
  const uint64_t number = words_++;
  const size_t first = number % kWords.size();
  const size_t second = (first + 1 + number / kWords.size() % (kWords.size() - 1)) % kWords.size();
  return std::string(kWords[first]) + " " + std::string(kWords[second]);
}

Result<ProbeRound> Prober::Round() {
  FRESHET_RETURN_IF_ERROR(parts_.place.Remove());  // what a round before left behind when it was killed
  Result<ProbeRound> round = Live();
  const Status removed = parts_.place.Remove();
  if (!round.ok()) return round;
  FRESHET_RETURN_IF_ERROR(removed);
  if (round->in_time() && parts_.metrics != nullptr) {
    const double now = static_cast<double>(ToMicros(parts_.clock.Now())) / 1e6;
    parts_.metrics->GaugeOf<Metric::kProbed>(parts_.source.value).Set(now);
  }
  return round;
}

Result<ProbeRound> Prober::Live() {
  ProbeRound round;
  const auto seen = [&](std::string_view operation, const std::string& words, Shown shown) {
    round.steps.push_back(Await(operation, words, shown));
    Note(round.steps.back());
    return round.steps.back().outcome != ProbeOutcome::kFailed;
  };
  const std::string first = NextWords(), second = NextWords();
  FRESHET_RETURN_IF_ERROR(parts_.place.Permit(true));
  FRESHET_RETURN_IF_ERROR(parts_.place.Write("Freshet probe " + first + ".\n"));
  if (!seen("insert", first, Shown::kYes)) return round;
  FRESHET_RETURN_IF_ERROR(parts_.place.Write("Freshet probe " + second + ".\n"));
  if (!seen("update", second, Shown::kYes)) return round;
  FRESHET_RETURN_IF_ERROR(parts_.place.Permit(false));
  if (!seen("access", second, Shown::kNo)) return round;
  FRESHET_RETURN_IF_ERROR(parts_.place.Permit(true));
  if (Await("access", second, Shown::kYes).outcome == ProbeOutcome::kFailed) return round;
  FRESHET_RETURN_IF_ERROR(parts_.place.Remove());
  seen("delete", second, Shown::kNo);
  return round;
}

ProbeStep Prober::Await(std::string_view operation, const std::string& words, Shown shown) {
  const Time begin = parts_.clock.Now();
  while (true) {
    const Result<bool> found = parts_.ask(words);
    const Duration took = parts_.clock.Now() - begin;
    if (found.ok() && *found == (shown == Shown::kYes)) {
      return {operation, took <= options_.target ? ProbeOutcome::kInTime : ProbeOutcome::kLate, took};
    }
    if (took >= options_.limit) return {operation, ProbeOutcome::kFailed, took};
    std::this_thread::sleep_for(options_.look);
  }
}

void Prober::Note(const ProbeStep& step) {
  if (parts_.metrics == nullptr) return;
  const std::string& source = parts_.source.value;
  parts_.metrics->CounterOf<Metric::kProbes>(source, step.operation, NameOf(step.outcome)).Add(1);
  if (step.outcome == ProbeOutcome::kFailed) return;
  parts_.metrics->HistogramOf<Metric::kProbeSeconds>(source, step.operation).Record(step.took);
}

}  // namespace freshet::probe
