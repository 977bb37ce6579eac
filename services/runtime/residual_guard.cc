#include "services/runtime/residual_guard.h"

#include "common/telemetry/log.h"
#include "services/deid/residual.h"

namespace freshet {
namespace {

constexpr std::string_view kRunbook = "runbooks/codes/quarantined.md";

}  // namespace

Code ResidualGuard::Look(const Origin& origin, const CleanDocument& clean) {
  const auto own = parts_.policies->find(origin.collection);
  const std::shared_ptr<const deid::Policy> policy =
      own == parts_.policies->end() || own->second == nullptr ? deid::DefaultPolicy() : own->second;
  if (!policy->cleans) return Code::kOk;
  Watch& watch = sources_[origin.source];
  ++Now(watch).looked;
  const std::shared_ptr<const deid::Roster> roster = parts_.roster ? parts_.roster() : nullptr;
  const Status scanned = deid::ScanResidue(clean, origin.source, *policy, roster.get());
  if (!scanned.ok()) {
    Found(origin, watch);
    Hold(origin, deid::HoldReason::kScan, *policy);
    return scanned.code();
  }
  if (!watch.halted) return Code::kOk;
  Hold(origin, deid::HoldReason::kSourceHalted, *policy);
  return Code::kQuarantined;
}

bool ResidualGuard::IsHalted(const SourceName& source) const {
  const auto watch = sources_.find(source);
  return watch != sources_.end() && watch->second.halted;
}

ResidualGuard::Minute& ResidualGuard::Now(Watch& watch) const {
  const Time now = parts_.clock->Now();
  std::erase_if(watch.minutes, [&](const Minute& minute) { return minute.begin + parts_.limits.window < now; });
  if (watch.minutes.empty() || watch.minutes.back().begin + std::chrono::minutes(1) <= now) {
    watch.minutes.push_back({.begin = now});
  }
  return watch.minutes.back();
}

void ResidualGuard::Found(const Origin& origin, Watch& watch) {
  ++Now(watch).found;
  Log(LogLevel::kError, "Residue in a clean document; withheld.",
      {{"source", origin.source},
       {"document", origin.document},
       {"code", Coordinate(NameOf(Code::kQuarantined))},
       {"runbook", Coordinate(kRunbook)}});
  if (watch.halted || !IsTooMany(watch)) return;
  watch.halted = true;
  Log(LogLevel::kError, "Too much residue; nothing of this source goes on.",
      {{"source", origin.source}, {"runbook", Coordinate(kRunbook)}});
  if (parts_.on_halted) parts_.on_halted(origin.source);
}

bool ResidualGuard::IsTooMany(const Watch& watch) const {
  size_t looked = 0, found = 0;
  for (const Minute& minute : watch.minutes) {
    looked += minute.looked;
    found += minute.found;
  }
  return found >= parts_.limits.documents &&
         static_cast<double>(found) > parts_.limits.share * static_cast<double>(looked);
}

// The list helps whoever has to mend it; that the document is withheld does not hang on it.
void ResidualGuard::Hold(const Origin& origin, deid::HoldReason reason, const deid::Policy& policy) {
  if (parts_.quarantine == nullptr) return;
  const Status held = parts_.quarantine->Hold(
      {.origin = origin, .reason = reason, .policy = policy.Stamp(), .since = parts_.clock->Now()});
  if (!held.ok()) Log(LogLevel::kWarning, "Withheld, and not listed.", {{"error", held}});
}

}  // namespace freshet
