#include "services/deid/checks.h"

#include <gtest/gtest.h>

#include "services/deid/dates.h"
#include "services/deid/lexicon.h"

namespace freshet::deid {
namespace {

TEST(Checks, Luhn) {
  for (const char* good : {"4111111111111111", "5500005555555559", "378282246310005", "6011111111111117"}) {
    EXPECT_TRUE(PassesLuhn(good)) << good;
  }
  for (const char* bad : {"4111111111111112", "", "0000000000000000", "411111111111111a"}) {
    EXPECT_FALSE(PassesLuhn(bad)) << bad;
  }
}

TEST(Checks, CardPrefixesAndLengths) {
  EXPECT_TRUE(IsCardPrefix("4111111111111111"));
  EXPECT_TRUE(IsCardPrefix("378282246310005"));
  EXPECT_TRUE(IsCardPrefix("630427373398"));
  EXPECT_FALSE(IsCardPrefix("41111111111"));
  EXPECT_FALSE(IsCardPrefix("9111111111111111"));
  EXPECT_FALSE(IsCardPrefix("5111111111111"));
}

TEST(Checks, Iban) {
  for (const char* good : {"GB29NWBK60161331926819", "DE89370400440532013000", "fr1420041010050500013m02606"}) {
    EXPECT_TRUE(PassesMod97(good)) << good;
  }
  for (const char* bad : {"GB29NWBK60161331926818", "GB29", "GB29NWBK601613319268-9"})
    EXPECT_FALSE(PassesMod97(bad)) << bad;
}

TEST(Checks, Vin) {
  EXPECT_TRUE(PassesVinCheck("1M8GDM9AXKP042788"));
  EXPECT_TRUE(PassesVinCheck("11111111111111111"));
  EXPECT_FALSE(PassesVinCheck("1M8GDM9A1KP042788"));
  EXPECT_FALSE(PassesVinCheck("1M8GDM9AXKP04278O"));
  EXPECT_FALSE(PassesVinCheck("1M8"));
}

TEST(Checks, Dea) {
  EXPECT_TRUE(PassesDeaCheck("AB1234563"));
  EXPECT_TRUE(PassesDeaCheck("F91234563"));
  EXPECT_FALSE(PassesDeaCheck("AB1234564"));
  EXPECT_FALSE(PassesDeaCheck("ab1234563"));
}

TEST(Dates, ReadsAllDaysThatADateMayMean) {
  using Days = std::vector<CalendarDate>;
  EXPECT_EQ(ReadDate("03/04/1961"), (Days{{1961, 3, 4}, {1961, 4, 3}}));
  EXPECT_EQ(ReadDate("13/04/1961"), (Days{{1961, 4, 13}}));
  EXPECT_EQ(ReadDate("1961-03-04"), (Days{{1961, 3, 4}}));
  EXPECT_EQ(ReadDate("March 4th, 1961"), (Days{{1961, 3, 4}}));
  EXPECT_EQ(ReadDate("4 sept 1961"), (Days{{1961, 9, 4}}));
  EXPECT_EQ(ReadDate("4Mar1961"), (Days{{1961, 3, 4}}));
  EXPECT_EQ(ReadDate("13/04/61"), (Days{{1961, 4, 13}, {2061, 4, 13}}));
  EXPECT_EQ(ReadDate("19610304"), (Days{{1961, 3, 4}}));
  EXPECT_EQ(ReadDate("1961"), Days{});
  EXPECT_EQ(ReadDate("31/31/1961"), Days{});
}

TEST(Dates, MonthsAndCalendar) {
  EXPECT_EQ(MonthOf("SEPT"), 9);
  EXPECT_EQ(MonthOf("december"), 12);
  EXPECT_EQ(MonthOf("ma"), 0);
  EXPECT_EQ(MonthOf("marc"), 0);
  EXPECT_TRUE(IsCalendarDate(2024, 2, 29));
  EXPECT_FALSE(IsCalendarDate(2024, 2, 30));
  EXPECT_FALSE(IsCalendarDate(1492, 2, 3));
}

TEST(Lexicon, ClassesOfWords) {
  const Lexicon& lexicon = Lexicon::Get();
  EXPECT_TRUE(lexicon.ClassesOf("jennifer") & word::kGivenName);
  EXPECT_TRUE(lexicon.ClassesOf("dr") & word::kStaffTitle);
  EXPECT_TRUE(lexicon.ClassesOf("hospital") & word::kNotName);
  EXPECT_EQ(lexicon.ClassesOf("quillfeather"), 0u);
  EXPECT_TRUE(IsState("new york"));
  EXPECT_TRUE(IsState("il"));
  EXPECT_FALSE(IsState("springfield"));
  EXPECT_TRUE(IsCountry("france"));
  EXPECT_EQ(OtherStreetWord("st"), "street");
  EXPECT_EQ(OtherStreetWord("elm"), "");
  const auto names = NicknamesOf("bill");
  EXPECT_NE(std::find(names.begin(), names.end(), "william"), names.end());
  EXPECT_TRUE(NicknamesOf("quill").empty());
}

}  // namespace
}  // namespace freshet::deid
