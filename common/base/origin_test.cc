#include "common/base/origin.h"

#include <gtest/gtest.h>

#include <set>
#include <type_traits>
#include <unordered_set>

namespace freshet {
namespace {

static_assert(!std::is_convertible_v<DocumentId, CollectionName>);
static_assert(!std::is_assignable_v<CollectionName&, DocumentId>);
static_assert(!std::is_convertible_v<std::string, DocumentId>);
static_assert(!std::is_convertible_v<Offset, Partition>);
static_assert(!std::is_convertible_v<uint64_t, Offset>);

TEST(Ids, CompareAndHashAsTheirValues) {
  EXPECT_LT(DocumentId("a"), DocumentId("b"));
  EXPECT_EQ(Offset(7), Offset(7));
  EXPECT_TRUE(DocumentId().empty());
  const std::unordered_set<DocumentId> documents = {DocumentId("a"), DocumentId("b"), DocumentId("a")};
  EXPECT_EQ(documents.size(), 2u);
  const std::unordered_set<Offset> offsets = {Offset(1), Offset(1), Offset(2)};
  EXPECT_EQ(offsets.size(), 2u);
}

TEST(Origin, StampsAreByStep) {
  Origin origin;
  origin.StampOf(Step::kEmbed) = Time(std::chrono::seconds(7));
  EXPECT_EQ(origin.stamps[3], Time(std::chrono::seconds(7)));
  EXPECT_EQ(std::as_const(origin).StampOf(Step::kEmbed), Time(std::chrono::seconds(7)));
  EXPECT_EQ(origin.StampOf(Step::kIndex), Time());
  EXPECT_EQ(origin.generation, 1u);
}

TEST(Origin, LanesAndStepsHaveNames) {
  EXPECT_EQ(NameOf(Lane::kUrgent), "urgent");
  EXPECT_EQ(NameOf(Lane::kLive), "live");
  EXPECT_EQ(NameOf(Lane::kBackfill), "backfill");
  std::set<std::string_view> names;
  for (size_t i = 0; i < kStepCount; ++i) names.insert(NameOf(static_cast<Step>(i)));
  EXPECT_EQ(names, (std::set<std::string_view>{"captured", "deid", "chunk", "embed", "index"}));
}

TEST(DocumentKey, OrdersBySourceCollectionDocument) {
  const Origin origin{.source = SourceName("s"), .collection = CollectionName("c"), .document = DocumentId("d")};
  EXPECT_EQ(KeyOf(origin), (DocumentKey{SourceName("s"), CollectionName("c"), DocumentId("d")}));
  EXPECT_LT((DocumentKey{SourceName("a"), CollectionName("z"), DocumentId("z")}), KeyOf(origin));
}

}  // namespace
}  // namespace freshet
