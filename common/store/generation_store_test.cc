#include "common/store/generation_store.h"

#include <gtest/gtest.h>

#include <sstream>

#include "common/store/follower_store.h"
#include "common/store/testing/random_world.h"

namespace freshet::store {
namespace {

const std::set<std::string> kAda = {"user:ada"};
const std::vector<std::string> kBoth = {"test 200/256", "other 200/256"};

// What a builder would make of a document: the same texts, with vectors of another model.
Mutation MadeOf(const BehindDocument& document) {
  std::vector<std::string> lines;
  std::istringstream in(document.sealed);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  lines.erase(lines.begin());  // the title
  PutDocument put = Content(lines);
  put.model = "other";
  put.access_scope = ScopeId(document.origin.source == kSource ? "open" : RandomWorld::ScopeOf(document.origin));
  return {.origin = document.origin, .change = std::move(put)};
}

// Makes what is behind, until nothing is.
void Build(TestStore& store) {
  for (;;) {
    const auto behind = store->generations().TakeBehind(3);
    ASSERT_TRUE(behind.ok()) << behind.status().ToString();
    if (behind->empty()) return;
    std::vector<Mutation> made;
    for (const BehindDocument& document : *behind) made.push_back(MadeOf(document));
    ASSERT_TRUE(store->generations().Derive(made, store.now).ok());
  }
}

class GenerationStoreTest : public ::testing::Test {
 protected:
  GenerationStore& generations() { return store_->generations(); }
  // A store with documents, and an empty second generation.
  void Begin(std::vector<Mutation> mutations) {
    mutations.insert(mutations.begin(), Allow("open", 1, {"user:ada"}));
    store_.Show(std::move(mutations));
    ASSERT_TRUE(generations().Keep(kBoth).ok());
  }
  void Serve(uint32_t number) {
    ASSERT_TRUE(generations().Serve(kPolicies, number).ok());
    ASSERT_TRUE(store_->Refresh().ok());
  }
  // "1:2/0 *2:2/0": number, documents, how many are behind; a star for the one that is served.
  std::string List() {
    std::string text;
    for (const GenerationInfo& row : store_->Generations()) {
      text += std::string(text.empty() ? "" : " ") + (row.served ? "*" : "") + std::to_string(row.number) + ":" +
              std::to_string(row.documents) + "/" + std::to_string(row.behind);
    }
    return text;
  }
  uint32_t Served() { return store_->CurrentView()->Generation(kPolicies); }

