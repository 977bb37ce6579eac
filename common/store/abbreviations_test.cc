#include "common/store/abbreviations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/store/lexical_buffer.h"
#include "common/store/lexical_search.h"

namespace freshet::store {
namespace {

using ::testing::ElementsAre;
using Words = std::vector<std::string>;

TEST(Abbreviations, AListIsReadLineByLine) {
  const Abbreviations list(
      "# comment = not read\nCVA = Cerebrovascular accident; stroke\n\nno mark\n = nothing\nx y = two\n"
      "ekg=;electrocardiogram");
  ASSERT_EQ(list.all().size(), 2u);
  EXPECT_THAT(list.MeaningsOf("cva"), ElementsAre(Words{"cerebrovascular", "accident"}, Words{"stroke"}));
  EXPECT_THAT(list.MeaningsOf("ekg"), ElementsAre(Words{"electrocardiogram"}));
  EXPECT_TRUE(list.MeaningsOf("stroke").empty());
}

TEST(Abbreviations, BothWaysAreRelatedAndNothingTwice) {
  const Abbreviations list("cxr = chest x ray\nmi = myocardial infarction\nhf = heart failure");
  EXPECT_EQ(list.Related(Words{"old", "mi", "mi"}), (Words{"infarction", "myocardial"}));
  EXPECT_EQ(list.Related(Words{"a", "chest", "x", "ray", "today"}), Words{"cxr"});
  EXPECT_EQ(list.Related(Words{"chest", "ray", "x"}), Words{}) << "in that order only";
  EXPECT_EQ(list.Related(Words{"chest", "x"}), Words{}) << "the whole only";
  EXPECT_EQ(list.Related(Words{"mi", "myocardial", "infarction"}), Words{});
  EXPECT_EQ(list.Related(Words{}), Words{});
}

TEST(Abbreviations, TheKnownOnesAreWellFormed) {
  const auto& all = Abbreviations::Known().all();
  EXPECT_GE(all.size(), 100u);
  for (const auto& [name, meanings] : all) {
    for (const Words& meaning : meanings) {
      EXPECT_FALSE(meaning.empty()) << name;
      EXPECT_NE(meaning, Words{name});
    }
  }
  EXPECT_THAT(Abbreviations::Known().MeaningsOf("htn"), ElementsAre(Words{"hypertension"}));
}

TEST(Abbreviations, SearchesFindWhatIsSpeltOutAfterWhatIsWrittenSo) {
  LexicalBuffer buffer;
  buffer.Add({ChunkOrdinal(0), DocumentOrdinal(0), "", "", "hypertension in the elderly"});
  buffer.Add({ChunkOrdinal(1), DocumentOrdinal(1), "", "", "htn in the elderly"});
  buffer.Add({ChunkOrdinal(2), DocumentOrdinal(2), "", "", "falls in the elderly"});
  const LexicalSearcher searcher({buffer.Flush().segment});
  const auto found = [&](const char* query) {
    std::vector<uint32_t> chunks;
    for (const Hit& hit : searcher.Search(query, 10, {})) chunks.push_back(hit.chunk.value);
    return chunks;
  };
  EXPECT_THAT(found("HTN"), ElementsAre(1, 0));
  EXPECT_THAT(found("hypertension"), ElementsAre(0, 1));
}

}  // namespace
}  // namespace freshet::store
