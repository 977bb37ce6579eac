// Each parser on what nobody would write: the files of fuzz/, as they are, cut, spliced, with bytes changed and with
// what its format is made of put where it does not belong; and on long texts of one thing. A failure prints its seed,
// which makes the same input again. FRESHET_PARSE_FUZZ=N takes N inputs a parser in place of the usual few,
// FRESHET_FUZZ_SECONDS=S as many as there is time for, FRESHET_FUZZ_FROM=F begins at seed F, FRESHET_HOSTILE_MB=M makes
// the long texts so long.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "schemas/codec.h"
#include "services/deid/parse/test_print.h"
#include "services/deid/parse/zip_test_util.h"

namespace freshet::deid {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCorpus = "services/deid/parse/fuzz";
constexpr char kDocx[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

// A parser, the ending of its files, and what its format is made of, between spaces.
struct Format {
  const char* name;
  const char* media_type;
  const char* ending;
  const char* tokens;
  const char* frame = "%";  // of long texts: '%' is where they go
};

constexpr Format kFormats[] = {
    {"Text", "text/plain", ".txt", "- * 1. : HEADING: \t | \u2028 \v \f"},
    {"Markdown", "text/markdown", ".md",
     "# ** _ ~~ ` ``` > - 1. | [x]( ![ ]( <b> &amp; *** --- ::: ~~~ \\ http:// www. a@b.c"},
    {"Html", "text/html", ".html",
     "<p> </p> <table> <tr> <td colspan=99999> </table> <script> </script> <!-- --> <![CDATA[ ]]> &#0; &#x110000; &amp "
     "&lt; "
     "<style> <svg> <math> <plaintext> <textarea> <br/> <li> <h1> </h6> <select> <template> <base href= \" ' = /> < >",
     "<p>%</p>"},
    {"Csv", "text/csv", ".csv", "\" \"\" , ; \t \r\n \n \r ,,,,"},
    {"Tsv", "text/tab-separated-values", ".tsv", "\t \" \"\" \r\n \n \t\t\t"},
    {"Ccda", "application/cda+xml", ".cda",
     "<text> </text> <section> </section> <table> <td> <list> <item> <content> <br/> <![CDATA[ ]]> <!DOCTYPE <!ENTITY "
     "&lt; &#0; "
     "&unknown; xmlns:x= <?pi ?> <!-- --> /> < > \" ' <component>",
     "<ClinicalDocument "
     "xmlns=\"urn:hl7-org:v3\"><component><structuredBody><component><section><text>%</text></section>"
     "</component></structuredBody></component></ClinicalDocument>"},
    {"Fhir", "application/fhir+json", ".fhir",
     "{ } [ ] \" : , null true -1e999 \\u0000 \\ud800 \\u00e9 \"div\" \"text\" \"section\" \"resource\" \"data\" "
     "\"contentType\" "
     "\"contained\" \"note\" \"valueQuantity\" \"div\":\"<p>\" 9e9 \"resourceType\":\"Bundle\"",
     "{\"resourceType\":\"Observation\",\"note\":[{\"text\":\"%\"}]}"},
    {"Rtf", "application/rtf", ".rtf",
     "{ } \\ \\par \\cell \\row \\trowd \\intbl \\'e9 \\' \\u-10179 \\u99999 \\uc0 \\uc9999 \\bin5 \\bin99999999 \\*\\ "
     "\\fcharset204 \\f1 "
     "\\ansicpg1251 \\v \\deleted {\\fonttbl \\outlinelevel9 \\pict \\field \\~ \\_",
     "{\\rtf1 %}"},
    {"Hl7", "application/hl7-v2", ".hl7",
     "| ^ ~ \\ & \r \n MSH| OBX|1|TX|N|| OBX|1|ED|D||^TEXT^html^Base64^ NTE|1|| \\.br\\ \\H\\ \\X0D\\ \\XZZ\\ \\F\\ "
     "\\E\\ \"\" FHS| BHS| "
     "MSH|||||| MSH^~\\&|",
     "MSH|^~\\&|A|B|C|D|20240229||ORU^R01|1|P|2.5\rOBX|1|TX|N^Note||%\r"},
    {"Mail", "message/rfc822", ".eml",
     "\r\n\r\n --b --b-- --c Content-Type:multipart/mixed;boundary=b Content-Type:message/rfc822 "
     "Content-Transfer-Encoding:base64 "
     "=?utf-8?q?=FF?= =?x?b?AA==?= = =20 =\r\n Subject: From: charset=utf-7 charset=x name*0*= ; \"",
     "Subject: long\r\nContent-Type: text/plain\r\n\r\n%"},
    {"Pdf", "application/pdf", ".pdf",
     "obj endobj stream endstream << >> [ ] ( ) /Length /Kids /Count /Parent 2 0 R /Filter/FlateDecode BT ET Tj Tf "
     "xref trailer "
     "startxref %%EOF -1 99999999999 /Encrypt",
     "%PDF-1.4\n%"},
    {"Docx", kDocx, ".docx.xml",
     "<w:p> </w:p> <w:t> </w:t> <w:tbl> <w:tr> <w:tc> <w:del> <w:ins> <w:br/> <w:numPr/> &lt; &#0; <![CDATA[ ]]> "
     "<!DOCTYPE <w:sdt> "
     "w:val= <mc:AlternateContent> <mc:Fallback>",
     "<w:document xmlns:w=\"x\"><w:body><w:p><w:r><w:t>%</w:t></w:r></w:p></w:body></w:document>"},
};

std::ostream& operator<<(std::ostream& out, const Format& format) { return out << format.name; }

bool IsDocx(const Format& format) { return std::string_view(format.media_type) == kDocx; }

uint64_t NumberIn(const char* variable, uint64_t otherwise) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

// DOCX is fuzzed within its archive, and the archive too.
std::string Packed(const Format& format, std::string text) {
  return IsDocx(format) ? ZipOf({{"word/document.xml", text}}) : text;
}

std::vector<std::string> Corpus(const Format& format) {
  std::vector<std::string> texts;
  for (const auto& entry : fs::directory_iterator(kCorpus)) {
    if (!entry.path().filename().string().ends_with(format.ending)) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return texts;
}

std::vector<std::string> TokensOf(const Format& format) {
  std::vector<std::string> tokens;
  std::string_view rest = format.tokens;
  for (size_t space = rest.find(' '); !rest.empty(); space = rest.find(' ')) {
    tokens.emplace_back(rest.substr(0, space));
    rest.remove_prefix(space == rest.npos ? rest.size() : space + 1);
  }
  return tokens;
}

void Change(std::string& text, const std::string& other, const std::vector<std::string>& tokens, std::mt19937& random) {
  const size_t at = random() % (text.size() + 1);
  switch (random() % 7) {
    case 0:
      text.insert(at, tokens[random() % tokens.size()]);
      break;
    case 1:
      text.erase(at, random() % 24);
      break;
    case 2:
      if (at < text.size()) text[at] = static_cast<char>(random());
      break;
    case 3:
      if (at < text.size()) text[at] ^= static_cast<char>(1 << random() % 8);
      break;
    case 4:
      text.insert(at, other, random() % (other.size() + 1), random() % 120);
      break;
    case 5: {  // one thing many times: nesting, repetition
      const std::string& token = tokens[random() % tokens.size()];
      std::string many;
      for (size_t i = random() % 700; i > 0; --i) many += token;
      text.insert(at, many);
      break;
    }
    default:
      text.insert(at, text.substr(at / 2, random() % 60));
  }
}

class ParseFuzz : public testing::TestWithParam<Format> {
 protected:
  std::string Input(const std::vector<std::string>& corpus, const std::vector<std::string>& tokens,
                    std::mt19937& random) const {
    std::string text = corpus[random() % corpus.size()];
    const bool in_archive = IsDocx(GetParam()) && random() % 3 == 0;
    if (in_archive) text = Packed(GetParam(), text);
    for (size_t changes = 1 + random() % 10; changes > 0; --changes) {
      Change(text, corpus[random() % corpus.size()], tokens, random);
    }
    if (text.size() > 1 << 16) text.resize(1 << 16);
    return in_archive ? text : Packed(GetParam(), std::move(text));
  }

  // What parser.h promises, and the same each time.
  void Check(const std::string& bytes) {
    const Result<ParsedDocument> parsed = Parse(GetParam().media_type, bytes);
    if (parsed.ok()) {
      EXPECT_EQ(UncoveredText(*parsed), "");
      EXPECT_EQ(parsed->text.find('\r'), std::string::npos);
      EXPECT_TRUE(IsValidUtf8(parsed->title));
      EXPECT_FALSE(parsed->blocks.empty());
      EXPECT_LE(parsed->text.size(), kMaxTextBytes);
    } else {
      EXPECT_EQ(DispositionOf(parsed.code()), Disposition::kSkip) << parsed.status().ToString();
    }
    EXPECT_EQ(Printed(Parse(GetParam().media_type, bytes)), Printed(parsed));
  }
};

TEST_P(ParseFuzz, AnythingIsReadOrRefusedByCode) {
  const std::vector<std::string> corpus = Corpus(GetParam());
  ASSERT_FALSE(corpus.empty()) << "run from the project's root";
  const std::vector<std::string> tokens = TokensOf(GetParam());
  for (const std::string& text : corpus) {
    EXPECT_TRUE(Parse(GetParam().media_type, Packed(GetParam(), text)).ok()) << "the corpus itself is well-formed";
  }
  const uint64_t from = NumberIn("FRESHET_FUZZ_FROM", 0);
  const uint64_t inputs = NumberIn("FRESHET_PARSE_FUZZ", 150);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(NumberIn("FRESHET_FUZZ_SECONDS", 0));
  uint64_t seed = from;
  for (; (seed < from + inputs || std::chrono::steady_clock::now() < end) && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(static_cast<uint32_t>(seed));
    const std::clock_t begin = std::clock();
    Check(Input(corpus, tokens, random));
    EXPECT_LT(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, 20) << "of at most 64 KiB";
  }
  std::printf("%llu inputs\n", static_cast<unsigned long long>(seed - from));
}

// Forty times the text may take three times forty times as long. CPU time: others may keep the machine busy.
TEST_P(ParseFuzz, LongTextsOfOneThingTakeLinearTime) {
  const std::string frame = GetParam().frame;
  const size_t hole = frame.rfind('%');
  const auto seconds_for = [&](std::string_view piece, size_t bytes) {
    std::string text = frame.substr(0, hole);
    while (text.size() < bytes) text += piece;
    const std::string packed = Packed(GetParam(), text + frame.substr(hole + 1));
    const std::clock_t begin = std::clock();
    const auto parsed = Parse(GetParam().media_type, packed);
    EXPECT_TRUE(parsed.ok() || DispositionOf(parsed.code()) == Disposition::kSkip) << parsed.status().ToString();
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  };
  const size_t large_bytes = NumberIn("FRESHET_HOSTILE_MB", 1) << 20;
  std::vector<std::string> pieces = TokensOf(GetParam());
  if (large_bytes <= 1 << 20) pieces.resize(std::min<size_t>(pieces.size(), 4));
  pieces.insert(pieces.begin(), {"4711 ", "1", "<", "a", "\u200b", "&", "\n", "(", "\""});
  for (const std::string& piece : pieces) {
    seconds_for(piece, 1 << 14);
    const double small = seconds_for(piece, large_bytes / 40);
    EXPECT_LT(seconds_for(piece, large_bytes), 40 * 3 * small + 0.5) << "piece '" << piece << "'";
  }
}

INSTANTIATE_TEST_SUITE_P(All, ParseFuzz, testing::ValuesIn(kFormats),
                         [](const testing::TestParamInfo<Format>& info) { return std::string(info.param.name); });

TEST(ParseFuzzTable, HasEveryParser) {
  for (const ParserRow& row : AllParsers()) {
    const bool known = std::any_of(std::begin(kFormats), std::end(kFormats), [&](const Format& format) {
      return FindParser(format.media_type) == &row.parser();
    });
    EXPECT_TRUE(known) << row.media_type;
  }
}

}  // namespace
}  // namespace freshet::deid
