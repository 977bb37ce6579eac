// The prober over a source and an index that a test holds in its hands: order, outcomes, metrics, and what it leaves.
#include "services/probe/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "services/probe/folder_place.h"

namespace freshet::probe {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

// A source whose changes show after so many questions.
class FakeWorld final : public ProbePlace {
 public:
  Status Write(const std::string& text) override {
    return Change("write", [this, text] { text_ = text; });
  }
  Status Permit(bool permitted) override {
    return Change(permitted ? "permit" : "revoke", [this, permitted] { permitted_ = permitted; });
  }
  Status Remove() override {
    return Change("remove", [this] { text_.clear(); });
  }

  Result<bool> Ask(const std::string& words) {
    clock.Advance(10ms);
    if (!fails.ok()) return fails;
    for (auto& [after, change] : waiting_) {
      if (after-- == 0) change();
    }
    std::erase_if(waiting_, [](const auto& row) { return row.first < 0; });
    return permitted_ && text_.find(words) != text_.npos;
  }

  ManualClock clock{Time(1'000'000s)};
  int questions_until_shown = 2;
  std::vector<std::string> changes;
  Status fails, refuses;

 private:
  Status Change(const char* what, std::function<void()> change) {
    FRESHET_RETURN_IF_ERROR(refuses);
    changes.push_back(what);
    waiting_.emplace_back(questions_until_shown, std::move(change));
    return OkStatus();
  }
  std::vector<std::pair<int, std::function<void()>>> waiting_;
  std::string text_;
  bool permitted_ = false;
};

class ProberTest : public ::testing::Test {
 protected:
  Prober Make(ProbeOptions options) {
    options.look = 0ms;
    return Prober({.source = SourceName("files"),
                   .place = world_,
                   .ask = [this](const std::string& words) { return world_.Ask(words); },
                   .metrics = &metrics_,
                   .clock = world_.clock},
                  options);
  }
  static std::vector<std::string> Texts(const ProbeRound& round) {
    std::vector<std::string> texts;
    for (const ProbeStep& step : round.steps) {
      texts.push_back(std::string(step.operation) + " " + std::string(NameOf(step.outcome)));
    }
    return texts;
  }
  uint64_t Count(const char* operation, const char* outcome) {
    return metrics_.CounterOf<Metric::kProbes>("files", operation, outcome).value();
  }

  FakeWorld world_;
  MetricRegistry metrics_;
};

TEST_F(ProberTest, LivesADocumentsWholeLife) {
  Prober prober = Make({});
  const ProbeRound round = *prober.Round();
  EXPECT_THAT(Texts(round), ElementsAre("insert in_time", "update in_time", "access in_time", "delete in_time"));
  EXPECT_TRUE(round.in_time());
  EXPECT_EQ(round.steps[0].took, 30ms);
  EXPECT_THAT(world_.changes,
              ElementsAre("remove", "permit", "write", "write", "revoke", "permit", "remove", "remove"));
  EXPECT_EQ(metrics_.HistogramOf<Metric::kProbeSeconds>("files", "access").Snapshot().count(), 1u);
  EXPECT_GT(metrics_.GaugeOf<Metric::kProbed>("files").value(), 1e6);
  EXPECT_TRUE(prober.Round()->in_time()) << "and again, with other words";
}

TEST_F(ProberTest, WhatComesLateIsLateAndTheRoundDidNotGoWell) {
  const ProbeRound round = *Make({.target = 20ms}).Round();
  EXPECT_THAT(Texts(round), ElementsAre("insert late", "update late", "access late", "delete late"));
  EXPECT_FALSE(round.in_time());
  EXPECT_EQ(Count("insert", "late"), 1u);
  EXPECT_EQ(metrics_.GaugeOf<Metric::kProbed>("files").value(), 0);
}

TEST_F(ProberTest, WhatNeverComesFailsAndTheDocumentIsRemoved) {
  world_.questions_until_shown = 1'000'000;
  const ProbeRound round = *Make({.limit = 1s}).Round();
  EXPECT_THAT(Texts(round), ElementsAre("insert failed"));
  EXPECT_EQ(Count("insert", "failed"), 1u);
  EXPECT_EQ(metrics_.HistogramOf<Metric::kProbeSeconds>("files", "insert").Snapshot().count(), 0u);
  EXPECT_EQ(world_.changes.back(), "remove");
}

TEST_F(ProberTest, AQuestionThatFailsShowsNothingEitherWay) {
  world_.fails = Status(Code::kUnavailable);
  EXPECT_THAT(Texts(*Make({.limit = 1s}).Round()), ElementsAre("insert failed"));
}

TEST_F(ProberTest, APlaceThatRefusesIsTheRoundsError) {
  world_.refuses = Status(Code::kIoError);
  EXPECT_EQ(Make({}).Round().status().code(), Code::kIoError);
}

TEST(FolderPlace, WritesWhatTheConnectorReadsAndLeavesNothing) {
  std::string pattern = (std::filesystem::temp_directory_path() / "freshet-probe-XXXXXX").string();
  const std::filesystem::path root = mkdtemp(pattern.data());
  const auto read = [&](const char* name) {
    std::ifstream stream(root / "freshet-probe" / name);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  FolderPlace place(root, "user:prober");
  EXPECT_TRUE(place.Remove().ok()) << "where there is none";
  ASSERT_TRUE(place.Permit(true).ok());
  ASSERT_TRUE(place.Write("words").ok());
  EXPECT_EQ(read("_access.yaml"), "allow: [\"user:prober\"]\n");
  EXPECT_EQ(read("probe.md"), "words");
  ASSERT_TRUE(place.Permit(false).ok());
  EXPECT_EQ(read("_access.yaml"), "allow: []\n");
  ASSERT_TRUE(place.Remove().ok());
  EXPECT_TRUE(std::filesystem::is_empty(root));
  std::filesystem::remove_all(root);
  EXPECT_EQ(FolderPlace("/proc/no-such-place", "user:a").Write("x").code(), Code::kIoError);
}

}  // namespace
}  // namespace freshet::probe
