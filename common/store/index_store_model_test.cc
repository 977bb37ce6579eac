// Random histories through the whole store, compared with a reference of a few lines: changes of every kind, out of
// order and more than once, with reopening and loss of power in between. Seeds are independent and named on failure.
#include "common/store/testing/random_world.h"

namespace freshet::store {
namespace {

constexpr uint64_t kSeeds = 150;
constexpr uint64_t kSeedsPerStore = 15;
constexpr int kSteps = 40;

class IndexStoreModel : public ::testing::Test {
 protected:
  static IndexStoreOptions Options() { return {.mass_delete = {.documents = 1'000'000}}; }

  // `disturb` is called between steps.
  template <class Disturb>
  static void Run(uint64_t seeds, uint64_t first_seed, Disturb disturb) {
    for (uint64_t seed = first_seed; seed < first_seed + seeds;) {
      TestStore store(seed, Options());
      for (uint64_t i = 0; i < kSeedsPerStore && seed < first_seed + seeds; ++i, ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomWorld world(store, seed);
        for (int step = 0; step < kSteps; ++step) {
          world.Step();
          disturb(store, world, step);
          if (::testing::Test::HasFailure()) return;
        }
        world.Refresh();
        world.CompareStates();
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
};

// DESIGN §4.2, §4.3, §4.5, §4.6.
TEST_F(IndexStoreModel, ShowsWhatTheReferenceShows) {
  Run(kSeeds, 1, [](TestStore&, RandomWorld&, int) {});
}

TEST_F(IndexStoreModel, ReopeningChangesNothing) {
  Run(60, 10'001, [](TestStore& store, RandomWorld& world, int step) {
    if (step % 13 == 5) {
      EXPECT_TRUE(store->Maintain(store.now).ok());
    }
    if (step != 20) return;
    store.Reopen();
    world.Refresh();
    world.Compare();
  });
}

// DESIGN §4.4: nothing acknowledged is lost, and what is delivered again changes nothing.
TEST_F(IndexStoreModel, LossOfPowerLosesNothingThatIsDeliveredAgain) {
  Run(60, 20'001, [](TestStore& store, RandomWorld& world, int step) {
    if (step % 11 == 3) {
      EXPECT_TRUE(store->Maintain(store.now).ok());
    }
    if (step % 16 != 9) return;
    store.CrashAndReopen();
    world.Redeliver();
    world.Refresh();
    world.Compare();
    world.CompareStates();
  });
}

}  // namespace
}  // namespace freshet::store
