// A generation of another de-identification policy: its texts are made of the originals, beside the one that is served,
// and what a policy takes away is never seen through the other one's generation.
#include "services/runtime/deid_worker.h"
#include "services/runtime/quarantine_test_site.h"

namespace freshet {
namespace {

using testing::QuarantineSite;
using std::string_literals::operator""s;

const CollectionName kNotes("notes");
constexpr const char* kDay = "03/04/2021";

std::string NoteOf(int number) { return "Note " + std::to_string(number) + ": seen on " + kDay + ", all well."; }

class PolicyGenerationTest : public ::testing::Test {
 protected:
  const std::shared_ptr<const deid::Policy> weaker_ = *deid::FindPolicy("limited_data_set");  // keeps days
  const std::shared_ptr<const deid::Policy> stronger_ = *deid::FindPolicy("safe_harbor");
  QuarantineSite site_{*weaker_};

  store::IndexStore& store() { return site_.runtime().index()->store(); }
  // "*1:10/0 2:4/6": number, documents, behind.
  std::string List() {
    std::string text;
    for (const store::GenerationInfo& row : store().Generations()) {
      text += (text.empty() ? ""s : " "s) + (row.served ? "*" : "") + std::to_string(row.number) + ":" +
              std::to_string(row.documents) + "/" + std::to_string(row.behind);
    }
    return text;
  }
  std::string RecipeOf(uint32_t number) {
    for (const store::GenerationInfo& row : store().Generations()) {
      if (row.number == number) return row.recipe;
    }
    return "";
  }
  std::shared_ptr<const store::View> ViewOf(uint32_t number) {
    return store().generations().ViewOf(kNotes, number).value();  // no other thread writes here
  }
  // Every text that a generation holds, with its policy's stamp.
  std::map<std::string, std::string> TextsOf(uint32_t number) {
    std::map<std::string, std::string> texts;
    const auto view = ViewOf(number);
    for (const DocumentOrdinal document : view->Sample(kNotes, view->DocumentCount(kNotes))) {
      const auto stored = view->Document(kNotes, document);
      if (!stored.ok()) continue;
      const auto clean = DecodeSealed(*DecodeSealedClean(stored->sealed), stored->origin, site_.keys());
      EXPECT_TRUE(clean.ok()) << clean.status().ToString();
      texts[stored->origin.document.value] = clean->policy() + " " + clean->text();
    }
    return texts;
  }
  void ExpectStrong(uint32_t number, size_t documents) {
    const auto texts = TextsOf(number);
    EXPECT_EQ(texts.size(), documents);
    for (const auto& [document, text] : texts) {
      EXPECT_TRUE(text.starts_with("safe_harbor@")) << text;
      EXPECT_EQ(text.find(kDay), text.npos) << text;
    }
  }
  LeakScan Scan(uint32_t number) {
    return site_.runtime().ScanForLeaks(*ViewOf(number), kNotes, RecipeOf(number)).value();
  }
  void Serve(uint32_t number) {
    ASSERT_TRUE(store().generations().Serve(kNotes, number).ok());
    ASSERT_TRUE(store().Refresh().ok());
  }
  // Ten notes, and a second generation of them under the stronger policy.
  void Begin() {
    for (int i = 0; i < 10; ++i) site_.Put("d" + std::to_string(i), 1, NoteOf(i));
    site_.Drain();
    site_.Beside(stronger_);
    site_.Restart();
    EXPECT_EQ(List(), "*1:10/0 2:0/10");
    site_.Drain();
    EXPECT_EQ(List(), "*1:10/0 2:10/0");
  }
};

TEST_F(PolicyGenerationTest, IsMadeOfTheOriginalsBesideTheServedOne) {
  Begin();
  EXPECT_EQ(RecipeOf(1), "hashing-384 200/256 notes=limited_data_set");
  EXPECT_EQ(RecipeOf(2), "hashing-384 200/256 notes=safe_harbor");
  ExpectStrong(2, 10);
  for (const auto& [document, text] : TextsOf(1)) EXPECT_NE(text.find(kDay), text.npos) << text;
  EXPECT_NE(site_.TextOf("d0").find(kDay), std::string::npos) << "the first one is served";
  EXPECT_EQ(Scan(2).scanned, 10u);
  EXPECT_EQ(Scan(2).leaks, 0u);
}

TEST_F(PolicyGenerationTest, ChangesFlowIntoBoth) {
  Begin();
  site_.Put("d1", 2, "Another note: seen on "s + kDay + ".");
  site_.Put("new", 3, NoteOf(11));
  site_.Publish("d2", 4, Delete{});
  site_.Drain();
  EXPECT_EQ(List(), "*1:10/0 2:10/0");
  ExpectStrong(2, 10);
  EXPECT_NE(TextsOf(2)["d1"].find("Another note"), std::string::npos);
  EXPECT_FALSE(TextsOf(2).contains("d2"));
}

TEST_F(PolicyGenerationTest, NothingOfTheWeakerPolicyIsServedOnceTheStrongerIsPromoted) {
  Begin();
  Serve(2);
  for (uint64_t edit = 2; edit < 6; ++edit) {
    site_.Put("d1", edit, "Edit " + std::to_string(edit) + ": seen on " + kDay + ".");
    for (int i = 0; i < 120; ++i) {
      for (const NamedWorker& row : site_.runtime().workers()) {
        site_.StepOnly(row.name);
        const auto indexed = site_.Indexed("d1");
        ASSERT_TRUE(indexed.has_value());
        ASSERT_EQ(indexed->second.policy(), stronger_->Stamp()) << indexed->second.text();
      }
    }
    EXPECT_NE(site_.TextOf("d1").find("Edit " + std::to_string(edit)), std::string::npos) << "and edits arrive";
  }
  EXPECT_EQ(List(), "1:10/0 *2:10/0");
  Serve(1);
  EXPECT_NE(site_.TextOf("d1").find("Edit 5: seen on "s + kDay), std::string::npos) << "rolled back, and current";
}

TEST_F(PolicyGenerationTest, BecomesThePipelinesAndNothingIsMadeAgain) {
  Begin();
  Serve(2);
  site_.Beside(nullptr);
  EXPECT_EQ(site_.TryRestart(*weaker_).code(), Code::kConfiguration) << "nobody would make what is served";
  site_.Beside(weaker_);
  site_.Restart(*stronger_);
  site_.Drain();
  EXPECT_EQ(List(), "1:10/0 *2:10/0");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(site_.RunOf("d" + std::to_string(i)), 0u) << "it was made under this policy";
  site_.Put("d3", 2, "Another note: seen on "s + kDay + ".");
  site_.Drain();
  ExpectStrong(2, 10);
  EXPECT_NE(TextsOf(1)["d3"].find("Another note: seen on "s + kDay), std::string::npos) << "kept for a rollback";
  site_.Beside(nullptr);
  site_.Restart(*stronger_);
  ASSERT_TRUE(store().generations().Drop(kNotes, 1).ok());
  site_.Put("d4", 2, NoteOf(4));
  site_.Drain();
  EXPECT_EQ(List(), "*2:10/0");
  ExpectStrong(2, 10);
}

TEST_F(PolicyGenerationTest, GoesOnAfterARestart) {
  for (int i = 0; i < 60; ++i) site_.Put("d" + std::to_string(i), 1, NoteOf(i));
  site_.Drain();
  site_.Beside(stronger_);
  site_.Restart();
  for (int i = 0; i < 6; ++i) {
    for (const NamedWorker& row : site_.runtime().workers()) site_.StepOnly(row.name);
  }
  const size_t partly = TextsOf(2).size();
  EXPECT_GT(partly, 0u);
  EXPECT_LT(partly, 60u);
  site_.Restart();
  for (int i = 0; i < 4; ++i) site_.Drain();
  EXPECT_EQ(List(), "*1:60/0 2:60/0");
  ExpectStrong(2, 60);
}

// Words of the language, and a number that nothing announces: only the roster can know.
TEST_F(PolicyGenerationTest, ALateIdentityIsTakenOutOfBoth) {
  site_.Put("a", 1, "We walked by Lake Harbor; see kx47 118302 there.");
  site_.Put("b", 1, "A plain note about the gown.");
  site_.Drain();
  site_.Beside(stronger_);
  site_.Restart();
  site_.Drain();
  ASSERT_NE(TextsOf(2)["a"].find("118302"), std::string::npos);
  site_.Learn(1, {.patient = PatientId("p1"),
                  .identity = "legal",
                  .names = {{.given = {"Lake"}, .family = "Harbor"}},
                  .identifiers = {{"mrn", "KX47-1183-02"}}});
  site_.StepOnly("deid");  // it knows; nothing was made anew yet
  EXPECT_EQ(Scan(2).leaks, 1u);
  site_.Drain();
  for (const uint32_t number : {1u, 2u}) {
    EXPECT_EQ(TextsOf(number)["a"].find("118302"), std::string::npos) << number;
    EXPECT_EQ(Scan(number).leaks, 0u) << number;
  }
  EXPECT_EQ(List(), "*1:2/0 2:2/0");
}

// The one that is served keeps such numbers, before and after.
TEST_F(PolicyGenerationTest, ALateIdentityThatOnlyTheOtherPolicyTakesIsTakenOutOfItsGeneration) {
  deid::Policy keeps = *stronger_;
  keeps.name = "keeps_numbers";
  keeps.rules[static_cast<size_t>(deid::IdentifierType::kMrn)].action = deid::Action::kKeep;
  site_.Restart(keeps);
  site_.Put("a", 1, "Please see kx47 118302 there.");
  site_.Drain();
  site_.Beside(stronger_);
  site_.Restart(keeps);
  site_.Drain();
  ASSERT_NE(TextsOf(2)["a"].find("118302"), std::string::npos) << TextsOf(2)["a"];
  site_.Learn(1, {.patient = PatientId("p1"), .identity = "legal", .identifiers = {{"mrn", "KX47-1183-02"}}});
  site_.Drain();
  EXPECT_NE(TextsOf(1)["a"].find("118302"), std::string::npos);
  EXPECT_EQ(TextsOf(2)["a"].find("118302"), std::string::npos) << TextsOf(2)["a"];
}

TEST_F(PolicyGenerationTest, WhatThePolicyDoubtsIsSkippedThereAlone) {
  deid::Policy careful = *stronger_;
  careful.name = "careful";
  careful.unknown_patient = deid::UnknownPatient::kQuarantine;
  site_.Put("a", 1, NoteOf(1), {PatientId("p1")});
  site_.Put("b", 1, NoteOf(2));
  site_.Drain();
  site_.Beside(std::make_shared<const deid::Policy>(careful));
  site_.Restart();
  site_.Drain();
  EXPECT_EQ(List(), "*1:2/0 2:1/0");
  EXPECT_EQ(site_.StateOf("a"), "searchable") << "as it is served";
  Serve(2);
  EXPECT_EQ(site_.StateOf("a"), "skipped quarantined");
  Serve(1);
  site_.Learn(1, {.patient = PatientId("p1"), .identity = "legal", .identifiers = {{"mrn", "KX47-1183-02"}}});
  site_.Drain();
  EXPECT_EQ(List(), "*1:2/0 2:2/0") << "the patient is known now";
}

// Between promote and the exchange of the configuration.
TEST_F(PolicyGenerationTest, ALateIdentityIsHiddenByThePolicyOfWhatIsServed) {
  deid::Policy keeps = *stronger_;
  keeps.name = "keeps_numbers";
  keeps.rules[static_cast<size_t>(deid::IdentifierType::kMrn)].action = deid::Action::kKeep;
  site_.Restart(keeps);
  site_.Put("a", 1, "Please see kx47 118302 there.");
  site_.Drain();
  site_.Beside(stronger_);
  site_.Restart(keeps);
  site_.Drain();
  Serve(2);
  ASSERT_EQ(site_.StateOf("a"), "searchable");
  site_.Learn(1, {.patient = PatientId("p1"), .identity = "legal", .identifiers = {{"mrn", "KX47-1183-02"}}});
  for (const char* const worker : {"deid", "deid", "deid", "index", "index"}) site_.StepOnly(worker);
  EXPECT_EQ(site_.StateOf("a"), "withheld") << "at once, and not when it has been made anew";
}

// What a reviewer saw was what the other policy leaves.
TEST_F(PolicyGenerationTest, WhatAReviewerLetThroughIsDoubtedByTheOtherPolicyAllTheSame) {
  deid::Policy doubts = *weaker_;
  doubts.risk_limit = 0.1f;
  deid::Policy doubts_too = *stronger_;
  doubts_too.risk_limit = 0.1f;
  site_.Restart(doubts);
  site_.Put("a", 1, "The code is 555-0123 today.");
  site_.Put("b", 1, "A plain note about the gown.");
  site_.Drain();
  ASSERT_EQ(site_.StateOf("a"), "skipped quarantined");
  ASSERT_TRUE(site_.review().Release(QuarantineSite::KeyOf("a"), Version{1, 1}, {"olga", site_.clock().Now()}).ok());
  site_.Drain();
  ASSERT_EQ(site_.StateOf("a"), "searchable");
  site_.Beside(std::make_shared<const deid::Policy>(doubts_too));
  site_.Restart(doubts);
  site_.Drain();
  EXPECT_EQ(List(), "*1:2/0 2:1/0");
}

TEST_F(PolicyGenerationTest, AVersionThatANewerOneHasReplacedIsNotMissed) {
  site_.Put("a", 1, NoteOf(1));
  site_.Drain();
  site_.Beside(stronger_);
  site_.Restart();
  site_.Put("a", 2, NoteOf(2));
  site_.StepOnly("deid");  // its original is kept, and the note not yet indexed
  for (int i = 0; i < 4; ++i) {
    for (const char* const worker : {"generations", "index"}) site_.StepOnly(worker);
  }
  EXPECT_EQ(List(), "*1:1/0 2:0/1") << "it waits for the newer one";
  site_.Drain();
  EXPECT_EQ(List(), "*1:1/0 2:1/0");
  EXPECT_NE(TextsOf(2)["a"].find("Note 2"), std::string::npos);
}

TEST_F(PolicyGenerationTest, WhatWasSkippedSinceIsNotWaitedFor) {
  deid::Policy doubts = *weaker_;
  doubts.risk_limit = 0.1f;
  site_.Restart(doubts);
  for (const char* const document : {"a", "b"}) site_.Put(document, 1, NoteOf(1));
  site_.Drain();
  site_.Put("a", 2, "The code is 555-0123 today.");
  site_.Drain();
  ASSERT_EQ(site_.StateOf("a"), "outdated quarantined");
  site_.Beside(stronger_);
  site_.Restart(doubts);
  site_.Drain();
  EXPECT_EQ(List(), "*1:2/0 2:1/0") << "of the first version there is no original any more";
  ASSERT_TRUE(site_.review().Release(QuarantineSite::KeyOf("a"), Version{1, 2}, {"olga", site_.clock().Now()}).ok());
  site_.Drain();
  EXPECT_EQ(List(), "*1:2/0 2:2/0");
}

TEST_F(PolicyGenerationTest, AnotherVersionOfThePolicyIsNotPromoted) {
  Begin();
  deid::Policy next = *stronger_;
  next.version = 2;
  site_.Beside(std::make_shared<const deid::Policy>(next));
  site_.Restart();
  site_.Drain();
  EXPECT_EQ(Scan(2).leaks, 10u) << "made under the version before";
}

TEST_F(PolicyGenerationTest, APolicyChangedInPlaceIsOfTheSameGeneration) {
  Begin();
  Serve(2);
  site_.Beside(nullptr);
  site_.Restart(*stronger_);
  ASSERT_TRUE(store().generations().Drop(kNotes, 1).ok());
  deid::Policy research = *stronger_;
  research.name = "research";
  site_.Restart(research);
  EXPECT_EQ(RecipeOf(2), "hashing-384 200/256 notes=research");
  site_.Drain();
  EXPECT_EQ(List(), "*2:10/0");
  for (const auto& [document, text] : TextsOf(2)) EXPECT_TRUE(text.starts_with("research@")) << text;
}

TEST_F(PolicyGenerationTest, AnOriginalThatIsGoneIsNotMadeOfWhatIsStored) {
  site_.Put("a", 1, NoteOf(1));
  site_.Drain();
  const DocumentKey key = QuarantineSite::KeyOf("a");
  ASSERT_TRUE(site_.runtime().HasOriginal(key).value());
  for (const NamedWorker& row : site_.runtime().workers()) {
    auto* const deid = dynamic_cast<DeidWorker*>(row.worker);
    if (deid == nullptr) continue;
    ASSERT_TRUE(deid->originals()->Destroy(key, Version{1, 1}).ok());
  }
  site_.Beside(stronger_);
  site_.Restart();
  site_.Drain();
  EXPECT_EQ(List(), "*1:1/0 2:0/0");
  Serve(2);
  EXPECT_EQ(site_.StateOf("a"), "skipped expired");
}

}  // namespace
}  // namespace freshet
