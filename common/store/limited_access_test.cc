// Names that are listed for a time: over is over, by the clock alone, whatever is remembered and whoever looks.
#include "common/store/testing/test_store.h"

namespace freshet::store {
namespace {

using std::chrono::milliseconds;

class LimitedAccess : public ::testing::Test {
 protected:
  void SetUp() override { store_.Show({Put("a", 1, {"words"}, {.scope = "ward"})}); }
  Period Until(Duration from_now) const { return {.until = store_.now + from_now}; }
  // Who of them finds the document at this time; each asks twice, as the second answer may be remembered.
  std::string Readers() {
    std::string readers;
    const auto view = store_->CurrentView();
    const auto row = view->Lookup(kPolicies, DocumentId("a")).at(0);
    for (const char* user : {"ada", "bob", "eve"}) {
      const std::set<std::string> who = {"user:" + std::string(user)};
      const std::string found = store_.Found("words", who);
      EXPECT_EQ(store_.Found("words", who), found);
      EXPECT_EQ(store_.FoundByVector("words", who), found);
      EXPECT_EQ(view->MayRead(kPolicies, *row.ordinal, store_.AccessOf(who)), !found.empty()) << user;
      if (!found.empty()) readers += std::string(readers.empty() ? "" : " ") + user;
    }
    return readers;
  }
  std::string ReadersIn(Duration later) {
    store_.now += later;
    const std::string readers = Readers();
    store_.now -= later;
    return readers;
  }

  TestStore store_{1};
};

TEST_F(LimitedAccess, AGrantEndsByTheClock) {
  store_.Apply({Allow("ward", 1, {{"user:ada", Until(milliseconds(5))}, "user:bob"})});
  EXPECT_EQ(Readers(), "ada bob");
  EXPECT_EQ(ReadersIn(milliseconds(5) - Duration(1)), "ada bob");
  EXPECT_EQ(ReadersIn(milliseconds(5)), "bob");
  EXPECT_EQ(ReadersIn(std::chrono::hours(5)), "bob");
  EXPECT_EQ(Readers(), "ada bob") << "a clock that is set back";
}

TEST_F(LimitedAccess, AGrantBeginsByTheClock) {
  store_.Apply({Allow("ward", 1, {{"user:ada", {.until = Time::max(), .from = store_.now + milliseconds(3)}}})});
  EXPECT_EQ(Readers(), "");
  EXPECT_EQ(ReadersIn(milliseconds(3)), "ada");
}

TEST_F(LimitedAccess, ADenialEndsAsAGrantDoes) {
  store_.Apply({Allow("ward", 1, {"group:everyone"}, {{"user:eve", Until(milliseconds(5))}})});
  EXPECT_EQ(Readers(), "ada bob");
  EXPECT_EQ(ReadersIn(milliseconds(5)), "ada bob eve");
}

TEST_F(LimitedAccess, AMembershipEnds) {
  store_.Apply({Allow("ward", 1, {"group:staff"}), Group("group:staff", 1, {"group:icu"}),
                Group("group:icu", 1, {{"user:ada", Until(milliseconds(5))}, "user:bob"})});
  EXPECT_EQ(Readers(), "ada bob");
  EXPECT_EQ(ReadersIn(milliseconds(5)), "bob");
  store_.Apply({Group("group:icu", 2, {{"user:ada", Until(milliseconds(9))}})});
  EXPECT_EQ(ReadersIn(milliseconds(5)), "ada") << "a renewed one, and Bob's is gone";
}

// A list that waits for its content is judged document by document, and so is the one before it.
TEST_F(LimitedAccess, AListThatWaitsEndsToo) {
  store_.Apply({Allow("ward", 1, {{"user:ada", Until(milliseconds(5))}, "user:bob"}),
                Allow("ward", 2, {"group:everyone"}, {{"user:bob", Until(milliseconds(7))}}, 9)});
  EXPECT_EQ(Readers(), "ada");
  EXPECT_EQ(ReadersIn(milliseconds(5)), "");
  EXPECT_EQ(ReadersIn(milliseconds(7)), "bob");
}

// What an older view shows is judged by its own scope, too.
TEST_F(LimitedAccess, AnOlderViewShowsNothingLonger) {
  store_.Apply({Allow("ward", 1, {{"user:ada", Until(milliseconds(5))}}), Allow("open", 1, {"group:everyone"})});
  const auto view = store_->CurrentView();
  store_.Show({Put("a", 2, {"words"}, {.scope = "open"})});
  const std::set<std::string> ada = {"user:ada"};
  EXPECT_EQ(store_.FoundIn(*view, "words", ada), "a@1");
  store_.now += milliseconds(5);
  EXPECT_EQ(store_.FoundIn(*view, "words", ada), "");
  EXPECT_EQ(store_.Found("words", ada), "a@2");
}

TEST_F(LimitedAccess, IsRememberedAcrossACrash) {
  store_.Apply(
      {Allow("ward", 1, {{"user:ada", Until(milliseconds(5))}, "group:icu"}, {{"user:eve", Until(Duration(9))}}),
       Group("group:icu", 1, {{"user:bob", Until(milliseconds(7))}, "user:eve"})});
  ASSERT_TRUE(store_->Maintain(store_.now).ok());
  store_.CrashAndReopen();
  EXPECT_EQ(Readers(), "ada bob");
  EXPECT_EQ(ReadersIn(milliseconds(5)), "bob eve");
  EXPECT_EQ(ReadersIn(milliseconds(7)), "eve");
}

}  // namespace
}  // namespace freshet::store
