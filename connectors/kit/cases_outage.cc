// Cases of what is gone for a while: the log, the source, what the source lists.
#include <thread>

#include "connectors/kit/cases.h"
#include "connectors/kit/passing_host.h"

namespace freshet::kit {
namespace {

using namespace std::chrono_literals;

const Status kLogDown(Code::kLogUnavailable, "the log is down");

size_t CountDeletes(const KitHost& host) {
  return static_cast<size_t>(std::count_if(host.published.begin(), host.published.end(), [](const Published& one) {
    return std::holds_alternative<Delete>(one.event.change);
  }));
}

// Stores positions and takes nothing else: whoever goes on all the same has lost what lies before them.
struct PositionsOnly final : PassingHost {
  explicit PositionsOnly(KitHost& kit) { host = &kit; }
  Status Publish(std::vector<ChangeEvent>, Lane) override {
    ++refused;
    return kLogDown;
  }
  Status PublishHeartbeat(Time, std::span<const Lane>) override { return kLogDown; }
  size_t refused = 0;
};

// A run that sees nothing but this: until it has come upon what changed, and a while longer. False: it did not.
bool RunWithoutLog(Trial& trial) {
  PositionsOnly log(trial.host);
  trial.Restart();
  const auto latest = std::chrono::steady_clock::now() + 10s;
  auto end = latest;
  while (trial.connector() != nullptr && std::chrono::steady_clock::now() < end) {
    const Result<bool> did = trial.connector()->Step(log);
    if (log.refused > 0 && end == latest) end = std::min(latest, std::chrono::steady_clock::now() + 300ms);
    if (!did.ok() || !*did) std::this_thread::sleep_for(1ms);
  }
  trial.Stop();
  return log.refused > 0;
}

}  // namespace

std::string CaseLogOutage(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  trial->Put("a");
  std::string wrong = trial->Settle();
  trial->host.failure = kLogDown;
  trial->Put("a");
  trial->Put("b");
  trial->StepFor(300ms);
  trial->host.failure = OkStatus();
  if (wrong.empty()) wrong = trial->Verdict();
  trial->Put("a");
  trial->Put("c");
  if (!RunWithoutLog(*trial) && wrong.empty()) wrong = "what changed was not come upon within ten seconds";
  return wrong.empty() ? trial->Verdict() : wrong;
}

std::string CaseSourceOutage(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  trial->Put("a");
  trial->Put("b");
  std::string wrong = trial->Settle();
  trial->SetOutage(true);
  trial->StepFor(300ms);
  if (wrong.empty()) wrong = trial->Difference();
  if (wrong.empty() && CountDeletes(trial->host) > 0) wrong = "documents were deleted";
  trial->SetOutage(false);
  trial->Put("a");
  trial->Put("c");
  return wrong.empty() ? trial->Verdict() : wrong;
}

std::string CaseEmptyListing(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  for (int i = 0; i < 15; ++i) trial->Put("d" + std::to_string(i));
  std::string wrong = trial->Settle();
  trial->Stop();
  trial->SetEmptyListing(true);
  trial->Restart();
  trial->StepFor(500ms);
  if (wrong.empty() && CountDeletes(trial->host) > 0) wrong = "documents were deleted";
  trial->Stop();
  trial->SetEmptyListing(false);
  trial->Restart();
  return wrong.empty() ? trial->Verdict() : wrong;
}

}  // namespace freshet::kit
