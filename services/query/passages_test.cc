// What a hit can bring with it: a snippet at its place, and the passages around it.
#include "services/query/passages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/query/testing/test_index.h"

namespace freshet::query {
namespace {

using freshet::testing::TestIndex;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// One chunk a section; "é" so that bytes and code points differ.
constexpr const char* kText =
    "# Éclairs\n\nÉtape one: alpha.\n\n# Second\n\nÉtape two: beta glucan.\n\n# Third\n\nÉtape three: gamma.\n";

class PassagesTest : public ::testing::Test {
 protected:
  PassagesTest() {
    index_.Allow("open", {"group:everyone"});
    index_.Put({.id = "a", .text = kText});
    Settle();
  }
  void Settle() {
    index_.Beat();
    index_.Show();
  }
  SearchHit First(SearchRequest request) {
    const auto answer = index_.engine->Search(TestIndex::CallerOf("ada"), request, "");
    EXPECT_TRUE(answer.ok());
    if (!answer.ok() || answer->hits.empty()) {
      ADD_FAILURE() << "nothing was found";
      return {};
    }
    return answer->hits[0];
  }
  static std::vector<std::string> TextsOf(const std::vector<Passage>& passages) {
    std::vector<std::string> texts;
    for (const Passage& passage : passages) texts.push_back(passage.text);
    return texts;
  }

  TestIndex index_;
};

TEST_F(PassagesTest, NeighboursStandBeforeAndAfterInTheOrderOfTheDocument) {
  SearchHit hit = First({.query = "beta", .mode = Mode::kLexical, .neighbours = 1});
  EXPECT_EQ(hit.passage.text, "Étape two: beta glucan.");
  EXPECT_THAT(TextsOf(hit.before), ElementsAre("Étape one: alpha."));
  EXPECT_THAT(TextsOf(hit.after), ElementsAre("Étape three: gamma."));
  EXPECT_THAT(hit.after[0].section, ElementsAre("Third"));
  EXPECT_LT(hit.passage.place_end, hit.after[0].place_begin);
  hit = First({.query = "gamma", .mode = Mode::kLexical, .neighbours = 5});
  EXPECT_THAT(TextsOf(hit.before), ElementsAre("Étape one: alpha.", "Étape two: beta glucan."));
  EXPECT_THAT(hit.after, IsEmpty());
  hit = First({.query = "gamma", .mode = Mode::kLexical});
  EXPECT_THAT(hit.before, IsEmpty()) << "only on request";
}

TEST_F(PassagesTest, TheRestOfAPassagesOwnParagraphIsANeighbour) {
  std::string sentences;
  for (int i = 0; i < 90; ++i)
    sentences += "Sentence word" + std::to_string(i) + " keeps every floor in this ward dry. ";
  sentences.pop_back();
  index_.Put({.id = "a", .version = 2, .text = sentences + "\n\nThe end.\n"});
  Settle();
  const SearchHit hit = First({.query = "word45", .mode = Mode::kLexical, .neighbours = 1});
  ASSERT_LT(hit.passage.text.size(), sentences.size()) << "one chunk holds all of it";
  ASSERT_EQ(hit.before.size(), 1u);
  ASSERT_EQ(hit.after.size(), 1u);
  EXPECT_EQ(hit.before[0].text + " " + hit.passage.text + " " + hit.after[0].text, sentences);
  EXPECT_EQ(hit.after[0].place_begin, hit.passage.place_end + 1);
}

// Content that changed under the view: the hit is of the version that the view shows, and so are its neighbours.
TEST_F(PassagesTest, NeighboursAreOfTheHitsVersion) {
  index_.Put(
      {.id = "a", .version = 2, .text = "# Éclairs\n\nÉtape one: zeta.\n\n# Second\n\nÉtape two: beta glucan.\n"});
  const SearchHit old = First({.query = "beta", .mode = Mode::kLexical, .neighbours = 1});
  EXPECT_EQ(old.version, (Version{1, 1}));
  EXPECT_THAT(TextsOf(old.before), ElementsAre("Étape one: alpha."));
  index_.Show();
  const SearchHit now = First({.query = "beta", .mode = Mode::kLexical, .neighbours = 1});
  EXPECT_EQ(now.version, (Version{1, 2}));
  EXPECT_THAT(TextsOf(now.before), ElementsAre("Étape one: zeta."));
}

TEST_F(PassagesTest, ASnippetHasItsPlaceInTheDocument) {
  const SearchHit hit = First({.query = "What about betas?", .mode = Mode::kLexical, .snippet = 20});
  ASSERT_TRUE(hit.snippet.has_value());
  EXPECT_EQ(hit.snippet->text, "two: beta glucan.");
  EXPECT_EQ(hit.snippet->place_begin, hit.passage.place_begin + 6);
  EXPECT_EQ(hit.snippet->place_end, hit.passage.place_end);
  EXPECT_THAT(hit.snippet->matches, ElementsAre(std::pair(hit.passage.place_begin + 11, hit.passage.place_begin + 15)));
  EXPECT_FALSE(First({.query = "beta", .mode = Mode::kLexical}).snippet.has_value()) << "only on request";
}

}  // namespace
}  // namespace freshet::query
