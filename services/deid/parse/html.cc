#include "services/deid/parse/html.h"

#include "services/deid/parse/html_reader.h"
#include "services/deid/parse/source_text.h"

namespace freshet::deid {
namespace {

class Html final : public Parser {
 public:
  Result<ParsedDocument> Parse(std::string_view bytes) const override {
    FRESHET_ASSIGN_OR_RETURN(const std::string text, SourceText(bytes));
    BlockWriter out;
    FRESHET_RETURN_IF_ERROR(ReadHtml(text, out));
    return std::move(out).Finish();
  }
};

}  // namespace

const Parser& HtmlParser() {
  static const Html kParser;
  return kParser;
}

}  // namespace freshet::deid
