// A follower beside a writer: before there is an index, while it changes, when the writer is gone, and when it is back.
#include "services/index/follower.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "services/index/testing/embedded_documents.h"

namespace freshet::index {
namespace {

using freshet::testing::EmbeddedOf;
using freshet::testing::SourceOrigin;
using freshet::testing::TestDocument;
using freshet::testing::TestKeys;

const CollectionName kPolicies("policies");

class FollowerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = ::testing::TempDir() + "/followed-" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(path_);
    follower_ = std::make_unique<Follower>(Options(), TestKeys());
    follower_->Start();
  }
  IndexOptions Options() const {
    IndexOptions options;
    options.store.path = path_;
    options.store.partitions = 1;
    options.store.access_streams = {Stream(0)};
    options.store.lexical_buffer_mb = 1;
    return options;
  }
  void OpenWriter() {
    auto index = Index::Open(Options(), TestKeys());
    ASSERT_TRUE(index.ok()) << index.status().ToString();
    index_ = *std::move(index);
  }
  void Apply(SinkInput input) { ASSERT_TRUE(index_->Apply({&input, 1}, Time(std::chrono::hours(1000))).ok()); }
  void Put(const TestDocument& document) {
    Apply(Arrival<EmbeddedDocument>{EmbeddedOf(document), {Stream(1), Partition(0), Offset(live_++)}});
  }
  void OpenToAll() {
    AccessChange change{.scope = ScopeId("open"), .allow = {Principal("group:everyone")}};
    Apply(Arrival<UrgentChange>{{SourceOrigin("files", "policies", 1), std::move(change)},
                                {Stream(0), Partition(0), Offset(urgent_++)}});
  }
  size_t Hits(std::string_view words) const {
    const auto view = follower_->CurrentView();
    const auto filter = view->FilterFor(kPolicies, {.default_max_staleness = Duration::max()}, {});
    return filter ? view->SearchLexical(kPolicies, words, 10, *filter).size() : 0;
  }
  template <class Holds>
  static bool Within(Duration limit, Holds holds) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!holds() && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return holds();
  }
  static constexpr Duration kLong = std::chrono::seconds(30);

  std::string path_;
  std::unique_ptr<Index> index_;
  std::unique_ptr<Follower> follower_;
  uint64_t live_ = 0, urgent_ = 0;
};

TEST_F(FollowerTest, WaitsForAnIndexAndSaysSo) {
  const auto reasons = follower_->Unready();
  ASSERT_EQ(reasons.size(), 1u);
  EXPECT_TRUE(reasons[0].starts_with("no_index: ")) << reasons[0];
  EXPECT_TRUE(follower_->CurrentView()->Collections().empty());
  EXPECT_TRUE(follower_->Accounts().empty());
  EXPECT_TRUE(follower_->Held().empty());
  EXPECT_EQ(follower_->NextOffset(Stream(1), Partition(0)), Offset(0));
  OpenWriter();
  EXPECT_TRUE(Within(kLong, [&] { return follower_->Unready().empty(); }));
}

TEST_F(FollowerTest, SeesWhatTheWriterTakesIn) {
  OpenWriter();
  OpenToAll();
  Put({.id = "a", .text = "floor\n"});
  EXPECT_TRUE(Within(kLong, [&] { return Hits("floor") == 1; }));
  Put({.id = "a", .version = 2, .text = "wall\n"});
  EXPECT_TRUE(Within(kLong, [&] { return Hits("wall") == 1 && Hits("floor") == 0; }));
  EXPECT_EQ(follower_->NextOffset(Stream(1), Partition(0)), Offset(2));
  EXPECT_EQ(follower_->Accounts().size(), index_->store().Accounts().size());
}

TEST_F(FollowerTest, AnswersWhileNobodyWritesAndGoesOnAfterwards) {
  OpenWriter();
  OpenToAll();
  Put({.id = "a", .text = "floor\n"});
  ASSERT_TRUE(Within(kLong, [&] { return Hits("floor") == 1; }));
  index_.reset();
  EXPECT_EQ(Hits("floor"), 1u);
  OpenWriter();
  Put({.id = "b", .text = "floor\n"});
  EXPECT_TRUE(Within(kLong, [&] { return Hits("floor") == 2; }));
  EXPECT_TRUE(follower_->Unready().empty());
}

TEST_F(FollowerTest, StopsWhileItWaits) {
  const auto begin = std::chrono::steady_clock::now();
  follower_->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace freshet::index
