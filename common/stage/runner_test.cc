#include <gtest/gtest.h>

#include <map>
#include <string>

namespace freshet {
// The bodies of this test are plain strings: their size must be declared before the templates that ask for it.
inline size_t MemoryBytes(const std::string& body) { return body.size(); }
}  // namespace freshet

#include "common/stage/runner.h"

namespace freshet {

namespace {

using namespace std::chrono_literals;

// Upper-cases its input; fails as the test says, by input.
class ShoutStage final : public Stage<std::string, std::string, int> {
 public:
  freshet::Step step() const override { return freshet::Step::kChunk; }
  std::vector<Result<Outcome>> Process(std::span<const Input> batch, const int&) override {
    std::vector<Result<Outcome>> results;
    batches.push_back(batch.size());
    for (const Input& input : batch) {
      if (clock != nullptr) clock->Advance(cost);
      ++calls[input.body];
      const auto it = failures.find(input.body);
      if (down) {
        results.push_back(Status(Code::kUnavailable));
      } else if (it != failures.end()) {
        results.push_back(Status(it->second));
      } else {
        std::string out = input.body;
        for (char& c : out) c = static_cast<char>(std::toupper(c));
        results.push_back(Outcome(Forward<std::string>{out}));
      }
    }
    return results;
  }

  std::map<std::string, Code> failures;
  std::map<std::string, int> calls;
  std::vector<size_t> batches;
  ManualClock* clock = nullptr;  // that each input moves
  Duration cost{};
  bool down = false;
};

class Letters final : public DeadLetters {
 public:
  Status Write(std::span<const SkippedInput> inputs) override {
    for (const SkippedInput& input : inputs) {
      lines.push_back(std::to_string(input.position.offset.value) + " " + std::string(NameOf(input.skipped.code)));
    }
    return OkStatus();
  }
  std::vector<std::string> lines;
};

class RunnerTest : public ::testing::Test {
 protected:
  RunnerTest() { Rebuild(1 << 20); }

  void Rebuild(size_t out_bytes) {
    out = std::make_unique<FusedHop<std::string>>(out_bytes, nullptr, nullptr);
    RunnerOptions options{.clock = &clock, .dead_letters = &letters};
    runner = std::make_unique<Runner<ShoutStage>>(
        stage, Runner<ShoutStage>::Hooks{.state = [] { return 0; }}, options,
        std::vector<Runner<ShoutStage>::Connection>{{Lane::kLive, &live, out.get()},
                                                    {Lane::kBackfill, &backfill, out.get()}});
  }

  void Put(FusedHop<std::string>& hop,
           std::variant<std::string, Skipped, Heartbeat, SnapshotEdge, Present, Lost> payload, uint32_t partition = 0) {
    std::vector<Arrival<std::string>> batch;
    batch.push_back({.envelope = {.payload = std::move(payload)},
                     .position = {.partition = Partition(partition), .offset = Offset(next_offset++)}});
    ASSERT_TRUE(hop.Send(batch).ok());
  }

  // Steps for `time` of the hand-moved clock, which moves only while there is nothing to do.
  void Drain(Duration time = 30s) {
    for (Duration passed{}; passed < time;) {
      const Result<bool> worked = runner->Step();
      ASSERT_TRUE(worked.ok()) << worked.status().ToString();
      if (*worked) continue;
      clock.Advance(10ms);
      passed += 10ms;
    }
  }

  // What came out, one word an envelope: the body, or what became of it.
  std::vector<std::string> Taken() {
    std::vector<std::string> words;
    auto batch = out->Receive({.max_records = 10000, .max_bytes = 1u << 30});
    for (const auto& arrival : *batch) {
      const auto& payload = arrival.envelope.payload;
      if (const auto* body = arrival.envelope.body()) {
        words.push_back(*body);
      } else if (const auto* skip = std::get_if<Skipped>(&payload)) {
        words.push_back("-" + std::string(NameOf(skip->code)));
      } else {
        words.push_back("~" + std::to_string(payload.index()));
      }
    }
    return words;
  }

