#include "services/deid/parse/rtf.h"

#include <algorithm>
#include <optional>

#include "common/base/utf8.h"
#include "services/deid/parse/block_writer.h"
#include "services/deid/parse/code_page.h"
#include "services/deid/parse/source_text.h"

namespace freshet::deid {
namespace {

constexpr size_t kMostGroups = 512;  // within one another

// Destinations that are not the document's text.
constexpr std::string_view kHidden[] = {"annotation", "author",     "colortbl", "comment",   "company",  "doccomm",
                                        "fldinst",    "fonttbl",    "footer",   "footerf",   "footerl",  "footerr",
                                        "generator",  "header",     "headerf",  "headerl",   "headerr",  "info",
                                        "keywords",   "listtable",  "manager",  "object",    "operator", "pict",
                                        "revtbl",     "stylesheet", "subject",  "themedata", "xmlnstbl"};

struct NamedCharacter {
  std::string_view name;
  std::string_view text;
};
constexpr NamedCharacter kCharacters[] = {{"tab", " "},     {"emdash", "—"}, {"endash", "–"},    {"bullet", "•"},
                                          {"lquote", "‘"},  {"rquote", "’"}, {"ldblquote", "“"}, {"rdblquote", "”"},
                                          {"emspace", " "}, {"enspace", " "}};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexOf(char c) {
  if (IsDigit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

class RtfReader {
 public:
  RtfReader(std::string_view rtf, BlockWriter& out) : rtf_(rtf), out_(out) {}

  Status Read() {
    while (at_ < rtf_.size() && !out_.full()) {
      const char c = rtf_[at_++];
      if (c == '{') {
        Flush();
        groups_.push_back(group_);
        if (groups_.size() > kMostGroups) return Status(Code::kMalformedDocument, "Groups nest too deep.");
      } else if (c == '}') {
        Flush();
        if (groups_.empty()) break;  // what follows the document is not of it
        group_ = groups_.back();
        groups_.pop_back();
        if (groups_.empty()) return OkStatus();
      } else if (c == '\\') {
        Control();
      } else if (c != '\r' && c != '\n') {
        Byte(c);
      }
    }
    return out_.full() ? OkStatus() : Status(Code::kMalformedDocument, "A group that is never closed.");
  }

 private:
  struct Group {
    bool hidden = false;  // a destination that is no text
    bool unseen = false;  // hidden or deleted characters
    bool title = false;   // of the properties
    size_t fallback = 1;  // bytes that stand for a Unicode character where it cannot be shown
  };

  void Control() {
    if (at_ >= rtf_.size()) return;
    const char c = rtf_[at_];
    if (IsLetter(c)) return Word();
    ++at_;
    if (c == '\'' && at_ + 1 < rtf_.size() && HexOf(rtf_[at_]) >= 0 && HexOf(rtf_[at_ + 1]) >= 0) {
      Byte(static_cast<char>(HexOf(rtf_[at_]) * 16 + HexOf(rtf_[at_ + 1])));
      at_ += 2;
    } else if (c == '\\' || c == '{' || c == '}') {
      Byte(c);
    } else if (c == '*') {
      Flush();
      group_.hidden = true;
    } else if (c == '~') {
      Characters(" ");
    } else if (c == '_') {
      Characters("-");
    } else if (c == '\n' || c == '\r') {
      Paragraph();
    }
  }

  void Word() {
    const size_t from = at_;
    while (at_ < rtf_.size() && IsLetter(rtf_[at_])) ++at_;
    const std::string_view word = rtf_.substr(from, at_ - from);
    const bool negative = at_ + 1 < rtf_.size() && rtf_[at_] == '-' && IsDigit(rtf_[at_ + 1]);
    at_ += negative;
    std::optional<int> number;
    for (; at_ < rtf_.size() && IsDigit(rtf_[at_]); ++at_) {
      number = std::min(number.value_or(0), 100'000'000) * 10 + (rtf_[at_] - '0');
    }
    if (at_ < rtf_.size() && rtf_[at_] == ' ') ++at_;
    Flush();
    Obey(word, number ? std::optional(negative ? -*number : *number) : std::nullopt);
  }

  void Obey(std::string_view word, std::optional<int> number) {
    if (word == "u") return Unicode(number.value_or(0));
    if (word == "bin") {
      at_ += std::min(rtf_.size() - at_, static_cast<size_t>(std::max(0, number.value_or(0))));
    } else if (word == "uc") {
      group_.fallback = static_cast<size_t>(std::clamp(number.value_or(1), 0, 16));
    } else if (word == "ansicpg") {
      page_ = number.value_or(page_);
    } else if (word == "v" || word == "deleted") {
      group_.unseen = number.value_or(1) != 0;
    } else if (word == "plain") {
      group_.unseen = false;
    } else if (word == "title") {
      group_.title = group_.hidden;
    } else if (std::find(std::begin(kHidden), std::end(kHidden), word) != std::end(kHidden)) {
      group_.hidden = true;
    } else if (!group_.hidden) {
      Layout(word, number);
    }
  }

  void Layout(std::string_view word, std::optional<int> number) {
    for (const NamedCharacter& one : kCharacters) {
      if (one.name == word) return Characters(one.text);
    }
    if (word == "par" || word == "sect" || word == "page") {
      Paragraph();
    } else if (word == "line") {
      out_.LineBreak();
    } else if (word == "pard") {
      level_ = 0;
    } else if (word == "outlinelevel") {
      level_ = static_cast<uint32_t>(std::clamp(number.value_or(0), 0, 8)) + 1;
    } else if (word == "trowd" && !in_row_) {
      in_row_ = true;
      cells_ = 1;
      out_.Row(Place());
    } else if (word == "cell" || word == "nestcell") {
      ++cells_;
    } else if (word == "row") {
      in_row_ = false;
      ++paragraph_;
      out_.Break();
    }
  }

  void Paragraph() {
    Flush();
    if (group_.hidden) return;
    if (in_row_) return out_.LineBreak();
    out_.Break();
    ++paragraph_;
    open_ = false;
  }

  // Then come the bytes that stand for it elsewhere.
  void Unicode(int number) {
    const auto unit = static_cast<uint16_t>(number);
    if (unit >= 0xD800 && unit < 0xDC00) {
      high_ = unit;
    } else {
      const bool pair = high_ != 0 && unit >= 0xDC00 && unit < 0xE000;
      std::string text;
      AppendCodePoint(text, pair ? 0x10000 + ((char32_t{high_} - 0xD800) << 10) + (unit - 0xDC00) : unit);
      high_ = 0;
      if (unit != 0) Characters(text);
    }
    skip_ = group_.fallback;
  }

  void Byte(char c) {
    if (skip_ > 0) {
      --skip_;
    } else if (c != '\0') {
      bytes_ += c;
    }
  }

  void Flush() {
    skip_ = 0;
    if (bytes_.empty()) return;
    const std::string bytes = std::exchange(bytes_, {});
    Characters(CodePageText(page_, bytes));
  }

  void Characters(std::string_view text) {
    if (!bytes_.empty()) Flush();
    if (group_.title) title_ += text;
    if (group_.title && title_.size() < 1024) out_.set_title(std::string(Trimmed(title_)));
    if (group_.hidden || group_.unseen) return;
    for (; in_row_ && cells_ > 0; --cells_) out_.Cell();
    if (!open_ && !in_row_ && !Trimmed(text).empty()) {
      open_ = true;
      out_.Open(level_ > 0 ? Block::Kind::kHeading : Block::Kind::kParagraph, level_, Place());
    }
    out_.Text(text);
  }

  std::string Place() const { return "paragraph=" + std::to_string(paragraph_); }

  const std::string_view rtf_;
  BlockWriter& out_;
  size_t at_ = 0;
  Group group_;
  std::vector<Group> groups_;
  std::string bytes_;  // of the code page, not yet text
  std::string title_;
  int page_ = 1252;
  uint16_t high_ = 0;  // of a surrogate pair
  size_t skip_ = 0;
  size_t paragraph_ = 1;
  uint32_t level_ = 0;
  size_t cells_ = 0;  // of the row, begun and without text yet
  bool in_row_ = false;
  bool open_ = false;
};

class Rtf final : public Parser {
 public:
  Result<ParsedDocument> Parse(std::string_view bytes) const override {
    if (bytes.size() > kMostSourceBytes)
      return Status(Code::kDocumentTooLarge, std::to_string(bytes.size()) + " bytes.");
    if (!bytes.starts_with("{\\rtf")) return Status(Code::kMalformedDocument, "It does not begin as RTF.");
    BlockWriter out;
    FRESHET_RETURN_IF_ERROR(RtfReader(bytes, out).Read());
    return std::move(out).Finish();
  }
};

}  // namespace

const Parser& RtfParser() {
  static const Rtf kParser;
  return kParser;
}

}  // namespace freshet::deid
