#include "services/deid/surrogates.h"

#include <gtest/gtest.h>

#include <set>

#include "services/deid/cleaner.h"
#include "services/deid/parse/parser.h"
#include "services/deid/place_words.h"
#include "services/deid/policy_file.h"
#include "services/deid/verify.h"

namespace freshet::deid {
namespace {

using enum IdentifierType;

class SurrogatesTest : public testing::Test {
 protected:
  std::string For(IdentifierType type, std::string_view original) { return Surrogates(keys_).For(type, original); }

  KeyRing keys_ = *KeyRing::Parse("k1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
};

TEST_F(SurrogatesTest, AWordHasOneSurrogateHoweverItIsWritten) {
  const std::string whole = For(kName, "Jennifer Quillfeather");
  const size_t space = whole.find(' ');
  ASSERT_NE(space, std::string::npos);
  const std::string first = whole.substr(0, space), last = whole.substr(space + 1);
  EXPECT_EQ(For(kName, "Quillfeather"), last);
  EXPECT_EQ(For(kName, "Mrs. Quillfeather"), "Mrs. " + last);
  EXPECT_EQ(For(kStaffName, "Quillfeather, Jennifer"), last + ", " + first);
  EXPECT_EQ(Lower(For(kName, "QUILLFEATHER")), Lower(last));
  EXPECT_EQ(For(kName, "qu\u00EFllfeather"), Lower(last)) << "diacritics do not make another name";
  EXPECT_EQ(For(kName, "QUILLFEATHER").find_first_of("abcdefghijklmnopqrstuvwxyz"), std::string::npos);
}

TEST_F(SurrogatesTest, KeepsFormAndLeadsNowhere) {
  const std::string phone = For(kPhone, "(617) 555-2671");
  EXPECT_EQ(phone.size(), 14u);
  EXPECT_EQ(phone.substr(5, 7), " 555-01") << phone;
  EXPECT_EQ(For(kPhone, "617.555.2671").substr(4, 4), "555.");
  const std::string mrn = For(kMrn, "MRN-0047-11");
  EXPECT_EQ(mrn.size(), 11u);
  EXPECT_EQ(mrn[3], '-');
  EXPECT_TRUE(IsDigit(mrn[4]) && IsUpper(mrn[0])) << mrn;
  EXPECT_TRUE(For(kEmail, "ada@clinic.com").ends_with("@example.org"));
  EXPECT_TRUE(For(kIp, "10.1.2.3").starts_with("192.0.2."));
  EXPECT_TRUE(For(kIp, "fe80::1").starts_with("2001:db8::"));
  EXPECT_TRUE(For(kUrl, "http://a.b/c").starts_with("https://example.org/"));
  EXPECT_TRUE(For(kAddress, "12 Elm Street").ends_with(" Street"));
  EXPECT_TRUE(For(kFacility, "St. Brannoc's Hospital").ends_with(" Hospital"));
  EXPECT_EQ(For(kSsn, "123-45-6789"), "");
}

TEST_F(SurrogatesTest, NoDigitsOfATelephoneStayButItsCountry) {
  EXPECT_TRUE(For(kPhone, "+44 20 7946 0958").starts_with("+44 "));
  EXPECT_TRUE(For(kPhone, "1-617-555-2671").starts_with("1-"));
  // Other numbers stand beside it, so that its own are not the last ten.
  for (const std::string beside : {"617 555 2671 268 19 4111-1111-1111-11", "617 555 2671 268", "2 617 555 2671 19"}) {
    for (const char* known : {"617 555", "555 2671", "2671"}) {
      EXPECT_EQ(For(kPhone, beside).find(known), std::string::npos) << For(kPhone, beside);
    }
    EXPECT_EQ(For(kPhone, beside).size(), beside.size());
  }
}

TEST_F(SurrogatesTest, IsNeverTheOriginal) {
  for (int i = 0; i < 3000; ++i) {
    const std::string number = std::to_string(i);
    EXPECT_NE(For(kMrn, number), number);
    const std::string phone = "20255501" + std::to_string(10 + i % 90);
    EXPECT_NE(For(kPhone, phone), phone);
  }
  for (char letter = 'A'; letter <= 'Z'; ++letter)
    EXPECT_NE(For(kName, std::string(1, letter)), std::string(1, letter));
}

TEST_F(SurrogatesTest, AnotherKeyAnotherName) {
  const KeyRing other = *KeyRing::Parse(KeyRing::NewKeyLine());
  int same = 0;
  std::set<std::string> seen;
  for (int i = 0; i < 300; ++i) {
    const std::string name =
        "Qui" + std::string(1, static_cast<char>('a' + i % 26)) + "l" + std::string(1, static_cast<char>('a' + i / 26));
    same += Surrogates(other).For(kName, name) == For(kName, name);
    seen.insert(For(kName, name));
  }
  EXPECT_LT(same, 5);
  EXPECT_GT(seen.size(), 270u);
}

constexpr std::string_view kResearch =
    "name: research\nversion: 1\ndefault: {action: surrogate}\n"
    "identifiers: {date: {action: shift}, zip: {action: generalise}, age: {action: generalise}}\n";

class ResearchTest : public SurrogatesTest {
 protected:
  std::string Clean(std::string_view text, const ReplaceKeys& keys) {
    auto cleaner = Cleaner::Make();
    const ParsedDocument parsed = *Parse("text/plain", text);
    const auto clean = (*cleaner)->CleanText(parsed.text, parsed.blocks, {policy_, {}, keys});
    return clean.ok() ? clean->text : std::string(NameOf(clean.code()));
  }
  Policy policy_ = *ParsePolicy(kResearch, "research.yaml");
};

TEST_F(ResearchTest, ATextStaysReadable) {
  const std::string text =
      "Mrs. Quillfeather, 93 years old, of Manchester, NH 03101, was seen on 3/31/2021 and again on 4/7/2021. "
      "Call (617) 555-2671. SSN 123-45-6789.";
  const std::string clean = Clean(text, {.keys = &keys_, .patient = "p1"});
  for (const char* gone : {"Quillfeather", "93", "03101", "3/31/2021", "555-2671", "123-45"}) {
    EXPECT_EQ(clean.find(gone), std::string::npos) << gone << " in " << clean;
  }
  for (const char* there : {"Mrs. ", "90+ years old", "031", "[SSN]", "555-01", "was seen on"}) {
    EXPECT_NE(clean.find(there), std::string::npos) << there << " in " << clean;
  }
  EXPECT_EQ(Clean(text, {.keys = &keys_, .patient = "p1"}), clean);
  EXPECT_NE(Clean(text, {.keys = &keys_, .patient = "p2"}), clean) << "another patient's days";
}

TEST_F(ResearchTest, WithoutAKeyOrAPatientThereArePlaceholders) {
  EXPECT_EQ(Clean("Mrs. Quillfeather, seen 3/31/2021.", {}), "Mrs. [NAME], seen [DATE].");
  const std::string clean = Clean("Mrs. Quillfeather, seen 3/31/2021.", {.keys = &keys_});
  EXPECT_NE(clean.find("[DATE]"), std::string::npos);
  EXPECT_EQ(clean.find("[NAME]"), std::string::npos);
}

TEST(GeneralisedZipTest, FewPeopleAreZeros) {
  EXPECT_EQ(GeneralisedZip("03101"), "031");
  EXPECT_EQ(GeneralisedZip("03101-1234"), "031");
  EXPECT_EQ(GeneralisedZip("03601"), "000");
  EXPECT_EQ(GeneralisedZip("87901"), "000");
  for (const char* odd : {"", "0310", "031011", "SW1A 1AA", "03101-12"}) EXPECT_EQ(GeneralisedZip(odd), std::nullopt);
}

}  // namespace
}  // namespace freshet::deid