  ManualClock clock{Time(1000s)};
  ShoutStage stage;
  Letters letters;
  FusedHop<std::string> live{1 << 20, nullptr, nullptr};
  FusedHop<std::string> backfill{1 << 20, nullptr, nullptr};
  std::unique_ptr<FusedHop<std::string>> out;
  std::unique_ptr<Runner<ShoutStage>> runner;
  uint64_t next_offset = 0;
};

using Words = std::vector<std::string>;

TEST_F(RunnerTest, GivesOneEnvelopeForEachInputInOrder) {
  stage.failures = {{"bad", Code::kBinaryContent}};
  Put(live, std::string("a"));
  Put(live, std::string("bad"));
  Put(live, Heartbeat{});
  Put(live, Skipped{Code::kInvalidUtf8, Step::kDeid});
  Put(live, SnapshotEdge{});
  Put(live, Lost{Code::kExpired, 3, Step::kDeid});
  Put(live, std::string("z"));
  Drain(1s);
  EXPECT_EQ(Taken(), (Words{"A", "-binary_content", "~2", "-invalid_utf8", "~3", "~5", "Z"}));
}

TEST_F(RunnerTest, WritesADeadLetterForWhatItSkippedItselfOnly) {
  stage.failures = {{"bad", Code::kBinaryContent}};
  Put(live, Skipped{Code::kInvalidUtf8, Step::kDeid});
  Put(live, std::string("bad"));
  Put(live, Lost{Code::kCorruptRecord, 1, Step::kChunk});
  Drain(1s);
  EXPECT_EQ(letters.lines, (Words{"1 binary_content", "2 corrupt_record"}));
}

TEST_F(RunnerTest, StampsWhatItPassesOn) {
  Put(live, std::string("a"));
  Drain(0s + 10ms);
  auto batch = out->Receive({});
  ASSERT_EQ(batch->size(), 1u);
  EXPECT_GE((*batch)[0].envelope.origin.StampOf(Step::kChunk), Time(1000s));
}

TEST_F(RunnerTest, APoisonedInputIsGivenUpWhileOthersSucceed) {
  stage.failures = {{"poison", Code::kTimeout}};
  Put(live, std::string("a"));
  Put(live, std::string("poison"));
  Put(live, std::string("b"));
  for (int i = 0; i < 20; ++i) {
    Put(live, "more" + std::to_string(i));
    Drain(100ms);
  }
  Drain();
  const Words words = Taken();
  ASSERT_EQ(words.size(), 23u);
  EXPECT_EQ(words[1], "-retries_exhausted");
  EXPECT_GE(stage.calls["poison"], 4);
  EXPECT_EQ(stage.calls["b"], 1) << "what succeeded is not done again";
}

TEST_F(RunnerTest, AnOutageLosesNothingAndCountsAgainstNobody) {
  stage.down = true;
  for (int i = 0; i < 10; ++i) Put(live, "doc" + std::to_string(i));
  Drain(600s);
  EXPECT_TRUE(Taken().empty());
  EXPECT_TRUE(runner->stats().circuit_open);
  EXPECT_GE(runner->stats().retries[static_cast<size_t>(Code::kUnavailable)], 10u);
  EXPECT_EQ(runner->stats().in_flight(Lane::kLive), 10u);
  stage.down = false;
  Drain();
  EXPECT_EQ(Taken().size(), 10u);
  EXPECT_TRUE(letters.lines.empty());
  EXPECT_FALSE(runner->stats().circuit_open);
  EXPECT_EQ(runner->stats().in_flight(Lane::kLive), 0u);
}

TEST_F(RunnerTest, AnOutageOfOneLaneDoesNotHoldTheOther) {
  stage.failures = {{"poison", Code::kTimeout}};
  Put(backfill, std::string("poison"));
  Drain(100ms);
  Put(live, std::string("a"));
  Drain(100ms);
  EXPECT_EQ(Taken(), Words{"A"});
}

// One poison document delays no other but those behind it in its partition, which a watermark may not overtake.
TEST_F(RunnerTest, ABatchIsWhatFitsIntoItsTime) {
  stage.clock = &clock;
  stage.cost = 30ms;
  for (int i = 0; i < 15; ++i) Put(backfill, "word" + std::to_string(i));
  Drain(100ms);
  EXPECT_EQ(stage.batches, (std::vector<size_t>{8, 3, 3, 1})) << "100 ms of 30 ms each, once that is known";
  EXPECT_EQ(Taken().size(), 15u);
}

TEST_F(RunnerTest, AFailingInputHoldsBackItsPartitionAlone) {
  stage.failures = {{"poison", Code::kTimeout}};
  Put(live, std::string("poison"), 0);
  Put(live, std::string("behind"), 0);
  Put(live, Heartbeat{}, 0);
  Put(live, std::string("beside"), 1);
  Put(live, Heartbeat{}, 1);
  ASSERT_TRUE(*runner->Step());
  EXPECT_EQ(Taken(), (Words{"BESIDE", "~2"}));
}

TEST_F(RunnerTest, WhatComesWhileAnotherWaitsToBeTriedAgainDoesNotWait) {
  stage.failures = {{"poison", Code::kTimeout}};
  Put(live, std::string("poison"), 0);
  Drain(5s);  // by now its waits are long
  const int calls = stage.calls["poison"];
  Put(live, std::string("beside"), 1);
  ASSERT_TRUE(*runner->Step());
  EXPECT_EQ(Taken(), Words{"BESIDE"});
  EXPECT_EQ(stage.calls["poison"], calls) << "it was not its time";
}

TEST_F(RunnerTest, AnInputThatFailsAloneFreezesNoWatermark) {
  stage.failures = {{"poison", Code::kTimeout}};
  Put(live, std::string("poison"));
  for (int beat = 0; beat < 600; ++beat) {  // a minute of them: all of what is held fits
    Put(live, Heartbeat{});
    Drain(100ms);
  }
  EXPECT_TRUE(Taken().empty()) << "it may be the world that is down";
  Drain(90s);
  const Words words = Taken();
  ASSERT_EQ(words.size(), 601u);
  EXPECT_EQ(words[0], "-retries_exhausted");
  EXPECT_EQ(words[1], "~2");
  EXPECT_EQ(letters.lines, Words{"0 retries_exhausted"});
}

TEST_F(RunnerTest, TwoThatFailAloneAreAnOutage) {
  stage.down = true;
  Put(live, std::string("a"));
  Put(live, std::string("b"));
  Drain(3600s);
  EXPECT_TRUE(Taken().empty());
  stage.down = false;
  Drain();
  EXPECT_EQ(Taken(), (Words{"A", "B"}));
}

TEST_F(RunnerTest, WhatSucceedsInTheOtherLaneTellsAPoisonedInputFromAnOutage) {
  stage.failures = {{"poison", Code::kTimeout}};
  Put(live, std::string("poison"));
  for (int i = 0; i < 20; ++i) {
    Put(backfill, "more" + std::to_string(i));
    Drain(1s);
  }
  EXPECT_EQ(letters.lines, Words{"0 retries_exhausted"});
}

TEST_F(RunnerTest, WhatItHoldsCountsInTheBudgetOfWhatItTakes) {
  RunnerOptions options{.clock = &clock, .batch = {.max_records = 64, .max_bytes = 100'000}};
  runner = std::make_unique<Runner<ShoutStage>>(
      stage, Runner<ShoutStage>::Hooks{.state = [] { return 0; }}, options,
      std::vector<Runner<ShoutStage>::Connection>{{Lane::kLive, &live, out.get()}});
  stage.down = true;
  for (int i = 0; i < 60; ++i) Put(live, std::string(10'000, 'a'));
  Drain(20s);
  EXPECT_GE(live.bytes(), 48 * 10'000u) << "the rest waits where it is bounded";
  stage.down = false;
  Drain();
  EXPECT_EQ(Taken().size(), 60u);
}

TEST_F(RunnerTest, AClockThatIsSetBackStallsNoRetry) {
  stage.down = true;
  Put(live, std::string("a"));
  Put(live, std::string("b"));
  Drain(10s);
  stage.down = false;
  clock.Advance(-1h);
  Drain(6s);
  EXPECT_EQ(Taken(), (Words{"A", "B"}));
}

TEST_F(RunnerTest, HoldsWhatTheNextHopHasNoRoomFor) {
  Rebuild(400);
  for (int i = 0; i < 200; ++i) Put(live, std::string(100, 'a'));
  size_t taken = 0;
  for (int i = 0; i < 1000 && taken < 200; ++i) {
    Drain(10ms);
    EXPECT_LE(out->bytes(), 64 * 2000u) << "one batch at most, since an empty queue takes any";
    taken += Taken().size();
  }
  EXPECT_EQ(taken, 200u);
}

TEST_F(RunnerTest, HaltsOnACodeThatNeedsAnOperator) {
  stage.failures = {{"a", Code::kKeyMissing}};
  Put(live, std::string("a"));
  EXPECT_EQ(runner->Step().code(), Code::kKeyMissing);
}

TEST_F(RunnerTest, StoresBeforeItProcesses) {
  std::vector<std::string> events;
  bool fail = true;
  Runner<ShoutStage>::Hooks hooks{.state = [] { return 0; },
                                  .before =
                                      [&](std::span<const Arrival<std::string>> batch) {
                                        events.push_back("store " + std::to_string(batch.size()));
                                        return fail ? Status(Code::kDiskFull) : OkStatus();
                                      }};
  runner = std::make_unique<Runner<ShoutStage>>(
      stage, hooks, RunnerOptions{.clock = &clock},
      std::vector<Runner<ShoutStage>::Connection>{{Lane::kLive, &live, out.get()}});
  Put(live, std::string("a"));
  Drain(1s);
  EXPECT_GT(events.size(), 1u);
  EXPECT_EQ(stage.calls["a"], 0) << "nothing is processed while it cannot be stored";
  fail = false;
  Drain();
  EXPECT_EQ(Taken(), Words{"A"});
}

TEST_F(RunnerTest, StoresWhatTheStageMadeBeforeItSends) {
  int asked = 0;
  bool fail = true;
  Runner<ShoutStage>::Hooks hooks{.state = [] { return 0; },
                                  .before = {},
                                  .after =
                                      [&] {
                                        ++asked;
                                        return fail ? Status(Code::kDiskFull) : OkStatus();
                                      }};
  runner = std::make_unique<Runner<ShoutStage>>(
      stage, hooks, RunnerOptions{.clock = &clock},
      std::vector<Runner<ShoutStage>::Connection>{{Lane::kLive, &live, out.get()}});
  Put(live, std::string("a"));
  Drain(1s);
  EXPECT_GT(asked, 1);
  EXPECT_EQ(stage.calls["a"], 1) << "what is done is not done again";
  EXPECT_EQ(Taken(), Words{});
  fail = false;
  Drain(10s);
  EXPECT_EQ(Taken(), Words{"A"});
}

}  // namespace
}  // namespace freshet
