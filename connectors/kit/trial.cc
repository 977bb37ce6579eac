#include "connectors/kit/trial.h"

#include <thread>

#include "connectors/kit/invariants.h"

namespace freshet::kit {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kQuietSteps = 3;

std::string Quoted(const std::string& text) { return "\"" + text.substr(0, 40) + "\""; }

}  // namespace

Trial::Trial(std::unique_ptr<Rig> rig, const ConformOptions& options) : options_(options), rig_(std::move(rig)) {}

void Trial::Took(const Status& status) {
  if (!status.ok() && trouble_.empty()) trouble_ = "the rig failed: " + status.ToString();
}

const ModelSink& Trial::sink() {
  for (; applied_ < host.published.size(); ++applied_) sink_.Apply(host.published[applied_].event);
  return sink_;
}

void Trial::Put(const std::string& name, size_t padding) {
  const std::string mark = NewMark();
  Took(rig_->Put(name, padding == 0 ? mark : mark + " " + std::string(padding, 'x')));
  expected_[name] = mark;
}

void Trial::Remove(const std::string& name) {
  Took(rig_->Remove(name));
  expected_.erase(name);
  readers_.erase(name);
}

void Trial::SetReaders(const std::string& name, std::vector<std::string> readers) {
  Took(rig_->SetReaders(name, readers));
  readers_[name] = std::move(readers);
}

void Trial::PutSwapped(const std::string& name) {
  const std::string older = NewMark(), newer = NewMark();
  Took(rig_->PutSwapped(name, older, newer));
  expected_[name] = newer;
}

void Trial::PutRefused(const std::string& name, Ability how) {
  Took(how == Ability::kOversized ? rig_->PutOversized(name) : rig_->PutBroken(name));
  expected_[name] = "!";
}

void Trial::SetOutage(bool down) { Took(rig_->SetOutage(down)); }

void Trial::Restart() {
  connector_.reset();
  host.Revive();
  last_error = OkStatus();
  Result<std::unique_ptr<Connector>> started = rig_->Start();
  Took(started.status());
  if (started.ok()) connector_ = std::move(*started);
}

bool Trial::Step() {
  if (connector_ == nullptr) return false;
  const Result<bool> did = connector_->Step(host);
  if (!did.ok()) last_error = did.status();
  if (!host.alive()) Stop();
  return did.ok() && *did;
}

void Trial::StepFor(Duration time) {
  const auto end = Steady::now() + time;
  while (Steady::now() < end) {
    if (!Step()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::string Trial::Settle() {
  const auto end = Steady::now() + options_.patience;
  int quiet = 0;
  while (quiet < kQuietSteps && Steady::now() < end) {
    if (connector_ == nullptr) Restart();
    if (!trouble_.empty()) return trouble_;
    if (!last_error.ok() && DispositionOf(last_error.code()) == Disposition::kHalt) break;
    const bool did = Step();
    quiet = !did && rig_->Settled() && Difference().empty() ? quiet + 1 : 0;
    if (!did) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (quiet == kQuietSteps) return "";
  std::string wrong = Difference();
  if (wrong.empty()) wrong = "it does not come to rest";
  return last_error.ok() ? wrong : wrong + "; last error " + last_error.ToString();
}

std::string Trial::Difference() {
  const std::map<std::string, std::string> contents = sink().Contents();
  for (const auto& [name, mark] : expected_) {
    const auto found = contents.find(rig_->DocumentOf(name));
    if (found == contents.end()) return "document " + name + " is not there";
    const bool refused = found->second.starts_with("!");
    if (mark == "!" ? !refused : found->second.find(mark) == std::string::npos) {
      return "document " + name + " is " + Quoted(found->second) + ", not " + Quoted(mark);
    }
  }
  if (contents.size() > expected_.size()) {
    return std::to_string(contents.size() - expected_.size()) + " documents that the source does not have";
  }
  for (const auto& [name, readers] : readers_) {
    std::string wanted;
    for (const std::string& reader : readers) wanted += (wanted.empty() ? "allow " : " ") + reader;
    const std::string seen = sink().Readers(rig_->DocumentOf(name));
    if (seen != wanted) return "readers of " + name + " are " + Quoted(seen) + ", not " + Quoted(wanted);
  }
  return "";
}

std::string Trial::Broken() {
  return BrokenInvariant(host, {.times = !clock_was_moved, .order = !rig_->Can(Ability::kReorder)});
}

std::string Trial::Verdict() {
  std::string wrong = Settle();
  return wrong.empty() ? Broken() : wrong;
}

}  // namespace freshet::kit
