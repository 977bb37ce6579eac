// The index over its store: outcomes in order, stamps, and what is there after reopening.
#include "services/index/index.h"

#include <gtest/gtest.h>

#include "services/index/testing/embedded_documents.h"
#include "tests/support/crash_directory.h"

namespace freshet::index {
namespace {

using freshet::testing::EmbeddedOf;
using freshet::testing::SourceOrigin;
using freshet::testing::TestDocument;
using freshet::testing::TestKeys;

const CollectionName kPolicies("policies");
const Time kNow = Time(std::chrono::hours(1000));

class IndexTest : public ::testing::Test {
 protected:
  IndexTest() { Open(); }

  void Open() {
    index_.reset();
    IndexOptions options;
    options.store.path = "/index";
    options.store.env = disk_.env();
    options.store.open_directory = test::CrashDirectories(disk_);
    options.store.partitions = 1;
    options.store.access_streams = {Stream(0)};
    options.store.lexical_buffer_mb = 1;
    auto index = Index::Open(std::move(options), TestKeys());
    ASSERT_TRUE(index.ok()) << index.status().ToString();
    index_ = std::move(*index);
  }
  SinkInput Input(const TestDocument& document) {
    return Arrival<EmbeddedDocument>{EmbeddedOf(document), {Stream(1), Partition(0), Offset(live_++)}};
  }
  SinkInput Input(UrgentChange change, std::string_view document, uint64_t version) {
    Origin origin = SourceOrigin("files", "policies", version);
    origin.document = DocumentId(document);
    return Arrival<UrgentChange>{{origin, std::move(change)}, {Stream(0), Partition(0), Offset(urgent_++)}};
  }
  SinkInput OpenToAll() {
    return Input(AccessChange{.scope = ScopeId("open"), .allow = {Principal("group:everyone")}}, "", 1);
  }
  std::vector<store::Applied> Apply(const std::vector<SinkInput>& batch) {
    auto applied = index_->Apply(batch, kNow);
    EXPECT_TRUE(applied.ok()) << applied.status().ToString();
    EXPECT_TRUE(index_->store().Refresh().ok());
    return applied.ok() ? *applied : std::vector<store::Applied>{};
  }
  std::optional<store::StoredDocument> Found(std::string_view words) const {
    const auto view = index_->store().CurrentView();
    const auto filter = view->FilterFor(kPolicies, {.default_max_staleness = Duration::max()}, {});
    if (!filter) return std::nullopt;
    const auto hits = view->SearchLexical(kPolicies, words, 10, *filter);
    if (hits.empty()) return std::nullopt;
    return view->Document(kPolicies, hits[0].document).value();
  }

  test::CrashDisk disk_{3};
  std::unique_ptr<Index> index_;
  uint64_t live_ = 0, urgent_ = 0;
};

TEST_F(IndexTest, OneOutcomeForEachInputInOrder) {
  const auto applied = Apply({OpenToAll(), Input({.id = "a", .version = 2, .text = "floor\n"}),
                              Input({.id = "a", .version = 1, .text = "floor\n"}),
                              Input({.id = "a", .version = 3, .text = "wall\n"}), Input(Delete{}, "b", 1)});
  ASSERT_EQ(applied.size(), 5u);
  const std::pair<store::Outcome, store::Operation> expected[] = {
      {store::Outcome::kIndexed, store::Operation::kAccess},
      {store::Outcome::kIndexed, store::Operation::kInsert},
      {store::Outcome::kSuperseded, store::Operation::kNone},
      {store::Outcome::kIndexed, store::Operation::kUpdate}};
  for (size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(applied[i].outcome, expected[i].first) << i;
    EXPECT_EQ(applied[i].operation, expected[i].second) << i;
  }
  EXPECT_EQ(applied[4].outcome, store::Outcome::kIndexed) << "a delete of what was never there is remembered";
  EXPECT_EQ(Found("wall")->origin.version.position, 3u);
  EXPECT_FALSE(Found("floor"));
}

TEST_F(IndexTest, TheFirstListOfAScopeOnlyGrantsAndNoLaterOneDoes) {
  const auto list = [&](const char* scope, uint64_t version) {
    return Input(AccessChange{.scope = ScopeId(scope), .allow = {}}, "", version);
  };
  const auto applied = Apply({OpenToAll(), list("open", 2), list("other", 1), list("other", 2), list("other", 1)});
  std::string only_grants;
  for (const store::Applied& each : applied) only_grants += each.only_grants ? "y" : "n";
  EXPECT_EQ(only_grants, "ynynn");
}

TEST_F(IndexTest, AnEmptyBatchChangesNothing) { EXPECT_TRUE(Apply({}).empty()); }

TEST_F(IndexTest, WhatIsInHasTheStampOfTheIndex) {
  Apply({OpenToAll(), Input({.id = "a", .text = "floor\n"})});
  EXPECT_EQ(Found("floor")->origin.StampOf(Step::kIndex), kNow);
}

TEST_F(IndexTest, WordsAreFoundAgainAfterReopening) {
  Apply({OpenToAll(), Input({.id = "a", .text = "# Ward\n\nfloor dry\n", .title = "Falls"})});
  Open();
  ASSERT_TRUE(Found("floor"));
  EXPECT_TRUE(Found("falls")) << "by its title";
  EXPECT_TRUE(Found("ward")) << "by its section";
  EXPECT_EQ(index_->store().NextOffset(Stream(1), Partition(0)), Offset(1));
}

}  // namespace
}  // namespace freshet::index
