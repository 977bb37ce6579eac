#include <random>
#include <thread>

#include "connectors/kit/cases.h"

namespace freshet::kit {
namespace {

using namespace std::chrono_literals;

constexpr size_t kMostWrites = 60;  // of the run that is killed at each of them

bool CanDelete(Trial& trial) { return trial.rig().Can(Ability::kDelete); }

// A run with a bit of everything, killed at one write. True: there were that many writes.
std::string KilledAt(Workshop& workshop, size_t write, KitHost::Crash crash, bool& reached) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  for (const char* name : {"a", "b"}) trial->Put(name);
  trial->Restart();
  trial->CrashAt(write, crash);
  trial->StepFor(20ms);
  trial->Put("b");
  if (CanDelete(*trial)) trial->Remove("a");
  trial->Put("c");
  for (int i = 0; i < 10'000 && trial->host.alive() && trial->connector() != nullptr; ++i) {
    if (!trial->Step() && trial->rig().Settled() && trial->Difference().empty()) break;
    if (i % 8 == 7) std::this_thread::sleep_for(1ms);
  }
  reached = !trial->host.alive();
  trial->host.Revive();
  trial->Stop();
  trial->Put("d");
  return trial->Verdict();
}

}  // namespace

std::string CaseRestart(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  for (const char* name : {"a", "b", "c"}) trial->Put(name);
  std::string wrong = trial->Settle();
  for (int i = 0; i < 3 && wrong.empty(); ++i) {
    trial->Stop();
    trial->Put("a");
    trial->Put("new" + std::to_string(i));
    if (CanDelete(*trial)) i == 0 ? trial->Remove("b") : trial->Remove("new" + std::to_string(i - 1));
    trial->Restart();
    wrong = trial->Verdict();
  }
  return wrong;
}

std::string CaseCrash(Workshop& workshop) {
  for (const auto crash : {KitHost::Crash::kBefore, KitHost::Crash::kAfter}) {
    bool reached = true;
    for (size_t write = 1; write <= kMostWrites && reached; ++write) {
      const std::string wrong = KilledAt(workshop, write, crash, reached);
      const char* const side = crash == KitHost::Crash::kBefore ? "before" : "after";
      if (!wrong.empty()) return "killed " + std::string(side) + " write " + std::to_string(write) + ": " + wrong;
    }
  }
  return "";
}

std::string CaseSnapshotRequest(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  trial->Put("a");
  trial->Put("b");
  std::string wrong = trial->Settle();
  if (!wrong.empty()) return wrong;
  const size_t from = trial->host.published.size();
  const auto edges = [&](size_t since) {
    return std::count_if(trial->host.published.begin() + static_cast<ptrdiff_t>(since), trial->host.published.end(),
                         [](const Published& one) { return std::holds_alternative<SnapshotEdge>(one.event.change); });
  };
  if (edges(0) == 0) return "";  // a source that cannot be listed
  trial->host.request = 1;
  for (int i = 0; i < 300 && edges(from) < 2; ++i) trial->StepFor(50ms);
  if (edges(from) != 2) return std::to_string(edges(from)) + " edges";
  return trial->Verdict();
}

std::string CaseClockBackwards(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->clock_was_moved = true;
  trial->Restart();
  trial->Put("a");
  std::string wrong = trial->Settle();
  trial->host.shifted.Shift(-1h);
  trial->Put("a");
  if (wrong.empty()) wrong = trial->Verdict();
  trial->Restart();
  trial->Put("a");
  return wrong.empty() ? trial->Verdict() : wrong;
}

namespace {

std::string RunAndStop(Trial& trial) {
  std::atomic<bool> ended = false;
  Status status;
  std::thread thread([&] {
    status = trial.connector()->Run(trial.host);
    ended = true;
  });
  std::this_thread::sleep_for(200ms);
  trial.host.stop = true;
  for (int i = 0; i < 10'000 && !ended; ++i) std::this_thread::sleep_for(1ms);
  const bool in_time = ended;
  thread.join();
  trial.host.stop = false;
  if (!in_time) return "Run went on for 10 s";
  return status.ok() ? "" : "Run ended with " + status.ToString();
}

}  // namespace

// A pause ends Run too; then the same connector is run again.
std::string CaseStop(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  if (trial->connector() == nullptr) return "no connector";
  for (const char* name : {"a", "b"}) {
    trial->Put(name);
    const std::string wrong = RunAndStop(*trial);
    if (!wrong.empty()) return wrong;
  }
  trial->Put("c");
  const std::string wrong = trial->Verdict();
  if (!wrong.empty()) return "run again: " + wrong;
  trial->Restart();
  return trial->Verdict();
}

namespace {

void RandomChange(Trial& trial, std::mt19937_64& random) {
  const std::string name(1, static_cast<char>('a' + random() % 5));
  switch (random() % 6) {
    case 0:
      if (CanDelete(trial) && !trial.sink().Contents().empty()) {
        trial.Put(name);  // so that there is something to remove
        return trial.Remove(name);
      }
      return trial.Put(name);
    case 1:
      trial.Put(name);
      if (trial.rig().Can(Ability::kDuplicate)) trial.Repeat(name);
      return;
    case 2:
      if (trial.rig().Can(Ability::kReorder)) return trial.PutSwapped(name);
      return trial.Put(name);
    default:
      return trial.Put(name);
  }
}

std::string RandomHistory(Workshop& workshop, uint64_t seed) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  std::mt19937_64 random(seed);
  trial->Restart();
  for (int i = 0; i < 12; ++i) {
    const uint64_t fate = random() % 5;
    if (fate == 0)
      trial->CrashAt(1 + random() % 6, random() % 2 == 0 ? KitHost::Crash::kBefore : KitHost::Crash::kAfter);
    if (fate == 1) trial->Stop();
    RandomChange(*trial, random);
    for (uint64_t steps = random() % 12; steps > 0; --steps) trial->Step();
    if (trial->connector() == nullptr) trial->Restart();
  }
  return trial->Verdict();
}

}  // namespace

std::string CaseHistories(Workshop& workshop) {
  for (uint32_t i = 0; i < workshop.options().histories; ++i) {
    const uint64_t seed = workshop.options().seed + i;
    const std::string wrong = RandomHistory(workshop, seed);
    if (!wrong.empty()) return "seed " + std::to_string(seed) + ": " + wrong;
  }
  return "";
}

}  // namespace freshet::kit
