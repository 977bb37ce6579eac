#include "services/deid/parse/csv.h"

#include <algorithm>

#include "services/deid/parse/block_writer.h"
#include "services/deid/parse/source_text.h"

namespace freshet::deid {
namespace {

char SeparatorOf(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  char best = ',';
  for (const char one : {';', '\t'}) {
    if (std::count(line.begin(), line.end(), one) > std::count(line.begin(), line.end(), best)) best = one;
  }
  return best;
}

class CsvReader {
 public:
  CsvReader(std::string_view text, BlockWriter& out) : text_(text), separator_(SeparatorOf(text)), out_(out) {}

  Status Read() {
    while (at_ < text_.size() && !out_.full()) {
      out_.Row("line=" + std::to_string(line_));
      FRESHET_RETURN_IF_ERROR(ReadRecord());
    }
    return OkStatus();
  }

 private:
  Status ReadRecord() {
    for (bool more = true; more;) {
      out_.Cell();
      if (at_ < text_.size() && text_[at_] == '"') {
        FRESHET_RETURN_IF_ERROR(ReadQuoted());
      }
      const size_t end = std::min(text_.find_first_of(separator_ == ';'   ? ";\n"
                                                      : separator_ == ',' ? ",\n"
                                                                          : "\t\n",
                                                      at_),
                                  text_.size());
      out_.Text(text_.substr(at_, end - at_));
      more = end < text_.size() && text_[end] == separator_;
      at_ = std::min(end + 1, text_.size());
      if (!more) ++line_;
    }
    return OkStatus();
  }

  Status ReadQuoted() {
    const size_t began = line_;
    for (++at_;;) {
      const size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) {
        return Status(Code::kMalformedDocument, "A quote that is never closed, line " + std::to_string(began) + ".");
      }
      const std::string_view part = text_.substr(at_, quote - at_);
      out_.Text(part);
      line_ += static_cast<size_t>(std::count(part.begin(), part.end(), '\n'));
      at_ = quote + 1;
      if (at_ >= text_.size() || text_[at_] != '"') return OkStatus();
      out_.Text("\"");
      ++at_;
    }
  }

  const std::string_view text_;
  const char separator_;
  BlockWriter& out_;
  size_t at_ = 0;
  size_t line_ = 1;
};

class Csv final : public Parser {
 public:
  Result<ParsedDocument> Parse(std::string_view bytes) const override {
    FRESHET_ASSIGN_OR_RETURN(const std::string text, SourceText(bytes));
    BlockWriter out;
    FRESHET_RETURN_IF_ERROR(CsvReader(text, out).Read());
    return std::move(out).Finish();
  }
};

}  // namespace

const Parser& CsvParser() {
  static const Csv kParser;
  return kParser;
}

}  // namespace freshet::deid
