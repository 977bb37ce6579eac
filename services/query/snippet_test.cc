// Snippets: what is marked, which part is chosen, and that any text and length give whole code points in range.
#include "services/query/snippet.h"

#include <gtest/gtest.h>

#include <random>

#include "common/base/utf8.h"

namespace freshet::query {
namespace {

std::string Marked(std::string_view query, std::string_view text) {
  std::string out;
  uint32_t at = 0;
  for (const ByteRange& match : Highlighter(query).Find(text)) {
    out.append(text.substr(at, match.begin - at));
    out += "[" + std::string(text.substr(match.begin, match.end - match.begin)) + "]";
    at = match.end;
  }
  return out.append(text.substr(at));
}

std::string Cut(std::string_view query, std::string_view text, size_t code_points) {
  const Snippet snippet = Highlighter(query).Cut(text, code_points);
  return std::string(text.substr(snippet.begin, snippet.end - snippet.begin));
}

TEST(Snippet, MarksWordsAsTheSearchComparesThem) {
  EXPECT_EQ(Marked("infection", "Infections, infected. Disinfect."), "[Infections], [infected]. Disinfect.");
  EXPECT_EQ(Marked("Sjogren", "Das Sjögren-Syndrom"), "Das [Sjögren]-Syndrom");
  EXPECT_EQ(Marked("grüße 7", "Grüße: 7.5 mg"), "[Grüße]: [7].5 mg");
  EXPECT_EQ(Marked("htn", "Hypertension (HTN)"), "[Hypertension] ([HTN])");
  EXPECT_EQ(Marked("nothing of this", "Gown and gloves"), "Gown and gloves");
}

TEST(Snippet, FunctionWordsAreMarkedOnlyWhereNothingElseIsAsked) {
  EXPECT_EQ(Marked("what is the treatment of asthma?", "The treatment of asthma is"), "The [treatment] of [asthma] is");
  EXPECT_EQ(Marked("what is the", "The thing is what"), "[The] thing [is] [what]");
  EXPECT_EQ(Marked("", "The thing"), "The thing");
  EXPECT_EQ(Marked("?!", "The thing"), "The thing");
}

TEST(Snippet, ThePartWithMostOfTheQueryIsShown) {
  const std::string text =
      "Gloves are kept in every room. Nurses order them by phone. Put on gown and gloves before entering the room, "
      "every time. Take both off inside.";
  EXPECT_EQ(Cut("gown and gloves", text, 40), "Put on gown and gloves before entering");
  EXPECT_EQ(Cut("gloves", text, 20), "Gloves are kept in") << "the first, where parts are as good";
  EXPECT_EQ(Cut("inside", text, 20), "both off inside.") << "what the end has no use for goes to the front";
  EXPECT_EQ(Cut("zebra", text, 11), "Gloves are") << "without a match it is the beginning";
  EXPECT_EQ(Cut("gown", text, 1000), text);
}

// Whatever the text and the length: in range, whole code points, no longer than asked, all its matches inside.
TEST(Snippet, AnyTextAndLengthGiveWholeCodePoints) {
  std::mt19937_64 random(7);
  const std::vector<std::string> pieces = {"fall", "falls ", " ", "\n", "é", "漢", "😀", "e\u0301", "x", ".", "floor "};
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (uint64_t count = random() % 60; count > 0; --count) text += pieces[random() % pieces.size()];
    const size_t code_points = 1 + random() % 50;
    const Snippet snippet = Highlighter("falls floor 漢").Cut(text, code_points);
    ASSERT_LE(snippet.begin, snippet.end);
    ASSERT_LE(snippet.end, text.size());
    const std::string_view shown = std::string_view(text).substr(snippet.begin, snippet.end - snippet.begin);
    EXPECT_TRUE(IsValidUtf8(shown));
    EXPECT_LE(CountCodePoints(shown), code_points) << text;
    uint32_t at = snippet.begin;
    for (const ByteRange& match : snippet.matches) {
      EXPECT_GE(match.begin, at);
      EXPECT_GT(match.end, match.begin);
      EXPECT_TRUE(IsValidUtf8(std::string_view(text).substr(match.begin, match.end - match.begin)));
      at = match.end;
    }
    EXPECT_LE(at, snippet.end);
  }
}

// The run that is chosen has as many distinct words as any window of that length.
TEST(Snippet, NoOtherPartHasMoreOfTheQuery) {
  std::mt19937_64 random(11);
  const std::vector<std::string> words = {"alpha", "beta", "gamma", "zebra", "lion", "tiger"};
  const Highlighter highlighter("alpha beta gamma");
  const auto distinct = [&](std::string_view text) {
    std::set<std::string_view> found;
    for (const ByteRange& match : highlighter.Find(text))
      found.insert(text.substr(match.begin, match.end - match.begin));
    return found.size();
  };
  for (int i = 0; i < 500; ++i) {
    std::string text;
    for (int word = 0; word < 30; ++word) text += words[random() % words.size()] + " ";
    const size_t length = 10 + random() % 40;
    const Snippet snippet = highlighter.Cut(text, length);
    const size_t shown = distinct(std::string_view(text).substr(snippet.begin, snippet.end - snippet.begin));
    for (const ByteRange& match : highlighter.Find(text)) {  // windows that begin with a match are enough
      std::string_view window = std::string_view(text).substr(match.begin, length);
      if (match.begin + window.size() < text.size() && text[match.begin + window.size()] != ' ') {
        window = window.substr(0, window.rfind(' ') == window.npos ? 0 : window.rfind(' '));
      }
      ASSERT_GE(shown, distinct(window)) << text << length;
    }
  }
}

}  // namespace
}  // namespace freshet::query
