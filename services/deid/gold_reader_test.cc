#include <gtest/gtest.h>

#include "services/deid/gold.h"

namespace freshet::deid {
namespace {

std::string Printed(const Result<GoldText>& gold) {
  if (!gold.ok()) return std::string(NameOf(gold.code()));
  std::string all = gold->id + ":";
  for (const GoldPlace& one : gold->places) {
    all += " " + std::string(one.type) + (one.needed ? "=" : "?") +
           gold->text.substr(one.range.begin, one.range.end - one.range.begin);
  }
  return all + " |" + std::to_string(gold->values.size());
}

TEST(GoldReaderTest, ReadsValuesWhereverTheyStand) {
  EXPECT_EQ(Printed(ReadGold(
                R"({"id": "a", "text": "Roe met Roe, not Roeper.", "phi": [{"type": "NAME", "value": "Roe"}]})", 1)),
            "a: NAME=Roe NAME=Roe |1");
  EXPECT_EQ(
      Printed(ReadGold(R"({"text": "Seen 3/4/21.", "phi": [{"identifier_type": "DATE", "value": "3/4/21"}]})", 7)),
      "7: DATE=3/4/21 |1");
}

TEST(GoldReaderTest, CountsCodePoints) {
  EXPECT_EQ(
      Printed(ReadGold("{\"full_text\": \"\\ufeffJos\u00e9\\r\\nZo\u00eb\", \"spans\": [{\"entity_type\": \"PERSON\", "
                       "\"start_position\": 1, \"end_position\": 5}, {\"type\": \"NAME\", \"start\": 7, \"end\": 10}]}",
                       2)),
      "2: NAME=Jos\u00e9 NAME=Zo\u00eb |2");
}

TEST(GoldReaderTest, KnowsWhatMayStay) {
  EXPECT_EQ(Printed(ReadGold(R"({"text": "Utah Provo 1999 acme 91 45", "phi": [
                {"type": "GPE", "value": "Utah"}, {"type": "GPE", "value": "Provo"},
                {"type": "DATE_TIME", "value": "1999"}, {"type": "ORGANIZATION", "value": "acme"},
                {"type": "AGE", "value": "91"}, {"type": "AGE", "value": "45"}]})",
                             1)),
            "1: CITY?Utah CITY=Provo DATE?1999 ?acme AGE=91 AGE?45 |2");
}

TEST(GoldReaderTest, RefusesWhatIsNotOfItsText) {
  for (const char* line :
       {"", "[]", R"({"text": "x"})", R"({"text": "x", "spans": {}})", R"({"text": "", "phi": []})",
        R"({"text": "x", "spans": [{"type": "NAME", "start": 0, "end": 2}]})",
        R"({"text": "x", "spans": [{"type": "NAME", "start": 1, "end": 1}]})",
        R"({"text": "x", "spans": [{"type": "NAME", "start": -1, "end": 1}]})",
        R"({"text": "x", "spans": [{"type": "WHO", "start": 0, "end": 1}]})",
        R"({"text": "x", "phi": [{"type": "NAME", "value": "y"}]})", R"({"text": "x", "phi": ["x"]})"}) {
    EXPECT_EQ(ReadGold(line, 1).code(), Code::kInvalidArgument) << line;
  }
}

}  // namespace
}  // namespace freshet::deid
