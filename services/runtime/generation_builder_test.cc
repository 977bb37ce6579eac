// A second generation beside the pipeline: built from what is stored, kept current, made by whichever recipe lacks it.
#include "services/runtime/generation_builder.h"

#include "services/runtime/generation_test_site.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;
using testing::kNotes;
using testing::Models;

class GenerationBuilderTest : public ::testing::Test, protected testing::GenerationSite {
 protected:
  GenerationBuilderTest() : GenerationSite(1) {}
};

TEST_F(GenerationBuilderTest, NamesARecipeByModelAndSizes) {
  EXPECT_EQ(RecipeName(*hashing_, {}), "hashing-384 200/256");
  EXPECT_EQ(RecipeName(*Other(), {.target_tokens = 32, .max_tokens = 64}), "other 32/64");
}

TEST_F(GenerationBuilderTest, BuildsWhatIsThereAndFollowsWhatChanges) {
  ASSERT_TRUE(Start(Models::kFirst).ok());
  PutMany(10);
  Drain();
  EXPECT_EQ(List(), "*1:10/0");
  ASSERT_TRUE(Start(Models::kBoth).ok());
  EXPECT_EQ(List(), "*1:10/0 2:0/10");
  Drain();
  EXPECT_EQ(List(), "*1:10/0 2:10/0");
  Put("d3", "Another note.");
  Put("new", "A new note.");
  Publish("d4", Delete{});
  Drain();
  EXPECT_EQ(List(), "*1:10/0 2:10/0");
  ASSERT_TRUE(Serve(2).ok());
  const auto view = runtime_->index()->store().CurrentView();
  EXPECT_EQ(view->VectorModel(kNotes), "other");
  EXPECT_EQ(view->Lookup(kNotes, DocumentId("d3"))[0].origin.version.position, 11u);
  EXPECT_EQ(view->Lookup(kNotes, DocumentId("d3"))[0].origin.generation, 2u);
  EXPECT_EQ(view->Lookup(kNotes, DocumentId("d4"))[0].state, store::DocumentState::kDeleted);
}

TEST_F(GenerationBuilderTest, ACollectionThatComesLaterHasBoth) {
  ASSERT_TRUE(Start(Models::kBoth).ok());
  EXPECT_EQ(List(), "");
  PutMany(5);
  Drain();
  EXPECT_EQ(List(), "*1:5/0 2:5/0");
}

TEST_F(GenerationBuilderTest, GoesOnAfterLossOfPower) {
  ASSERT_TRUE(Start(Models::kFirst).ok());
  PutMany(40);
  Drain();
  ASSERT_TRUE(Start(Models::kBoth).ok());
  Drain(4);
  const std::string partly = List();
  EXPECT_NE(partly, "*1:40/0 2:40/0");
  disk_.Crash();
  runtime_.reset();
  OpenLog();
  ASSERT_TRUE(Start(Models::kBoth).ok());
  Drain(200);
  EXPECT_EQ(List(), "*1:40/0 2:40/0");
}

TEST_F(GenerationBuilderTest, WaitsForAModelThatDoesNotAnswerAndThePipelineGoesOn) {
  ASSERT_TRUE(Start(Models::kFirst).ok());
  PutMany(6);
  Drain();
  other_->fails = Status(Code::kUnavailable);
  ASSERT_TRUE(Start(Models::kBoth).ok());
  Drain();
  EXPECT_EQ(List(), "*1:6/0 2:0/6");
  const int calls = other_->calls;
  EXPECT_GT(calls, 1);
  EXPECT_LT(calls, 60) << "with backoff";
  Put("d0", "Another note.");
  Drain(20);
  EXPECT_EQ(runtime_->index()->store().CurrentView()->Lookup(kNotes, DocumentId("d0"))[0].origin.version.position, 7u);
  other_->fails = OkStatus();
  Drain(400);
  EXPECT_EQ(List(), "*1:6/0 2:6/0");
}

TEST_F(GenerationBuilderTest, ATextThatCannotBeMadeIsSkippedThereAlone) {
  ASSERT_TRUE(Start(Models::kFirst).ok());
  PutMany(6);
  Drain();
  other_->odd = "number 3";
  ASSERT_TRUE(Start(Models::kBoth).ok());
  Drain();
  EXPECT_EQ(List(), "*1:6/0 2:5/0");
  ASSERT_TRUE(Serve(2).ok());
  const auto found = runtime_->index()->store().CurrentView()->Lookup(kNotes, DocumentId("d3"));
  EXPECT_EQ(found[0].state, store::DocumentState::kSkipped);
  EXPECT_EQ(found[0].skip_code, Code::kInternalError);
}

TEST_F(GenerationBuilderTest, APipelineThatMakesTheNewOneKeepsTheOldOne) {
  ASSERT_TRUE(Start(Models::kFirst).ok());
  PutMany(4);
  Drain();
  ASSERT_TRUE(Start(Models::kBoth).ok());
  Drain();
  ASSERT_TRUE(Serve(2).ok());
  ASSERT_TRUE(Start(Models::kSwapped).ok());
  PutMany(6);
  Drain();
  EXPECT_EQ(List(), "1:6/0 *2:6/0");
  EXPECT_EQ(runtime_->index()->store().CurrentView()->VectorModel(kNotes), "other");
  EXPECT_EQ(runtime_->index()->store().CurrentView()->Lookup(kNotes, DocumentId("d5"))[0].origin.generation, 2u);
  ASSERT_TRUE(Start(Models::kOther).ok());
  ASSERT_TRUE(OnWriter([](store::IndexStore& store) { return store.generations().Drop(kNotes, 1); }).ok());
  PutMany(7);
  Drain();
  EXPECT_EQ(List(), "*2:7/0");
  EXPECT_EQ(Start(Models::kFirst).code(), Code::kConfiguration) << "nobody would make what is served";
}

TEST_F(GenerationBuilderTest, AWishThatNobodyComesToTimesOut) {
  ASSERT_TRUE(Start(Models::kBoth).ok());
  bool done = false;
  const auto wish = [&](store::IndexStore&) {
    done = true;
    return OkStatus();
  };
  EXPECT_EQ(runtime_->generations()->OnWriter(wish, 1ms).code(), Code::kTimeout);
  Drain(3);
  EXPECT_FALSE(done) << "and is not done behind the back of who gave up";
}

// The same documents, judged by two policies.
TEST_F(GenerationBuilderTest, AScanForLeaksCountsDocuments) {
  ASSERT_TRUE(Start(Models::kFirst).ok());
  PutMany(3);
  Put("leak", "His social security number is 536-22-8145, he says.");
  Drain();
  const auto view = runtime_->index()->store().CurrentView();
  const auto strict = *deid::FindPolicy("safe_harbor");
  const Result<LeakScan> found = ScanForLeaks({.view = *view, .keys = *keys_, .policy = *strict}, kNotes);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->scanned, 4u);
  EXPECT_EQ(found->leaks, 1u);
  EXPECT_EQ(runtime_->ScanForLeaks(*view, kNotes, "")->leaks, 0u) << "a policy that cleans nothing leaves everything";
  EXPECT_EQ(runtime_->ScanForLeaks(*view, CollectionName("other"), "").code(), Code::kNotFound);
  const KeyRing stranger = *KeyRing::Parse(KeyRing::NewKeyLine());
  EXPECT_EQ(ScanForLeaks({.view = *view, .keys = stranger, .policy = *strict}, kNotes)->leaks, 4u);
}

}  // namespace
}  // namespace freshet
