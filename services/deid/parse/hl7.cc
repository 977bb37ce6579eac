#include "services/deid/parse/hl7.h"

#include <algorithm>
#include <map>

#include "common/base/utf8.h"
#include "common/hl7/message.h"
#include "services/deid/parse/base64.h"
#include "services/deid/parse/source_text.h"

namespace freshet::deid {
namespace {

using hl7::Message;
using hl7::Segment;

// Which fields of a segment are text, and as what.
struct TextRow {
  std::string_view segment;
  Block::Kind kind;
  uint32_t level;
  std::initializer_list<size_t> fields;
};
const TextRow kTexts[] = {{"OBR", Block::Kind::kHeading, 1, {4}},     {"TXA", Block::Kind::kHeading, 1, {2}},
                          {"NTE", Block::Kind::kParagraph, 0, {3}},   {"AL1", Block::Kind::kListItem, 1, {2, 3, 5}},
                          {"DG1", Block::Kind::kListItem, 1, {3, 4}}, {"PR1", Block::Kind::kListItem, 1, {3, 4}},
                          {"RXE", Block::Kind::kListItem, 1, {2}},    {"RXO", Block::Kind::kListItem, 1, {1}},
                          {"RXA", Block::Kind::kListItem, 1, {5}}};

// "24317-0^Hemogram^LN" says "Hemogram"; without a text, its code.
std::string Named(const Message& message, std::string_view field) {
  const std::string text = message.Component(field, 2);
  return text.empty() ? message.Component(field, 1) : text;
}

// Values that say who somebody is, or how to reach them.
bool IsPerson(std::string_view type) {
  return type == "XPN" || type == "XCN" || type == "XAD" || type == "XTN" || type == "CX" || type == "XON" ||
         type == "PPN" || type == "CN" || type == "PN" || type == "AD" || type == "TN";
}

bool IsProse(std::string_view type) { return type == "TX" || type == "FT" || type == "ST" || type.empty(); }

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

class Hl7Reader {
 public:
  explicit Hl7Reader(const Message& message) : message_(message) {}

  Result<ParsedDocument> Read() && {
    for (const Segment& segment : message_.segments()) {
      place_ = "segment=" + std::string(segment.name) + "[" + std::to_string(++counts_[segment.name]) + "]";
      if (segment.name == "OBX") {
        FRESHET_RETURN_IF_ERROR(Observation(segment));
        continue;
      }
      last_code_.clear();
      for (const TextRow& row : kTexts) {
        if (row.segment == segment.name) Fields(segment, row);
      }
    }
    if (document_.blocks.empty()) return Status(Code::kEmptyDocument, "No segment with text");
    FRESHET_RETURN_IF_ERROR(CheckTextSize(document_.text.size()));
    return std::move(document_);
  }

 private:
  void Fields(const Segment& segment, const TextRow& row) {
    std::string text;
    for (const size_t number : row.fields) {
      const std::string_view field = segment.Field(number);
      const std::string piece = segment.name == "NTE" ? Lines(field) : Named(message_, field);
      if (!piece.empty()) text += (text.empty() ? "" : ", ") + piece;
    }
    Add(text, {.kind = row.kind, .level = row.level});
    const bool title = row.kind == Block::Kind::kHeading && document_.title.empty();
    if (title && !document_.blocks.empty()) document_.title = std::string(Trimmed(text));
  }

  // Repeats of a text are its lines.
  std::string Lines(std::string_view field) const {
    std::string text;
    for (const std::string_view repeat : message_.Repeats(field)) {
      text += (text.empty() ? "" : "\n") + message_.Text(repeat);
    }
    return text;
  }

