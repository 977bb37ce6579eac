// The machine of a simulated world: how it comes up, and what befalls it that is no power cut.
#include "common/model/factory.h"
#include "services/index/index.h"
#include "tests/simulation/machine.h"
#include "tests/simulation/quick_env.h"

namespace freshet::test {
namespace {

using namespace std::chrono_literals;

constexpr int kFollowAttempts = 100;
constexpr size_t kMostOutages = 3;

// All of de-identification but that it changes anything: a word that only one version has is no name, though it may
// look like one.
std::shared_ptr<const deid::Policy> LettingLettersPass() {
  auto policy = std::make_shared<deid::Policy>(**deid::FindPolicy("safe_harbor"));
  for (deid::Rule& rule : policy->rules) rule.action = deid::Action::kKeep;
  return policy;
}

}  // namespace

std::string SimulatedWorld::Boot() {
  auto machine = std::make_unique<Machine>();
  machine->env = NewQuickEnv(disk_.env());
  auto log = log::EmbeddedLog::Open({.path = "/log", .env = machine->env.get(), .clock = &clock_});
  if (!log.ok()) return "log: " + log.status().ToString();
  machine->embedded = std::move(*log);
  machine->log = std::make_unique<UnevenLog>(*machine->embedded, clock_);
  const auto specs = TopicSpecs(SimulatedTenant(), options_.partitions, {.time = options_.retention});
  if (const Status made = machine->log->CreateTopics(specs); !made.ok()) return "topics: " + made.ToString();
  machine->keys = std::make_shared<const KeyRing>(keys_);
  machine->embedder = *model::MakeEmbedder({.kind = "hashing"});
  machine->tokens = *model::MakeTokenCounter({.kind = "hashing"});
  machine->flaky = std::make_shared<FlakyEmbedder>(machine->embedder, clock_);
  machine_ = std::move(machine);
  RuntimeOptions runtime_options = OptionsOfRuntime();
  machine_->index_options = index::WithLexicalTexts(IndexOptionsOf(runtime_options).store, *machine_->keys);
  auto runtime = MakeRuntime(std::move(runtime_options));
  if (!runtime.ok()) {
    machine_.reset();
    return "runtime: " + runtime.status().ToString();
  }
  machine_->runtime = std::move(*runtime);
  machine_->engine = std::make_unique<query::QueryEngine>(
      EngineOptions(options_.plan), [store = &machine_->runtime->index()->store()] { return store->CurrentView(); },
      *machine_->keys, machine_->embedder, clock_);
  return "";
}

RuntimeOptions SimulatedWorld::OptionsOfRuntime() {
  RuntimeOptions runtime_options{.tenant = SimulatedTenant(),
                                 .data_dir = "",
                                 .partitions = options_.partitions,
                                 .plan = options_.plan,
                                 .policies = {{SimulatedCollection(), LettingLettersPass()}},
                                 .chunk = {.target_tokens = 24, .max_tokens = 96},
                                 .env = machine_->env.get(),
                                 .seed = options_.seed};
  runtime_options.store.open_directory = CrashDirectories(disk_);
  runtime_options.store.mass_delete.documents = 1000;
  if (options_.seed % 4 != 0) runtime_options.store.lexical_commit_bytes = 1;  // whenever it is asked
  if (options_.seed % 8 == 1) runtime_options.store.trail_bytes = 4096;        // a follower falls behind
  return runtime_options;
}

Result<std::unique_ptr<Runtime>> SimulatedWorld::MakeRuntime(RuntimeOptions options) {
  return Runtime::Make(std::move(options), {.log = *machine_->log,
                                            .keys = machine_->keys,
                                            .clock = clock_,
                                            .metrics = machine_->metrics,
                                            .embedder = machine_->flaky,
                                            .tokens = machine_->tokens});
}

// At most so often that no document is given up for it: what is refused four times while others succeed is.
void SimulatedWorld::Trouble() {
  if (!machine_ || outages_ == kMostOutages || trouble_() % 40 != 0) return;
  ++outages_;
  machine_->flaky->FailFor(Duration(1 + trouble_() % 400'000));
}

// Whoever has left gives back at once what was taken: the member may never see that it was away.
void SimulatedWorld::Rebalance() {
  if (!machine_ || !options_.plan.fused.empty()) return;
  if (machine_->guest) {
    if (guests_() % 3 == 0) machine_->guest.reset();
    return;
  }
  if (guests_() % 5 != 0) return;
  static constexpr std::array kSteps = {Step::kDeid, Step::kChunk, Step::kEmbed};
  const Step step = kSteps[guests_() % kSteps.size()];
  const Lane lane = guests_() % 2 == 0 ? Lane::kLive : Lane::kBackfill;
  auto guest =
      machine_->log->Subscribe(GroupOf(step, lane), {TopicName(SimulatedTenant(), InputOf(step, lane))}, nullptr);
  if (!guest.ok()) return;
  ++rebalances_;
  machine_->guest = std::move(*guest);
  if (guests_() % 2 == 0) machine_->guest.reset();
}

std::string SimulatedWorld::Follow() {
  // RocksDB wants a place for what a follower might write.
  std::filesystem::path place;
  for (const auto& part : std::filesystem::temp_directory_path()) {
    place /= part;
    if (const Status made = disk_.volume().MakeDirectory(place); !made.ok()) return made.ToString();
  }
  auto follower = store::FollowerStore::Open(machine_->index_options);
  // Threads of the writer's remove files meanwhile: what is wrong only now is tried again, as `freshet query` does.
  for (int tries = 0; tries < kFollowAttempts && !follower.ok(); ++tries) {
    std::this_thread::sleep_for(1ms);
    follower = store::FollowerStore::Open(machine_->index_options);
  }
  if (!follower.ok()) return "follower: " + follower.status().ToString();
  machine_->follower = std::move(*follower);
  machine_->follower_engine = std::make_unique<query::QueryEngine>(
      EngineOptions(options_.plan), [store = machine_->follower.get()] { return store->CurrentView(); },
      *machine_->keys, machine_->embedder, clock_);
  return "";
}

}  // namespace freshet::test
