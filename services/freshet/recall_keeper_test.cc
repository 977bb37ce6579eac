// When audits are made, and what is told of them.
#include "services/freshet/recall_keeper.h"

#include <gmock/gmock.h>

#include "common/store/testing/test_store.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class RecallKeeperTest : public testing::Test {
 protected:
  RecallKeeperTest() {
    std::vector<store::Mutation> batch;
    for (int i = 0; i < 30; ++i) {
      batch.push_back(store::Put("d" + std::to_string(i), 1, {"text " + std::to_string(i)}));
    }
    store_.Show(std::move(batch));
  }
  // Whatever is due, and nothing after it.
  void Run() {
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(*keeper_.Step()) << "the thread sleeps after each";
  }
  uint64_t Found() { return metrics_.CounterOf<Metric::kVectorAudit>("policies", "found").value(); }
  uint64_t Missed() { return metrics_.CounterOf<Metric::kVectorAudit>("policies", "missed").value(); }

  store::TestStore store_{4};
  ManualClock clock_{Time(1'000'000s)};
  MetricRegistry metrics_;
  RecallKeeper keeper_{
      [this] { return store_->CurrentView(); }, metrics_, clock_, {.questions = 3, .vectors_a_step = 7}};
};

TEST_F(RecallKeeperTest, ZeroIsSaidBeforeTheFirstAudit) {
  Run();
  EXPECT_THAT(metrics_.Expose(),
              HasSubstr("freshet_vector_audit_hits_total{collection=\"policies\",outcome=\"missed\"} 0"));
  EXPECT_EQ(Found(), 0u);
}

TEST_F(RecallKeeperTest, AuditsComeInTheirTimeAFewVectorsAtAStep) {
  clock_.Advance(1min);
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(*keeper_.Step());
  EXPECT_EQ(Found(), 0u) << "30 vectors are more than three steps of seven, after one that asks";
  Run();
  EXPECT_EQ(Found(), 30u);
  EXPECT_EQ(Missed(), 0u);
  clock_.Advance(10min);
  Run();
  EXPECT_EQ(Found(), 30u) << "not due";
  clock_.Advance(24h);
  Run();
  EXPECT_EQ(Found(), 60u);
}

TEST(RecallKeeper, AnIndexWithoutVectorsIsLeftAlone) {
  store::TestStore store(5);
  store.Show({store::Put("a", 1, {"words"}, {.vectors = false})});
  ManualClock clock(Time(1'000'000s));
  MetricRegistry metrics;
  RecallKeeper keeper([&] { return store->CurrentView(); }, metrics, clock, {});
  for (int i = 0; i < 10; ++i) {
    clock.Advance(1h);
    EXPECT_FALSE(*keeper.Step());
  }
  EXPECT_EQ(metrics.CounterOf<Metric::kVectorAudit>("policies", "missed").value(), 0u);
}

}  // namespace
}  // namespace freshet
