// SimulatedWorld: the whole pipeline in one process on a disk that loses power, stepped by hand: the source delivers,
// the workers step in random order, the machine dies at any instruction and comes back.
//
//   SimulatedWorld world({.seed = 17});
//   world.Live(150);                       // steps of a random history
//   world.Watch(200);                      // some more, beside a follower
//   std::string wrong = world.Settle();    // everything delivered and drained, then compared with the model: "" if
//   equal
//
// One seed, one history; a failing one is replayed by its number.
#pragma once

#include <memory>
#include <string>

#include "common/crypto/keys.h"
#include "services/pipeline.h"
#include "services/query/query.h"
#include "services/runtime/runtime.h"
#include "tests/simulation/source.h"
#include "tests/support/crash_directory.h"
#include "tests/support/crash_fs.h"

namespace freshet::test {

struct WorldOptions {
  uint64_t seed = 1;
  PipelinePlan plan;
  uint32_t partitions = 2;
  Duration retention = std::chrono::days(7);  // of the log's topics
  bool crashes = true;
};

class SimulatedWorld {
 public:
  explicit SimulatedWorld(WorldOptions options);
  ~SimulatedWorld();

  // A random history until the source has told of `events` changes; "" or what was wrong on the way.
  std::string Live(size_t events);
  // Goes on without power cuts, and with a follower that must find what the writer finds.
  std::string Watch(size_t events);
  // Delivers and drains everything; "" or how the index differs from the model.
  std::string Settle();

  const SimulatedSource& source() const { return source_; }
  size_t crashes() const { return crashes_; }
  size_t catch_ups() const { return catch_ups_; }
  size_t retries() const { return retries_; }
  size_t rebalances() const { return rebalances_; }

 private:
  struct Machine;  // what a power loss ends

  std::string Boot();
  RuntimeOptions OptionsOfRuntime();
  Result<std::unique_ptr<Runtime>> MakeRuntime(RuntimeOptions options);
  // Now and then the model is away for a while.
  void Trouble();
  // Now and then a stage's group has another member for a while, which takes a partition and does nothing.
  void Rebalance();
  void Crash();
  // Runs `action` on the machine, which is rebooted where it died on the way; "" or a failure that no crash explains.
  std::string OnMachine(const std::function<Status()>& action);
  Status Publish(const std::vector<Delivery>& batch);
  Status StepWorkers(size_t steps);
  Status Tick();
  std::string CheckAccounts() const;
  std::string CheckStageAccounts() const;
  std::string CheckWatermark() const;
  // What one user finds now, in one mode: whatever it is, it must be whole and of one version.
  std::string CheckOneAnswer();
  std::string CheckAnswers(const query::QueryEngine& engine);
  std::string CheckAccessOfAll(const query::QueryEngine& engine) const;
  std::string CheckAccess(const query::QueryEngine& engine, const std::string& user,
                          const std::set<Shown>& expected) const;
  std::string CheckWords(const query::QueryEngine& engine) const;
  // Adds to `shown`; "" or what is wrong with the answer itself.
  std::string Find(const query::QueryEngine& engine, const std::string& user, query::Mode mode,
                   std::set<Shown>& shown) const;
  std::string Follow();
  std::string CatchUp();
  std::string PublishAll();
  std::string Drain();

  const WorldOptions options_;
  std::mt19937_64 random_;
  std::mt19937_64 trouble_;
  std::mt19937_64 guests_;
  ManualClock clock_;
  SimulatedSource source_;
  KeyRing keys_;
  CrashDisk disk_;
  std::unique_ptr<Machine> machine_;
  size_t crashes_ = 0;
  size_t catch_ups_ = 0;
  size_t retries_ = 0;  // embeddings that were refused
  size_t outages_ = 0;
  size_t rebalances_ = 0;
  mutable bool cut_ = false;  // the last answer had as many hits as one may: not everything need be there
  bool calm_ = false;         // power stays on
};

}  // namespace freshet::test
