#include "services/deid/parse/pdf.h"

#include <gmock/gmock.h>

#include <random>

#include "services/deid/parse/test_print.h"

namespace freshet::deid {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A PDF of one page for each text, by the rules of ISO 32000-1, 7.5.
std::string PdfOf(const std::vector<std::string>& pages, const std::string& title = "") {
  std::vector<std::string> objects = {"<</Type/Catalog/Pages 2 0 R>>", "",
                                      "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", "<</Title(" + title + ")>>"};
  std::string kids;
  for (const std::string& text : pages) {
    const std::string stream = "BT /F1 12 Tf 72 720 Td (" + text + ") Tj ET";
    kids += std::to_string(objects.size() + 1) + " 0 R ";
    objects.push_back("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents " +
                      std::to_string(objects.size() + 2) + " 0 R>>");
    objects.push_back("<</Length " + std::to_string(stream.size()) + ">>stream\n" + stream + "\nendstream");
  }
  objects[1] = "<</Type/Pages/Count " + std::to_string(pages.size()) + "/Kids[" + kids + "]>>";
  std::string pdf = "%PDF-1.4\n", table;
  for (size_t i = 0; i < objects.size(); ++i) {
    char row[32];
    std::snprintf(row, sizeof(row), "%010zu 00000 n \n", pdf.size());
    table += row;
    pdf += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const size_t at = pdf.size();
  const std::string size = std::to_string(objects.size() + 1);
  return pdf + "xref\n0 " + size + "\n0000000000 65535 f \n" + table + "trailer<</Root 1 0 R/Info 4 0 R/Size " + size +
         ">>\nstartxref\n" + std::to_string(at) + "\n%%EOF\n";
}

TEST(Pdf, EachPagesTextHasItsPage) {
  const auto parsed = Parse("application/pdf", PdfOf({"Plan of care", "", "Rest and fluids."}, "Discharge"));
  EXPECT_EQ(Printed(parsed), "P page=1 line=1 |Plan of care|\nP page=3 line=1 |Rest and fluids.|\n");
  EXPECT_EQ(parsed->title, "Discharge");
  EXPECT_EQ(UncoveredText(*parsed), "");
}

TEST(Pdf, RefusesByCodeAndQuotesNothing) {
  for (const char* const wrong : {"Quillfeather", "%PDF-1.4\nQuillfeather", ""}) {
    const auto parsed = Parse("application/pdf", wrong);
    EXPECT_TRUE(parsed.code() == Code::kMalformedDocument || parsed.code() == Code::kEmptyDocument) << wrong;
    EXPECT_THAT(parsed.status().ToString(), Not(HasSubstr("Quillfeather")));
  }
  testing::internal::CaptureStderr();
  (void)Parse("application/pdf", "%PDF-1.4\n1 0 obj <</Quillfeather (");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(Parse("application/pdf", PdfOf({""})).code(), Code::kEmptyDocument);
}

TEST(Pdf, DamageCrashesNothing) {
  std::mt19937_64 random(11);
  const std::string whole = PdfOf({"Plan of care", "Rest"});
  for (int i = 0; i < 300; ++i) {
    std::string damaged = whole;
    for (int hits = 0; hits < 4; ++hits) damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto parsed = Parse("application/pdf", damaged);
    EXPECT_EQ(parsed.ok() ? UncoveredText(*parsed) : "", "");
  }
}

}  // namespace
}  // namespace freshet::deid
