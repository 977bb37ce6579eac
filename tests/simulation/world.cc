#include "tests/simulation/world.h"

#include "schemas/codec.h"
#include "tests/simulation/machine.h"

namespace freshet::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kKeyFile = "k1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

}  // namespace

SimulatedWorld::SimulatedWorld(WorldOptions options)
    : options_(std::move(options)),
      random_(options_.seed * 7919 + 1),
      trouble_(options_.seed * 104729 + 1),
      guests_(options_.seed * 15485863 + 1),
      clock_(Time(1'000'000s)),
      source_(options_.seed, clock_, options_.partitions),
      keys_(*KeyRing::Parse(kKeyFile)),
      disk_(options_.seed) {}

SimulatedWorld::~SimulatedWorld() = default;

std::string SimulatedWorld::CatchUp() {
  if (!machine_ || !machine_->follower) return "";
  ++catch_ups_;
  return machine_->follower->CatchUp().ok() ? "" : Follow();
}

void SimulatedWorld::Crash() {
  ++crashes_;
  disk_.volume().CutPower();
  if (machine_ && machine_->flaky) retries_ += machine_->flaky->failures();
  machine_.reset();
  disk_.Crash();
}

std::string SimulatedWorld::OnMachine(const std::function<Status()>& action) {
  for (int tries = 0; tries < 20; ++tries) {
    if (!machine_) {
      const std::string failed = Boot();
      if (failed.empty()) {
        if (options_.crashes && !calm_ && tries < 15 && random_() % 4 == 0)
          disk_.volume().CutPowerAfter(random_() % 600);
      } else if (disk_.volume().powered()) {
        return "boot: " + failed;
      } else {
        Crash();
        continue;
      }
    }
    const Status status = action();
    const bool powered = disk_.volume().powered();
    if (powered && status.ok()) return "";
    if (powered) return status.ToString();
    Crash();
  }
  return "the machine never came back";
}

Status SimulatedWorld::Publish(const std::vector<Delivery>& batch) {
  std::vector<log::NewRecord> records;
  for (const Delivery& delivery : batch) {
    FRESHET_ASSIGN_OR_RETURN(std::string value, EncodeChange(delivery.event, keys_));
    const std::string key = RecordKey(delivery.event);
    records.push_back({TopicName(SimulatedTenant(), TopicOf(delivery.event.change, delivery.lane)),
                       delivery.partition.value_or(PartitionFor(key, options_.partitions)), key, std::move(value)});
  }
  // A heartbeat of the urgent lane vouches for the groups too.
  for (size_t i = 0; i < batch.size(); ++i) {
    if (std::holds_alternative<Heartbeat>(batch[i].event.change) && batch[i].lane == Lane::kUrgent) {
      records.push_back(records[i]);
      records.back().topic = TopicName(SimulatedTenant(), Topic::kGroups);
    }
  }
  return machine_->log->Append(records).status();
}

Status SimulatedWorld::StepWorkers(size_t steps) {
  auto workers = machine_->runtime->workers();
  for (size_t i = 0; i < steps; ++i) {
    const Result<bool> worked = workers[random_() % workers.size()].worker->Step();
    if (!worked.ok()) return worked.status();
    if (!disk_.volume().powered()) return Status(Code::kIoError, "power is off");
  }
  return OkStatus();
}

