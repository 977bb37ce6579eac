#include "services/deid/parse/parser.h"

#include <algorithm>

#include "services/deid/parse/ccda.h"
#include "services/deid/parse/csv.h"
#include "services/deid/parse/docx.h"
#include "services/deid/parse/fhir.h"
#include "services/deid/parse/hl7.h"
#include "services/deid/parse/html.h"
#include "services/deid/parse/mail.h"
#include "services/deid/parse/markdown.h"
#include "services/deid/parse/pdf.h"
#include "services/deid/parse/plain_text.h"
#include "services/deid/parse/rtf.h"
#include "services/deid/parse/source_text.h"

namespace freshet::deid {
namespace {

constexpr ParserRow kParsers[] = {
    {"text/plain", &PlainTextParser},
    {"text/markdown", &MarkdownParser},
    {"text/x-markdown", &MarkdownParser},
    {"text/html", &HtmlParser},
    {"application/xhtml+xml", &HtmlParser},
    {"text/csv", &CsvParser},
    {"text/tab-separated-values", &CsvParser},
    {"application/cda+xml", &CcdaParser},
    {"application/hl7-cda+xml", &CcdaParser},
    {"application/fhir+json", &FhirParser},
    {"application/pdf", &PdfParser},
    {"application/rtf", &RtfParser},
    {"text/rtf", &RtfParser},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", &DocxParser},
    {"message/rfc822", &MailParser},
    {"application/hl7-v2", &Hl7Parser},
};

}  // namespace

std::span<const ParserRow> AllParsers() { return kParsers; }

std::string MediaTypeOf(std::string_view media_type) {
  std::string name(Trimmed(media_type.substr(0, media_type.find(';'))));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return name;
}

const Parser* FindParser(std::string_view media_type) {
  const std::string name = MediaTypeOf(media_type);
  const auto row = std::find_if(std::begin(kParsers), std::end(kParsers),
                                [&](const ParserRow& one) { return one.media_type == name; });
  return row == std::end(kParsers) ? nullptr : &row->parser();
}

Result<ParsedDocument> Parse(std::string_view media_type, std::string_view bytes) {
  const Parser* parser = FindParser(media_type);
  if (parser == nullptr) return Status(Code::kUnsupportedMediaType, "No parser reads this media type.");
  return parser->Parse(bytes);
}

}  // namespace freshet::deid
