#include "services/chunk/sentences.h"

#include <gtest/gtest.h>
#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "common/base/utf8.h"
#include "services/chunk/abbreviations.h"

namespace freshet::chunk {
namespace {

using Sentences = std::vector<std::string>;

Sentences Split(std::string_view text) {
  std::vector<uint32_t> ends;
  SentenceEnds(text, ends);
  Sentences sentences;
  size_t begin = 0;
  for (const uint32_t end : ends) {
    std::string sentence(text.substr(begin, end - begin));
    sentence.erase(sentence.find_last_not_of(" \t\r\n") + 1);
    sentences.push_back(std::move(sentence));
    begin = end;
  }
  return sentences;
}

TEST(SentencesTest, NothingGivesNothing) { EXPECT_EQ(Split(""), Sentences{}); }

TEST(SentencesTest, EndsAtFinalPunctuation) {
  EXPECT_EQ(Split("Afebrile. Alert! Any pain? None"), (Sentences{"Afebrile.", "Alert!", "Any pain?", "None"}));
  EXPECT_EQ(Split("He said \"no.\" She left."), (Sentences{"He said \"no.\"", "She left."}));
  EXPECT_EQ(Split("Stable (see note.) Discharge."), (Sentences{"Stable (see note.)", "Discharge."}));
}

TEST(SentencesTest, TitlesAndReferencesLeadToWhatFollows) {
  EXPECT_EQ(Split("Seen by Dr. Wu. Afebrile."), (Sentences{"Seen by Dr. Wu.", "Afebrile."}));
  EXPECT_EQ(Split("Mrs. Ada J. Moor rests. Bed No. 5 is free."),
            (Sentences{"Mrs. Ada J. Moor rests.", "Bed No. 5 is free."}));
  EXPECT_EQ(Split("Use a statin, e.g. Lipitor, vs. Zocor."), (Sentences{"Use a statin, e.g. Lipitor, vs. Zocor."}));
}

TEST(SentencesTest, DosesMayEndASentenceOnlyBeforeACapital) {
  EXPECT_EQ(Split("Give 5 mg. q.i.d. for 3 days. Then stop."),
            (Sentences{"Give 5 mg. q.i.d. for 3 days.", "Then stop."}));
  EXPECT_EQ(Split("Aspirin 81 mg. Warfarin 5 mg p.o. 2 tabs."),
            (Sentences{"Aspirin 81 mg.", "Warfarin 5 mg p.o. 2 tabs."}));
  EXPECT_EQ(Split("Takes it q.i.d. Denies pain."), (Sentences{"Takes it q.i.d.", "Denies pain."}));
  EXPECT_EQ(Split("At 8 a.m. 120/80. At noon less."), (Sentences{"At 8 a.m. 120/80.", "At noon less."}));
}

TEST(SentencesTest, NumbersAndLowerCaseReadOn) {
  EXPECT_EQ(Split("INR 2.5. K 3.9 mmol/l."), (Sentences{"INR 2.5.", "K 3.9 mmol/l."}));
  EXPECT_EQ(Split("See www.nih.gov. or ask."), (Sentences{"See www.nih.gov. or ask."}));
  EXPECT_EQ(Split("1. Rest\n2. Fluids"), (Sentences{"1. Rest", "2. Fluids"}));
  EXPECT_EQ(Split("Fell. 3 stitches."), (Sentences{"Fell.", "3 stitches."}));
}

TEST(SentencesTest, LinesOfANoteStandAlone) {
  EXPECT_EQ(Split("BP 120/80\nHR 80\r\nTemp 37.0"), (Sentences{"BP 120/80", "HR 80", "Temp 37.0"}));
  EXPECT_EQ(Split("first\n\nsecond"), (Sentences{"first", "second"}));
  EXPECT_EQ(Split("Plan:\nRest."), (Sentences{"Plan:", "Rest."}));
}

TEST(SentencesTest, WrappedLinesReadOn) {
  const std::string wrapped =
      "The patient was seen in the outpatient clinic this morning by\nDr. Wu, who found her well. She will\nreturn.";
  EXPECT_EQ(Split(wrapped), (Sentences{wrapped.substr(0, 89), "She will\nreturn."}));
  EXPECT_EQ(Split("well. Seen in the outpatient clinic early this morning again by\nMary."),
            (Sentences{"well.", "Seen in the outpatient clinic early this morning again by\nMary."}));
}

TEST(SentencesTest, OtherScriptsHaveTheirOwnTerminals) {
  EXPECT_EQ(Split("熱がある。咳もある。"), (Sentences{"熱がある。", "咳もある。"}));
  EXPECT_EQ(Split("बुखार है। खांसी है।"), (Sentences{"बुखार है।", "खांसी है।"}));
  EXPECT_EQ(Split("Температура 38. Кашель. ещё слабость."), (Sentences{"Температура 38.", "Кашель. ещё слабость."}));
  EXPECT_EQ(Split("هل هناك ألم؟ لا."), (Sentences{"هل هناك ألم؟", "لا."}));
}

TEST(SentencesTest, EndsAscendOnCodePointsAndCoverAnyText) {
  static constexpr char32_t kAlphabet[] = {'a',  'Z', '7', ' ',  ' ',    '.',    '.',  '!',  '\n',
                                           '\r', '"', ')', '\t', 0x3002, 0x2029, 0xA0, 0x85, 0x1F600};
  std::mt19937 random(1);
  std::vector<uint32_t> ends;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (size_t i = random() % 24; i > 0; --i) AppendUtf8(text, kAlphabet[random() % std::size(kAlphabet)]);
    SentenceEnds(text, ends);
    uint32_t before = 0;
    for (const uint32_t end : ends) {
      ASSERT_GT(end, before);
      ASSERT_TRUE(IsValidUtf8(std::string_view(text).substr(before, end - before)));
      before = end;
    }
    ASSERT_EQ(before, text.size());
  }
}

TEST(SentencesTest, LongRunsOfAnythingTakeLinearTime) {
  for (const char* piece : {".", ". ", "\n", " \n", "a. ", "Dr. ", "\u3002", "!\" ", "1. "}) {
    std::string text;
    while (text.size() < (1u << 20)) text += piece;
    std::vector<uint32_t> ends;
    SentenceEnds(text, ends);
    EXPECT_EQ(ends.back(), text.size());
  }
}

// Where sentences end before trailing whitespace, which we and ICU share out differently; at 0 none does.
std::set<size_t> WithoutSpace(std::string_view text, const std::set<uint32_t>& ends) {
  std::set<size_t> bare;
  for (const uint32_t end : ends) bare.insert(text.find_last_not_of(" \t\r\n", end - 1) + 1);
  bare.erase(0);
  return bare;
}

// Boundaries as ICU sees them (UAX #29), as byte offsets.
std::set<uint32_t> IcuEnds(const std::string& text) {
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> iterator(
      icu::BreakIterator::createSentenceInstance(icu::Locale::getEnglish(), error));
  UText* utext = utext_openUTF8(nullptr, text.data(), static_cast<int64_t>(text.size()), &error);
  iterator->setText(utext, error);
  std::set<uint32_t> ends;
  for (int32_t end = iterator->next(); end != icu::BreakIterator::DONE; end = iterator->next()) ends.insert(end);
  utext_close(utext);
  return ends;
}

// On running text of public answers the two agree but for what our rules know better.
TEST(SentencesTest, AgreesWithIcuOnPublicClinicalText) {
  std::ifstream file("../shared/fixtures/minilm_reference.jsonl");
  if (!file) GTEST_SKIP() << "no ../shared/fixtures/minilm_reference.jsonl";
  size_t both = 0, ours_only = 0, icu_only = 0;
  for (std::string line; std::getline(file, line);) {
    const auto row = nlohmann::json::parse(line);
    if (row["group"] != "medquad") continue;
    const auto text = row["text"].get<std::string>();
    std::vector<uint32_t> ends;
    SentenceEnds(text, ends);
    const std::set<size_t> ours = WithoutSpace(text, {ends.begin(), ends.end()});
    const std::set<size_t> icu = WithoutSpace(text, IcuEnds(text));
    for (const size_t end : ours) (icu.contains(end) ? both : ours_only) += 1;
    for (const size_t end : icu) icu_only += !ours.contains(end);
  }
  ASSERT_GT(both, 100u);
  EXPECT_LE(ours_only, both / 25) << both << " shared";
  EXPECT_LE(icu_only, both / 25) << both << " shared";
}

TEST(AbbreviationsTest, KnowsTitlesDosesAndInitialsInAnyCase) {
  EXPECT_EQ(AbbreviationOf("Dr"), Abbreviation::kLeads);
  EXPECT_EQ(AbbreviationOf("DR"), Abbreviation::kLeads);
  EXPECT_EQ(AbbreviationOf("No"), Abbreviation::kLeadsNumber);
  EXPECT_EQ(AbbreviationOf("J"), Abbreviation::kLeads);
  EXPECT_EQ(AbbreviationOf("mg"), Abbreviation::kMayEnd);
  EXPECT_EQ(AbbreviationOf("q.i.d"), Abbreviation::kMayEnd);
  EXPECT_EQ(AbbreviationOf("pain"), Abbreviation::kNone);
  EXPECT_EQ(AbbreviationOf(""), Abbreviation::kNone);
  EXPECT_EQ(AbbreviationOf("approximately"), Abbreviation::kNone);
}

}  // namespace
}  // namespace freshet::chunk