Status SimulatedWorld::Tick() {
  clock_.Advance(random_() % 32 == 0 ? Duration(random_() % 1'000'000) : Duration(random_() % 20'000));
  switch (random_() % 8) {
    case 0:
    case 1:
    case 2:
      return StepWorkers(1 + random_() % 6);
    case 3: {
      const auto batch = source_.Heartbeats();
      return Publish(batch);
    }
    case 4:
      return machine_->log->Maintain();
    default:
      return OkStatus();
  }
}

std::string SimulatedWorld::Live(size_t events) {
  while (source_.events() < events) {
    if (random_() % 3 == 0) source_.Change();
    if (random_() % 2 == 0) {
      const std::vector<Delivery> batch = source_.Deliver();
      const std::string wrong = OnMachine([&] { return Publish(batch); });
      if (!wrong.empty()) return wrong;
      source_.Done(batch);
    }
    std::string wrong = OnMachine([&] { return Tick(); });
    Trouble();
    Rebalance();
    if (wrong.empty() && random_() % 2 == 0) wrong = CheckWatermark();
    if (wrong.empty() && random_() % 8 == 0) wrong = CheckAccounts();
    if (wrong.empty() && random_() % 16 == 0) wrong = CheckOneAnswer();
    if (wrong.empty() && random_() % 4 == 0) wrong = CatchUp();
    if (!wrong.empty()) return wrong;
    if (machine_ && random_() % 10 == 0) machine_->log->Stall(random_(), Duration(random_() % 600'000));
    if (calm_) continue;
    if (options_.crashes && random_() % 150 == 0) Crash();
    if (options_.crashes && machine_ && random_() % 150 == 0) disk_.volume().CutPowerAfter(random_() % 200);
  }
  return "";
}

std::string SimulatedWorld::Drain() {
  if (machine_) machine_->guest.reset();
  for (int round = 0; round < 4000; ++round) {
    bool worked = false;
    const std::string wrong = OnMachine([&]() -> Status {
      for (const NamedWorker& row : machine_->runtime->workers()) {
        FRESHET_ASSIGN_OR_RETURN(const bool did, row.worker->Step());
        worked |= did;
      }
      return OkStatus();
    });
    if (!wrong.empty()) return wrong;
    clock_.Advance(2ms);
    if (worked || !machine_) continue;
    const auto backlog = machine_->runtime->Backlog();
    if (!backlog.ok()) return backlog.status().ToString();
    uint64_t left = 0;
    for (const auto& [lane, count] : *backlog) left += count;
    if (left == 0) return "";
    clock_.Advance(200ms);  // a commit of progress may be all that is due
  }
  return "the pipeline does not drain";
}

std::string SimulatedWorld::Watch(size_t events) {
  calm_ = true;
  if (options_.crashes) Crash();  // also ends a life whose power would fail later
  std::string wrong = OnMachine([] { return OkStatus(); });
  if (wrong.empty()) wrong = Follow();
  return wrong.empty() ? Live(events) : wrong;
}

std::string SimulatedWorld::PublishAll() {
  source_.Finish();
  while (!source_.idle()) {
    const std::vector<Delivery> batch = source_.Deliver();
    const std::string wrong = OnMachine([&] { return Publish(batch); });
    if (!wrong.empty()) return wrong;
  }
  return OnMachine([&, beats = source_.Heartbeats()] { return Publish(beats); });
}

// Compared twice: a follower with the model, and what comes up again after one more power cut, by when all is in; and
// who may read what while nothing happens but that listings begin and end (SimulatedSource::ListedWhen).
std::string SimulatedWorld::Settle() {
  std::string wrong = PublishAll();
  if (wrong.empty()) wrong = Drain();
  if (wrong.empty()) wrong = CatchUp();
  if (wrong.empty()) wrong = CheckAnswers(*machine_->follower_engine);
  if (wrong.empty() && options_.crashes) Crash();
  if (wrong.empty()) wrong = OnMachine([&, late = source_.TakeStragglers()] { return Publish(late); });
  if (wrong.empty()) wrong = Drain();
  if (wrong.empty()) wrong = CheckAccounts();
  if (wrong.empty()) wrong = CheckWatermark();
  if (wrong.empty()) wrong = CheckAnswers(*machine_->engine);
  for (const Duration later : {5s, 15s}) {
    clock_.Advance(later);
    if (wrong.empty()) wrong = CheckAccessOfAll(*machine_->engine);
  }
  return wrong;
}

}  // namespace freshet::test