  TestStore store_{1, {.content_streams = {kLiveStream}, .mass_delete = {.documents = 1, .share = 0.4}}};
};

TEST_F(GenerationStoreTest, OneRecipeIsOneGenerationAndNoRecord) {
  store_.Show({Allow("open", 1, {"user:ada"}), Put("a", 1, {"heron"})});
  ASSERT_TRUE(generations().Keep({"test 200/256"}).ok());
  EXPECT_EQ(List(), "*1:1/0");
  EXPECT_EQ(generations().NumberOf(kPolicies, "anything"), 1u);
  EXPECT_TRUE(generations().TakeBehind(10)->empty());
}

TEST_F(GenerationStoreTest, IsBuiltBesideTheServedOneAndSwitched) {
  Begin({Put("a", 1, {"heron one", "two"}), Put("b", 3, {"heron"})});
  EXPECT_EQ(List(), "*1:2/0 2:0/2");
  Build(store_);
  EXPECT_EQ(List(), "*1:2/0 2:2/0");
  EXPECT_EQ(Served(), 1u);
  EXPECT_EQ(store_->CurrentView()->VectorModel(kPolicies), "test");
  Serve(2);
  EXPECT_EQ(List(), "1:2/0 *2:2/0");
  EXPECT_EQ(Served(), 2u);
  EXPECT_EQ(store_->CurrentView()->VectorModel(kPolicies), "other");
  EXPECT_EQ(store_.Found("heron", kAda), "a@1 b@3");
  EXPECT_EQ(store_.FoundByVector("heron", kAda), "b@3");
  store_.Reopen();
  EXPECT_EQ(Served(), 2u);
  EXPECT_EQ(store_.Found("heron", kAda), "a@1 b@3");
  Serve(1);
  EXPECT_EQ(store_->CurrentView()->VectorModel(kPolicies), "test");
}

TEST_F(GenerationStoreTest, ASwitchSurvivesLossOfPower) {
  Begin({Put("a", 1, {"heron"})});
  Build(store_);
  Serve(2);
  store_.CrashAndReopen();
  EXPECT_EQ(Served(), 2u);
  EXPECT_EQ(store_.Found("heron", kAda), "a@1");
}

TEST_F(GenerationStoreTest, ContentGoesToTheGenerationOfItsRecipe) {
  Begin({Put("a", 1, {"heron"})});
  EXPECT_EQ(generations().NumberOf(kPolicies, kBoth[0]), 1u);
  EXPECT_EQ(generations().NumberOf(kPolicies, kBoth[1]), 2u);
  EXPECT_EQ(generations().NumberOf(kPolicies, "unheard of"), 1u) << "the served one";
  EXPECT_EQ(generations().NumberOf(CollectionName("new"), kBoth[1]), 1u);
  Build(store_);
  Mutation newer = Put("a", 2, {"egret"});
  newer.origin.generation = 2;
  store_.Show({newer});
  EXPECT_EQ(List(), "*1:1/1 2:1/0");
  Build(store_);
  ASSERT_TRUE(store_->Refresh().ok());
  EXPECT_EQ(store_.Found("egret", kAda), "a@2") << "it flows the other way too";
}

TEST_F(GenerationStoreTest, EveryChangeReachesBoth) {
  Begin({Put("a", 1, {"heron"}), Put("b", 1, {"heron"}), Put("c", 1, {"heron"}), Put("d", 1, {"heron"})});
  Build(store_);
  Serve(2);
  store_.Show({Delete("a", 2), Withhold("b", 1), Skip("c", 2)});
  EXPECT_EQ(store_.Found("heron", kAda), "c@1 d@1");
  EXPECT_EQ(store_.StateOf("c"), "outdated@1 of 2 malformed_document");
  store_.Show({Allow("open", 2, {"user:bob"})});
  EXPECT_EQ(store_.Found("heron", kAda), "");
  Serve(1);
  EXPECT_EQ(store_.Found("heron", {"user:bob"}), "c@1 d@1");
  EXPECT_EQ(store_.StateOf("c"), "outdated@1 of 2 malformed_document");
}

TEST_F(GenerationStoreTest, WhatWasOvertakenIsLeftOut) {
  Begin({Put("a", 1, {"heron"}), Put("b", 1, {"heron"}), Put("c", 1, {"heron"})});
  const std::vector<BehindDocument> behind = *generations().TakeBehind(10);
  ASSERT_EQ(behind.size(), 3u);
  store_.Show({Put("a", 2, {"egret"}), Delete("b", 2), Withhold("c", 1), Present("c", 7)});
  std::vector<Mutation> made;
  for (const BehindDocument& document : behind) made.push_back(MadeOf(document));
  ASSERT_TRUE(generations().Derive(made, store_.now).ok());
  EXPECT_EQ(List(), "*1:2/0 2:1/1");
  Serve(2);
  EXPECT_EQ(store_.Found("heron", kAda), "");
  EXPECT_EQ(store_.StateOf("c"), "withheld@1") << "what came meanwhile holds";
  Build(store_);
  ASSERT_TRUE(store_->Refresh().ok());
  EXPECT_EQ(store_.Found("egret", kAda), "a@2");
  made.front().origin.generation = 9;
  EXPECT_TRUE(generations().Derive({&made.front(), 1}, store_.now).ok()) << "its generation was dropped";
}

TEST_F(GenerationStoreTest, WhatCannotBeMadeIsSkippedThereAndNotTriedForEver) {
  Begin({Put("a", 1, {"heron"})});
  BehindDocument behind = generations().TakeBehind(10)->front();
  const Mutation skip{.origin = behind.origin, .change = SkipDocument{Code::kDocumentTooLarge, Step::kIndex}};
  ASSERT_TRUE(generations().Derive({&skip, 1}, store_.now).ok());
  EXPECT_EQ(List(), "*1:1/0 2:0/0");
  store_.Reopen();
  ASSERT_TRUE(generations().Keep(kBoth).ok());
  EXPECT_TRUE(generations().TakeBehind(10)->empty());
  Serve(2);
  EXPECT_EQ(store_.StateOf("a"), "skipped@1 document_too_large");
}

// As when what was skipped for a defect is published again.
TEST_F(GenerationStoreTest, ContentThatWasSkippedBeforeIsMadeAllTheSame) {
  Begin({Skip("a", 1)});
  store_.Show({Put("a", 1, {"heron"})});
  EXPECT_EQ(List(), "*1:1/0 2:0/1");
  Build(store_);
  Serve(2);
  EXPECT_EQ(store_.Found("heron", kAda), "a@1");
}

// A document whose newest content is not made yet is neither gone nor counted twice.
TEST_F(GenerationStoreTest, ASnapshotJudgesDocumentsByWhatAnyGenerationKnows) {
  Begin({Put("a", 1, {"heron"}), Put("b", 1, {"heron"}), Put("c", 1, {"heron"})});
  Build(store_);
  store_.Show({Put("a", 11, {"egret"})});  // behind in the second
  store_.ApplyOnEach(kLiveStream, BeginSnapshot{V(10)});
  store_.Show({Present("b", 10)});
  store_.ApplyOnEach(kLiveStream, EndSnapshot{V(10)});
  EXPECT_TRUE(store_->Held().empty()) << "one of three";
  EXPECT_EQ(store_->Untold(10)->size(), 1u) << "c alone is gone";
  ASSERT_TRUE(store_->Refresh().ok());
  EXPECT_EQ(List(), "*1:2/0 2:2/1");
  Build(store_);
  Serve(2);
  EXPECT_EQ(store_.Found("heron", kAda), "b@1");
  EXPECT_EQ(store_.Found("egret", kAda), "a@11");
}

TEST_F(GenerationStoreTest, TimesAreHeldBackWhileTheServedOneIsBehind) {
  Begin({Put("a", 1, {"heron"})});
  Build(store_);
  Serve(2);
  const auto live = [&] {
    EXPECT_TRUE(store_->Refresh().ok());
    return store_->CurrentView()->Times().at(kSource).watermarks.at(kLiveStream);
  };
  store_.ApplyOnEach(kLiveStream, AdvanceTime{FromMicros(50)});
  EXPECT_EQ(live(), FromMicros(50));
  store_.Apply({Put("a", 2, {"egret"})});
  store_.ApplyOnEach(kLiveStream, AdvanceTime{FromMicros(70)});
  EXPECT_EQ(live(), FromMicros(50)) << "the first does not hold what was committed since";
  store_.Reopen();
  EXPECT_EQ(live(), Time()) << "nobody knows since when";
  ASSERT_TRUE(generations().Keep(kBoth).ok());
  Build(store_);
  EXPECT_EQ(live(), FromMicros(70));
}

// Newer content that fewer may read closes the older one, though it is not made yet.
TEST_F(GenerationStoreTest, ContentThatIsNotMadeYetClosesAtOnceAndOpensNothing) {
  Begin({Put("a", 1, {"heron"}), Put("b", 1, {"heron"}, {.scope = "closed"}), Allow("closed", 2, {"user:bob"})});
  Build(store_);  // puts b into "open": as if it had been there
  Serve(2);
  EXPECT_EQ(store_.Found("heron", kAda), "a@1 b@1");
  const auto held = store_->CurrentView();
  store_.Apply({Put("a", 2, {"heron"}, {.scope = "closed"})});
  EXPECT_EQ(store_.FoundIn(*held, "heron", kAda), "b@1");
  EXPECT_EQ(store_.FoundIn(*held, "heron", {"user:bob"}), "") << "what it says now is not to be read by him before";
  store_.Apply({Allow("closed", 3, {"user:ada"})});
  EXPECT_EQ(store_.FoundIn(*held, "heron", kAda), "a@1 b@1");
}

TEST_F(GenerationStoreTest, DroppedIsGoneAndItsNumberIsNotUsedAgain) {
  Begin({Put("a", 1, {"heron"})});
  Build(store_);
  EXPECT_EQ(generations().Drop(kPolicies, 1).code(), Code::kInvalidArgument) << "it is served";
  EXPECT_EQ(generations().Drop(kPolicies, 7).code(), Code::kNotFound);
  EXPECT_EQ(generations().Serve(kPolicies, 7).code(), Code::kNotFound);
  store_.Reopen();  // closing commits the words
  ASSERT_TRUE(generations().Keep(kBoth).ok());
  Serve(2);
  const std::string lexical = store_.options.path + "/lexical/1-1";
  EXPECT_TRUE(std::filesystem::exists(lexical));
  ASSERT_TRUE(generations().Drop(kPolicies, 1).ok());
  EXPECT_FALSE(std::filesystem::exists(lexical));
  EXPECT_EQ(List(), "*2:1/0");
  store_.Show({Put("a", 2, {"egret"}), Put("b", 1, {"egret"})});  // of generation 1, as connectors have them
  EXPECT_EQ(List(), "1:2/0 *2:1/2") << "the store itself goes by the number; Index gives the right one";
  store_.Reopen();
  EXPECT_EQ(store_.Found("heron", kAda), "a@1");
  ASSERT_TRUE(generations().Keep({"other 200/256", "third 200/256"}).ok());
  EXPECT_EQ(generations().NumberOf(kPolicies, "third 200/256"), 3u);
}

TEST_F(GenerationStoreTest, AHeldViewShowsNothingOfWhatWasDropped) {
  Begin({Put("a", 1, {"heron"})});
  Build(store_);
  const auto old = store_->CurrentView();
  Serve(2);
  ASSERT_TRUE(generations().Drop(kPolicies, 1).ok());
  EXPECT_EQ(store_.FoundIn(*old, "heron", kAda), "");
  EXPECT_EQ(store_.Found("heron", kAda), "a@1");
}

TEST_F(GenerationStoreTest, WhatIsServedMustBeMadeBySomebody) {
  Begin({Put("a", 1, {"heron"})});
  EXPECT_EQ(generations().Keep({"other 200/256"}).code(), Code::kConfiguration);
  EXPECT_TRUE(generations().Keep({"other 200/256", "test 200/256"}).ok()) << "in whatever order";
  TestStore fresh(2);
  fresh.Show({Put("a", 1, {"heron"})});
  EXPECT_EQ(fresh->generations().Keep({"this 1/1", "that 1/1"}).code(), Code::kConfiguration)
      << "its vectors are of neither";
}

TEST_F(GenerationStoreTest, ACandidateIsSearchedBesideTheServedOne) {
  Begin({Put("a", 1, {"heron"}), Put("b", 1, {"heron"})});
  Build(store_);
  store_.Show({Put("b", 2, {"egret"})});
  const auto candidate = *generations().ViewOf(kPolicies, 2);
  EXPECT_EQ(candidate->Generation(kPolicies), 2u);
  EXPECT_EQ(candidate->VectorModel(kPolicies), "other");
  EXPECT_EQ(store_.FoundIn(*candidate, "heron", kAda), "a@1 b@1");
  EXPECT_EQ(generations().ViewOf(kPolicies, 5).code(), Code::kNotFound);
}

TEST_F(GenerationStoreTest, AFollowerSeesTheSwitchAndTheDrop) {
  Begin({Put("a", 1, {"heron"})});
  const auto follower = *FollowerStore::Open(store_.options);
  const auto look = [&] {
    EXPECT_TRUE(follower->CatchUp().ok());
    const auto view = follower->CurrentView();
    return std::to_string(view->Generation(kPolicies)) + " " + view->VectorModel(kPolicies) + " " +
           store_.FoundIn(*view, "heron", kAda);
  };
  EXPECT_EQ(look(), "1 test a@1");
  Build(store_);
  EXPECT_EQ(look(), "1 test a@1");
  Serve(2);
  EXPECT_EQ(look(), "2 other a@1");
  EXPECT_EQ(follower->reloads(), 0u);
  store_.Show({Put("a", 2, {"heron"})});
  EXPECT_EQ(look(), "2 other a@1") << "not made yet";
  EXPECT_EQ(follower->Generations()[1].behind, 1u);
  Build(store_);
  EXPECT_EQ(look(), "2 other a@2");
  ASSERT_TRUE(generations().Drop(kPolicies, 1).ok());
  EXPECT_EQ(look(), "2 other a@2");
}

// Random histories, with a second generation that is built, served, left and dropped at any time, and power lost at any
// time: what is found is what the reference says, whichever is served.
TEST(GenerationStoreModel, EveryGenerationShowsWhatTheReferenceShows) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TestStore store(seed, {.mass_delete = {.documents = 1'000'000}});
    RandomWorld world(store, seed);
    std::mt19937_64 random(seed);
    const CollectionName collection("w" + std::to_string(seed));
    world.before_refresh = [&] {
      ASSERT_TRUE(store->generations().Keep(kBoth).ok());
      Build(store);
      for (const GenerationInfo& row : store->Generations()) EXPECT_EQ(row.behind, 0u);
    };
    uint64_t served = 1, switches = 0;
    for (int step = 0; step < 60; ++step) {
      world.Step();
      const bool is_there = store->CurrentView()->Generation(collection) != 0;
      if (is_there && random() % 5 == 0) {
        world.Refresh();
        const uint32_t other = store->generations().NumberOf(collection, kBoth[served % 2]);
        ASSERT_TRUE(store->generations().Serve(collection, other).ok());
        switches += served != other ? 1 : 0;
        if (random() % 3 == 0) {
          EXPECT_TRUE(store->Maintain(store.now).ok());
        }
        world.Refresh();
        world.Compare();
        world.CompareStates();
        served = 1 + served % 2;
      }
      if (random() % 16 == 0) {
        store.CrashAndReopen();
        world.Redeliver();
        world.Refresh();
        world.Compare();
        world.CompareStates();
      }
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_GT(switches, 0u);
  }
}

}  // namespace
}  // namespace freshet::store
