// Trial: one source, one connector over it, one index that is a model, and what the three must agree on.
//
//   Trial trial(std::move(rig), options);
//   trial.Put("a");                       // changes the source, and remembers what the index must show
//   trial.Crash(3, KitHost::Crash::kAfter);
//   trial.Restart();                      // a new process, with the positions that were stored
//   std::string wrong = trial.Settle();   // "" once the index shows the source, else what differs
//
// Anything that a rig cannot do after it said it can is a difference too. One thread.
#pragma once

#include <memory>
#include <optional>

#include "connectors/kit/kit_host.h"
#include "connectors/kit/model_sink.h"
#include "connectors/kit/rig.h"

namespace freshet::kit {

struct ConformOptions {
  Duration patience = std::chrono::seconds(30);  // for the index to show the source, on a busy machine
  uint32_t histories = 10;                       // random ones
  uint64_t seed = 1;
};

class Trial {
 public:
  Trial(std::unique_ptr<Rig> rig, const ConformOptions& options);

  Rig& rig() { return *rig_; }
  Connector* connector() { return connector_.get(); }
  const ModelSink& sink();

  // Changes of the source. Put gives a new mark each time, with `padding` bytes behind it.
  void Put(const std::string& name, size_t padding = 0);
  void Remove(const std::string& name);
  void SetReaders(const std::string& name, std::vector<std::string> readers);
  void Repeat(const std::string& name) { Took(rig_->Repeat(name)); }
  void PutSwapped(const std::string& name);
  void PutRefused(const std::string& name, Ability how);
  void SetOutage(bool down);
  void SetEmptyListing(bool empty) { Took(rig_->SetEmptyListing(empty)); }
  void ChangeSchema() { Took(rig_->ChangeSchema()); }

  // The connector's process.
  void Stop() { connector_.reset(); }
  void Restart();
  // It dies at the nth write from now; Step and Settle notice.
  void CrashAt(size_t write, KitHost::Crash crash) { host.CrashAt(write, crash); }
  // One step; false where there was nothing to do or it failed.
  bool Step();
  void StepFor(Duration time);

  // Steps until the index shows the source; "" then, else the first difference.
  std::string Settle();
  // What is against the contract in what has been published so far; "" where nothing is (invariants.h).
  std::string Broken();
  // What Settle and Broken say, in this order.
  std::string Verdict();
  std::string Difference();

  KitHost host;
  Status last_error;  // of a step, since the last Restart
  bool clock_was_moved = false;

 private:
  void Took(const Status& status);
  std::string NewMark() { return "kit-" + std::to_string(++marks_) + "-mark"; }

  const ConformOptions options_;
  std::unique_ptr<Rig> rig_;
  std::unique_ptr<Connector> connector_;
  ModelSink sink_;
  size_t applied_ = 0;
  uint64_t marks_ = 0;
  std::map<std::string, std::string> expected_;  // name -> mark; "!": refused
  std::map<std::string, std::vector<std::string>> readers_;
  std::string trouble_;  // the first thing that the rig failed at
};

}  // namespace freshet::kit
