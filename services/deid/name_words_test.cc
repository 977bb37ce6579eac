#include "services/deid/name_words.h"

#include <gtest/gtest.h>

#include <string>

namespace freshet::deid {
namespace {

std::string PostalCode(std::string_view behind) {
  const std::string text = "Arendal" + std::string(behind);
  return text.substr(7, EndOfPostalCode(text, 7) - 7);
}

TEST(NameWords, PostalCodesBehindTowns) {
  EXPECT_EQ(PostalCode(" 4844 today"), " 4844");
  EXPECT_EQ(PostalCode(", 84024"), ", 84024");
  EXPECT_EQ(PostalCode(" 840 24 in"), " 840 24");
  EXPECT_EQ(PostalCode(" 3610-114."), " 3610-114");
  EXPECT_EQ(PostalCode(" 12345-6789"), " 12345-6789");
  for (const char* none :
       {" 2019 was", " 1987", " 12", " 4844 patients", " 4844/1", " 10:30", " 4844.5", "4844", " 484400", "", " "}) {
    EXPECT_EQ(PostalCode(none), "") << none;
  }
}

TEST(NameWords, ReportsEndNoName) {
  for (const char* head : {"panel", "culture", "urinalysis"}) EXPECT_TRUE(IsReportHead(head)) << head;
  for (const char* name : {"", "quill", "pane", "cultures'"}) EXPECT_FALSE(IsReportHead(name)) << name;
}

TEST(NameWords, MedicineIsNobody) {
  for (const char* term : {"keratoconjunctivitis", "omphalocele", "atorvastatin", "trastuzumab", "hantavirus",
                           "acinetobacter", "keratoderma", "spiradenomas"}) {
    EXPECT_TRUE(IsMedicalTerm(term)) << term;
  }
  for (const char* name : {"inverness", "quillfeather", "ambrosia", "itis", "marcelle", "thomas", "sonoma"}) {
    EXPECT_FALSE(IsMedicalTerm(name)) << name;
  }
}

TEST(NameWords, AuthoritiesAreNoPlacesOfCare) {
  EXPECT_TRUE(IsAuthority("national library of medicine"));
  EXPECT_FALSE(IsAuthority("national jewish hospital"));
  EXPECT_FALSE(IsAuthority("brannoc clinic"));
  EXPECT_TRUE(IsUnit("ml"));
  EXPECT_TRUE(IsAnyDepartment("clinic"));
}

}  // namespace
}  // namespace freshet::deid
