#include "services/deid/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::deid {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ExplainTest : public testing::Test {
 protected:
  Explanation Explained(std::string_view text, std::string_view policy = "safe_harbor") {
    const auto found = *FindPolicy(policy);
    return *Explain(*cleaner_, *Parse("text/plain", text), {*found, {}});
  }
  std::string Printed(const Explanation& why) {
    std::string out;
    for (const Decision& one : why.decisions) {
      out += one.original + (one.verdict == Verdict::kGone ? " -> " + one.replacement : " stays") + "; ";
    }
    return out;
  }
  std::unique_ptr<Cleaner> cleaner_ = *Cleaner::Make();
};

TEST_F(ExplainTest, SaysWhatWentAndWhatForWhichReason) {
  const Explanation why = Explained("Mrs. Quillfeather called 617-555-0100 on 3/31/2021.");
  EXPECT_EQ(Printed(why), "Quillfeather -> [NAME]; 617-555-0100 -> [PHONE]; 3/31/2021 -> [DATE]; ");
  EXPECT_EQ(why.policy, "safe_harbor@1");
  EXPECT_TRUE(why.forwarded);
  EXPECT_EQ(why.output, "Mrs. [NAME] called [PHONE] on [DATE].");
  const Decision& name = why.decisions.front();
  EXPECT_EQ(name.by, name.evidence.front());
  EXPECT_THAT(SentenceOf(name), HasSubstr("Gone (placeholder): a person's name."));
}

TEST_F(ExplainTest, SaysWhatThePolicyKeeps) {
  const Explanation why = Explained("Mrs. Quillfeather was seen on 3/31/2021.", "limited_data_set");
  EXPECT_EQ(Printed(why), "Quillfeather -> [NAME]; 3/31/2021 stays; ");
  EXPECT_EQ(why.decisions[1].verdict, Verdict::kKeptByPolicy);
  EXPECT_THAT(SentenceOf(why.decisions[1]), HasSubstr("the policy keeps this kind, a date more exact than a year"));
}

TEST_F(ExplainTest, DecisionsAreInOrderAndDisjointAndCoverTheOutput) {
  const Explanation why = Explained(
      "Patient: VANTERPOOL, MARISELA\nDOB: 07/19/1948\nMRN: 40-2291-7\nProvider: Hollis Brandvold, MD, St. Brannoc's "
      "Hospital, seen 1.2.13, May came, call 555-0162 or a@b.org");
  std::string rebuilt;
  uint32_t at = 0;
  for (const Decision& one : why.decisions) {
    ASSERT_GE(one.range.begin, at);
    rebuilt += why.text.substr(at, one.range.begin - at);
    rebuilt += one.verdict == Verdict::kGone ? one.replacement : one.original;
    at = one.range.end;
  }
  rebuilt += why.text.substr(at);
  EXPECT_EQ(rebuilt, why.output);
}

TEST_F(ExplainTest, WhatLaboratoriesReportIsNobody) {
  for (const char* text : {"Basic Metabolic Panel", "Lipid Panel was normal. Hepatic Function Panel.",
                           "DiagnosticReport", "MedicationRequest", "Urine Culture", "Thyroid Screen"}) {
    EXPECT_EQ(Printed(Explained(text)), "") << text;
  }
  EXPECT_EQ(Printed(Explained("Tamsin Okonjo had a Lipid Panel.")), "Tamsin Okonjo -> [NAME]; ");
  EXPECT_EQ(Explained("Heartfailure Tracking Panel").output, "[NAME] Panel")
      << "what nobody knows goes, its kind stays";
  EXPECT_EQ(Printed(Explained("seen by RobertSmith and Mary McDonald")),
            "RobertSmith -> [NAME]; Mary McDonald -> [NAME]; ")
      << "names written together are names";
}

TEST_F(ExplainTest, NothingIsLookedForUnderNone) {
  const Explanation why = Explained("Mrs. Quillfeather", "none");
  EXPECT_TRUE(why.decisions.empty());
  EXPECT_EQ(why.output, why.text);
}

TEST_F(ExplainTest, ThePageIsHarmless) {
  const Explanation why = Explained("<script>alert(1)</script> Mrs. Quill<b>feather</b> & \"co\" called 617-555-0100.");
  const std::string page = ExplanationHtml(why, "<note>");
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<note>")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(page, HasSubstr("<ins title=\"PHONE"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

}  // namespace
}  // namespace freshet::deid
