#include "services/deid/parse/mail.h"

#include <gmock/gmock.h>

#include <random>

#include "services/deid/parse/test_print.h"

namespace freshet::deid {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kType[] = "message/rfc822";
constexpr char kMultipart[] =
    "Subject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\nFrom: Ada <ada@example.org>\r\nTo: Bob <bob@example.org>\r\n"
    "Date: Thu, 29 Feb 2024 12:34:56 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\nplain\r\n"
    "--c\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "<h1>Caf=E9</h1>\r\n--c--\r\n"
    "--b\r\nContent-Type: text/csv; name=\"quillfeather.csv\"\r\nContent-Disposition: attachment; "
    "filename=\"quillfeather.csv\"\r\nContent-Transfer-Encoding: base64\r\n\r\nYSxiCg==\r\n"
    "--b\r\nContent-Type: image/png\r\n\r\nQuillfeather\r\n--b--\r\n";

TEST(Mail, HeadersBodyAndAttachments) {
  const auto parsed = Parse(kType, kMultipart);
  EXPECT_EQ(parsed->title, "Größe");
  EXPECT_EQ(Printed(parsed),
            "P part=1 |Subject: Größe|\nP part=1 |From: Ada <ada@example.org>|\nP part=1 |To: Bob <bob@example.org>|\n"
            "P part=1 |Date: 2024-02-29 12:34|\nH1 part=1.1.2 line=1 |Café|\nR part=1.2 line=1 |a | b|\n");
}

TEST(Mail, NamesOfFilesAreNoText) { EXPECT_THAT(Printed(Parse(kType, kMultipart)), Not(HasSubstr("uillfeather"))); }

TEST(Mail, AMessageWithoutMimeIsItsText) {
  EXPECT_EQ(Printed(Parse(kType, "Subject: Plan\n\nRest.\n\nFluids.\n")),
            "P part=1 |Subject: Plan|\nP part=1 line=1 |Rest.|\nP part=1 line=3 |Fluids.|\n");
}

TEST(Mail, AForwardedMessageIsPartOfIt) {
  EXPECT_EQ(Printed(Parse(kType, "Subject: Fwd\nContent-Type: message/rfc822\n\nSubject: Inner\n\nRest.\n")),
            "P part=1 |Subject: Fwd|\nP part=1.1 |Subject: Inner|\nP part=1.1 line=1 |Rest.|\n");
}

TEST(Mail, RefusesByCode) {
  EXPECT_EQ(Parse(kType, "").code(), Code::kMalformedDocument);
  EXPECT_EQ(Parse(kType, "Subject: x\nContent-Type: text/csv\n\n\"a").code(), Code::kMalformedDocument);
  std::string deep = "Subject: x\n";
  for (int i = 0; i < 5000; ++i) deep += "Content-Type: message/rfc822\n\n";
  EXPECT_EQ(Parse(kType, deep).code(), Code::kMalformedDocument);
}

TEST(Mail, DamageCrashesNothing) {
  std::mt19937_64 random(17);
  for (int i = 0; i < 1000; ++i) {
    std::string damaged = kMultipart;
    for (int hits = 0; hits < 5; ++hits) damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto parsed = Parse(kType, damaged);
    EXPECT_EQ(parsed.ok() ? UncoveredText(*parsed) : "", "");
  }
}

}  // namespace
}  // namespace freshet::deid
