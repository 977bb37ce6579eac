#include "services/deid/parse/pdf.h"

#include <poppler-document.h>
#include <poppler-global.h>
#include <poppler-page.h>

#include <memory>

#include "common/base/utf8.h"
#include "services/deid/parse/block_writer.h"
#include "services/deid/parse/plain_text.h"
#include "services/deid/parse/source_text.h"

namespace freshet::deid {
namespace {

// What poppler says of a file may quote it.
void SayNothing(const std::string&, void*) {}

std::string Utf8Of(const poppler::ustring& text) {
  const poppler::byte_array bytes = text.to_utf8();
  std::string out(bytes.begin(), bytes.end());
  std::erase(out, '\0');
  return IsValidUtf8(out) ? out : std::string();
}

Status ReadPage(const poppler::document& document, int number, BlockWriter& out) {
  const std::unique_ptr<poppler::page> page(document.create_page(number));
  if (page == nullptr) return OkStatus();  // a page that cannot be read has no text
  std::string text = Utf8Of(page->text(poppler::rectf(), poppler::page::physical_layout));
  // A form feed ends a page; it is no text.
  std::replace(text.begin(), text.end(), '\f', '\n');
  if (Trimmed(text).empty()) return OkStatus();
  Result<ParsedDocument> parsed = ParsePlainText(std::move(text));
  if (parsed.code() == Code::kEmptyDocument) return OkStatus();
  FRESHET_RETURN_IF_ERROR(parsed.status());
  out.Append(*parsed, "page=" + std::to_string(number + 1));
  return OkStatus();
}

class Pdf final : public Parser {
 public:
  Pdf() { poppler::set_debug_error_function(&SayNothing, nullptr); }

  Result<ParsedDocument> Parse(std::string_view bytes) const override {
    if (bytes.size() > kMostSourceBytes)
      return Status(Code::kDocumentTooLarge, std::to_string(bytes.size()) + " bytes.");
    const std::unique_ptr<poppler::document> document(
        poppler::document::load_from_raw_data(bytes.data(), static_cast<int>(bytes.size())));
    if (document == nullptr) return Status(Code::kMalformedDocument, "No PDF.");
    if (document->is_locked()) return Status(Code::kMalformedDocument, "A PDF that wants a password.");
    if (document->pages() > kMostPages)
      return Status(Code::kDocumentTooLarge, std::to_string(document->pages()) + " pages.");
    BlockWriter out;
    out.set_title(std::string(Trimmed(Utf8Of(document->get_title()))));
    for (int i = 0; i < document->pages() && !out.full(); ++i) FRESHET_RETURN_IF_ERROR(ReadPage(*document, i, out));
    return std::move(out).Finish();
  }
};

}  // namespace

const Parser& PdfParser() {
  static const Pdf kParser;
  return kParser;
}

}  // namespace freshet::deid
