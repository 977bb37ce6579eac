// What must hold for any text: nothing planted is left, blocks are where they should be, work stays linear.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <random>

#include "common/base/utf8.h"
#include "services/deid/detector_test_util.h"
#include "services/deid/parse/parser.h"

namespace freshet::deid {
namespace {

constexpr const char* kPlain[] = {"The patient was seen today for follow up.",
                                  "Blood pressure is 132/84.",
                                  "Metformin 500 mg BID was continued.",
                                  "– naïve café ４ words –",
                                  "No acute distress.",
                                  "Follow up in 2 weeks."};
constexpr const char* kPlanted[] = {"Ada Quillfeather",     "617-555-0123",
                                    "03/04/2021",           "ada.quill@example.org",
                                    "MRN 4711838",          "078-05-1120",
                                    "12 Elm Street",        "Quillfeather, Ada",
                                    "http://example.org/a", "Ａｄａ Ｑｕｉｌｌｆｅａｔｈｅｒ",
                                    "Dr. Okonkwo"};

// With `lines`, line ends within paragraphs too.
std::string RandomNote(std::mt19937& random, std::vector<std::string>& planted, bool lines = true) {
  std::string text;
  const size_t paragraphs = 1 + random() % 6;
  for (size_t i = 0; i < paragraphs; ++i) {
    if (random() % 5 == 0) text += "ASSESSMENT AND PLAN\n\n";
    if (random() % 4 == 0) text += "- ";
    for (size_t k = 1 + random() % 4; k > 0; --k) {
      text += kPlain[random() % std::size(kPlain)];
      text += random() % 6 == 0 && lines ? "\n" : " ";
      if (random() % 2 == 0) {
        planted.push_back(kPlanted[random() % std::size(kPlanted)]);
        text += "Then " + planted.back() + " was noted. ";
      }
    }
    text += "\n\n";
  }
  return text;
}

class AnyText : public testing::Test {
 protected:
  AnyText() {
    RosterBuilder builder;
    builder.Apply(SourceName("ehr"), Person("Ada", "Quillfeather"));
    roster_ = builder.Snapshot();
  }
  CleanJob Job() const {
    return {*DefaultPolicy(), {.roster = roster_.get(), .source = SourceName("ehr"), .patients = patients_}};
  }

  std::shared_ptr<const Roster> roster_;
  const std::vector<PatientId> patients_ = {PatientId("p1")};
};

TEST_F(AnyText, EveryBlocksCleanTextIsItsSourceTextCleaned) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> planted;
    // The lines of a paragraph are read together: what is a name in one may be told by the other.
    const bool lines = round % 2 == 1;
    const std::string note = RandomNote(random, planted, lines);
    const auto parsed = Parse("text/plain", note);
    ASSERT_TRUE(parsed.ok());
    const auto clean = TestCleaner().CleanText(parsed->text, parsed->blocks, Job());
    ASSERT_TRUE(clean.ok()) << clean.status().ToString();
    ASSERT_TRUE(IsValidUtf8(clean->text));
    ASSERT_EQ(clean->blocks.size(), parsed->blocks.size());
    uint32_t covered_to = 0;
    for (size_t i = 0; i < clean->blocks.size(); ++i) {
      const Block& before = parsed->blocks[i];
      const Block& after = clean->blocks[i];
      const std::string_view source = std::string_view(parsed->text).substr(before.begin, before.end - before.begin);
      if (!lines) {
        EXPECT_EQ(clean->text.substr(after.begin, after.end - after.begin), CleanedText(source, Job()))
            << "round " << round;
      }
      EXPECT_EQ(after.source_place, before.source_place);
      EXPECT_EQ(after.kind, before.kind);
      const std::string_view between = std::string_view(clean->text).substr(covered_to, after.begin - covered_to);
      EXPECT_EQ(between.find_first_not_of(" \n"), std::string_view::npos) << "text outside of blocks";
      covered_to = after.end;
    }
    for (const std::string& secret : planted) EXPECT_EQ(clean->text.find(secret), std::string::npos) << secret;
    for (const char* plain : kPlain) {
      // What begins with a dash is no clinical prose: a model may take it for an address.
      if (!lines && plain[0] > 0 && note.find(plain) != std::string::npos) {
        EXPECT_NE(clean->text.find(plain), std::string::npos) << plain;
      }
    }
  }
}

TEST_F(AnyText, CleaningCleanTextChangesNothing) {
  std::mt19937 random(12);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> planted;
    const std::string once = CleanedText(RandomNote(random, planted), Job());
    EXPECT_EQ(CleanedText(once, Job()), once);
  }
}

TEST_F(AnyText, RandomBytesOfManyKindsNeverBreakIt) {
  std::mt19937 random(13);
  const std::string alphabet = "aZ09 .,:;-/@#()[]'\"\n\t_*|";
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int i = 0; i < 200; ++i) {
      if (random() % 8 == 0) {
        AppendUtf8(text, 0xA0 + random() % 0x2F00);
      } else {
        text += alphabet[random() % alphabet.size()];
      }
    }
    const std::string clean = CleanedText(text, Job());
    EXPECT_TRUE(IsValidUtf8(clean));
  }
}

// Doubling a hostile text may at most triple the time, and 2 MB stay within seconds on a slow, shared machine.
TEST_F(AnyText, HostileTextsTakeLinearTime) {
  const auto seconds_for = [&](std::string_view piece, size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += piece;
    const std::clock_t begin = std::clock();  // CPU time: others may keep the machine busy
    EXPECT_FALSE(CleanedText(text, Job()).empty());
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  };
  for (const char* piece :
       {"1", "1 ",     "12-", "a", "<",  "@",   "a@",      "a.", ".com",    "MRN ", "Dr. ", "Ada ", "Ada Quillfeather ",
        "A", "Jan 1 ", "1/",  ":", "0:", "st ", "1 A st ", "é",  "\u200B1", "(",    "x*",   "GB29 "}) {
    seconds_for(piece, 1 << 14);
    const double small = seconds_for(piece, 1 << 17);
    const double large = seconds_for(piece, 1 << 20);
    EXPECT_LT(large, 8 * 3 * small + 0.25) << "piece '" << piece << "'";
  }
}

// FRESHET_HOSTILE_MB=10 in `make test-slow`.
TEST_F(AnyText, MegabytesOfOneThingTakeLinearTime) {
  const char* const wanted = std::getenv("FRESHET_HOSTILE_MB");
  const size_t bytes = (wanted == nullptr ? 2 : std::strtoul(wanted, nullptr, 10)) << 20;
  const auto seconds_for = [&](std::string_view piece, size_t size) {
    std::string text;
    while (text.size() < size) text += piece;
    const std::clock_t begin = std::clock();
    EXPECT_FALSE(CleanedText(text, Job()).empty());
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  };
  for (const char* piece : {"7", "<", "a", "\u200b", "\u200b7", "\n"}) {
    const double small = seconds_for(piece, bytes / 16);
    EXPECT_LT(seconds_for(piece, bytes), 16 * 3 * small + 0.5) << "piece '" << piece << "'";
  }
}

}  // namespace
}  // namespace freshet::deid