  Status Observation(const Segment& obx) {
    const std::string_view type = obx.Field(2);
    const std::string name = Named(message_, obx.Field(3));
    if (type == "ED") return Encapsulated(obx);
    if (type == "RP" || IsPerson(type)) return OkStatus();
    if (!IsProse(type) || !message_.Words(obx.Field(6)).empty()) {
      Row(obx, name);
      return OkStatus();
    }
    const std::string text = Lines(obx.Field(5));
    // A note is sent as a segment a line: lines of one code are one paragraph, an empty one ends it.
    const bool goes_on = !last_code_.empty() && last_code_ == obx.Field(3) && !Trimmed(text).empty();
    if (goes_on && !document_.blocks.empty()) {
      Extend(text);
    } else {
      Add(text, {.kind = Block::Kind::kParagraph});
    }
    last_code_ = Trimmed(text).empty() ? "" : std::string(obx.Field(3));
    return OkStatus();
  }

  // "Hemoglobin | 13.4 g/dl | 12-16 | N"
  void Row(const Segment& obx, const std::string& name) {
    last_code_.clear();
    std::string value = message_.Words(obx.Field(5));
    const bool coded = obx.Field(2) == "CE" || obx.Field(2) == "CWE" || obx.Field(2) == "CNE";
    if (coded) value = Named(message_, obx.Field(5));
    const std::string unit = Named(message_, obx.Field(6));
    if (!value.empty() && !unit.empty()) value += " " + unit;
    std::string row = name;
    for (const std::string& cell : {value, message_.Words(obx.Field(7)), message_.Words(obx.Field(8))}) {
      if (!cell.empty()) row += (row.empty() ? "" : " | ") + cell;
    }
    Add(row, {.kind = Block::Kind::kTableRow});
  }

  // ED: source^type^subtype^encoding^data
  Status Encapsulated(const Segment& obx) {
    last_code_.clear();
    const std::string_view field = obx.Field(5);
    const std::string subtype = Lower(message_.Component(field, 3)), encoding = Lower(message_.Component(field, 4));
    std::string data = message_.Component(field, 5);
    if (encoding == "base64") data = DecodeBase64(data).value_or("");
    if (encoding == "hex") data.clear();  // nobody is known to send text so
    for (const std::string& type : {"text/" + subtype, "application/" + subtype}) {
      const Parser* const parser = type == "application/hl7-v2" ? nullptr : FindParser(type);
      if (parser == nullptr) continue;
      const Result<ParsedDocument> inner = parser->Parse(data);
      if (!inner.ok()) return OkStatus();  // left out; the message's other text stays
      for (const Block& block : inner->blocks) {
        Block copy = block;
        Add(inner->text.substr(block.begin, block.end - block.begin), std::move(copy));
      }
      break;
    }
    return OkStatus();
  }

  void Add(std::string_view raw, Block block) {
    const std::string_view text = Trimmed(raw);
    if (text.empty()) return;
    if (!document_.text.empty()) document_.text += "\n\n";
    block.begin = static_cast<uint32_t>(document_.text.size());
    document_.text += text;
    block.end = static_cast<uint32_t>(document_.text.size());
    block.source_place = place_ + (block.source_place.empty() ? "" : " " + block.source_place);
    document_.blocks.push_back(std::move(block));
  }

  void Extend(std::string_view text) {
    document_.text += "\n";
    document_.text += Trimmed(text);
    document_.blocks.back().end = static_cast<uint32_t>(document_.text.size());
  }

  const Message& message_;
  ParsedDocument document_;
  std::map<std::string_view, int> counts_;
  std::string place_;
  std::string last_code_;
};

class Hl7 final : public Parser {
 public:
  Result<ParsedDocument> Parse(std::string_view bytes) const override {
    FRESHET_ASSIGN_OR_RETURN(const Message message, Message::Parse(bytes));
    if (message.text().find('\0') != std::string::npos) return Status(Code::kBinaryContent, "A NUL byte");
    return Hl7Reader(message).Read();
  }
};

}  // namespace

const Parser& Hl7Parser() {
  static const Hl7 kParser;
  return kParser;
}

}  // namespace freshet::deid
