// Whichever step meets a record that nothing can read, it has a dead letter, and the rest goes on.
#include "services/runtime/quarantine_test_site.h"

namespace freshet {
namespace {

using testing::QuarantineSite;

TEST(DeadLettersTest, EachStepWritesItsOwn) {
  QuarantineSite site(*deid::DefaultPolicy());
  site.Spoil(Topic::kChangesLive);
  site.Spoil(Topic::kChangesUrgent);
  site.Spoil(Topic::kGroups);
  site.Put("a", 1, "A plain note about the gown.");
  site.Drain();
  EXPECT_EQ(site.Letters("deid", "corrupt_record"), 1u);
  EXPECT_EQ(site.Letters("index", "corrupt_record"), 2u) << "those of urgent changes and of groups";
  EXPECT_EQ(site.StateOf("a"), "searchable");
}

}  // namespace
}  // namespace freshet
