#include "common/hl7/message.h"

#include <algorithm>
#include <memory>

#include "common/base/utf8.h"
#include "common/hl7/charset.h"

namespace freshet::hl7 {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";

int HexOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 32);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// \Xhh..\ : bytes; only those that are printable ASCII, or line ends, are text in any character set.
std::string FromHexEscape(std::string_view digits) {
  std::string text;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int value = HexOf(digits[i]) * 16 + HexOf(digits[i + 1]);
    if (value == '\r' || value == '\n') text += '\n';
    if (value >= ' ' && value <= '~') text += static_cast<char>(value);
  }
  return text;
}

}  // namespace

Result<Message> Message::Parse(std::string_view bytes) {
  if (bytes.size() > kMostMessageBytes) return Status(Code::kDocumentTooLarge, "A message over 16 MiB");
  if (bytes.starts_with(kMark)) bytes.remove_prefix(kMark.size());
  Message message;
  message.text_ = std::make_unique<std::string>(bytes);
  std::string& text = *message.text_;
  size_t out = 0;
  for (size_t i = 0; i < text.size(); ++i) {  // CRLF and LF to CR
    if (text[i] == '\n' && i > 0 && bytes[i - 1] == '\r') continue;
    text[out++] = text[i] == '\n' ? '\r' : text[i];
  }
  text.resize(out);
  FRESHET_RETURN_IF_ERROR(message.ReadSeparators());
  message.ReadSegments();
  const Segment& header = message.segments_.front();
  const std::string charset(header.Field(18).substr(0, header.Field(18).find(message.repeat_)));
  text = ToUtf8(text, charset);
  message.ReadSegments();
  return message;
}

Status Message::ReadSeparators() {
  const std::string& text = *text_;
  if (!text.starts_with("MSH") || text.size() < 8) return Status(Code::kMalformedDocument, "No MSH segment");
  field_ = text[3];
  const size_t end = std::min(text.find_first_of(std::string{field_, '\r'}, 4), text.size());
  const std::string_view others = std::string_view(text).substr(4, end - 4);
  // '-' would take a charset's name apart.
  const auto separates = [](char c) { return std::ispunct(static_cast<unsigned char>(c)) != 0 && c != '-'; };
  const bool good = separates(field_) && std::all_of(others.begin(), others.end(), separates);
  if (others.size() < 2 || others.size() > 5 || !good) {
    return Status(Code::kMalformedDocument, "MSH does not name the separators");
  }
  component_ = others[0];
  repeat_ = others[1];
  escape_ = others.size() > 2 ? others[2] : '\0';
  part_ = others.size() > 3 ? others[3] : '\0';
  return OkStatus();
}

void Message::ReadSegments() {
  segments_.clear();
  for (const std::string_view line : Split(*text_, '\r')) {
    if (line.size() < 3) continue;
    Segment segment{.name = line.substr(0, 3), .line = line};
    const bool header = segment.name == "MSH";
    if (line.size() > 4) segment.fields = Split(line.substr(4), field_);
    if (header) segment.fields.insert(segment.fields.begin(), line.substr(3, 1));  // MSH-1 is the separator itself
    segments_.push_back(std::move(segment));
  }
}

std::vector<std::string_view> Message::Split(std::string_view text, char at) {
  std::vector<std::string_view> pieces;
  for (size_t begin = 0;;) {
    const size_t end = at == '\0' ? std::string_view::npos : text.find(at, begin);
    pieces.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return pieces;
    begin = end + 1;
  }
}

const Segment* Message::Find(std::string_view name) const {
  const auto found =
      std::find_if(segments_.begin(), segments_.end(), [&](const Segment& one) { return one.name == name; });
  return found == segments_.end() ? nullptr : &*found;
}

std::string_view Message::RawComponent(std::string_view field, size_t number) const {
  const auto components = Split(field.substr(0, field.find(repeat_)), component_);
  return number >= 1 && number <= components.size() ? components[number - 1] : std::string_view();
}

std::string Message::Component(std::string_view field, size_t number) const {
  return Text(RawComponent(field, number));
}

std::string Message::Part(std::string_view field, size_t component, size_t part) const {
  const auto parts = Split(RawComponent(field, component), part_);
  return part >= 1 && part <= parts.size() ? Text(parts[part - 1]) : std::string();
}

std::string Message::Text(std::string_view raw) const {
  if (raw == "\"\"") return "";  // present and empty: the field is deleted
  std::string text;
  for (size_t i = 0; i < raw.size(); ++i) {
    const size_t end = escape_ != '\0' && raw[i] == escape_ ? raw.find(escape_, i + 1) : std::string_view::npos;
    if (end == std::string_view::npos) {
      text += raw[i];
      continue;
    }
    const std::string_view name = raw.substr(i + 1, end - i - 1);
    if (name == "F") text += field_;
    if (name == "S") text += component_;
    if (name == "T") text += part_;
    if (name == "R") text += repeat_;
    if (name == "E") text += escape_;
    if (name == ".br" || name.starts_with(".sp") || name == ".ce") text += '\n';
    if (name.starts_with('X')) text += FromHexEscape(name.substr(1));
    i = end;
  }
  return text;
}

std::string Message::Words(std::string_view field) const {
  std::string words;
  for (const std::string_view repeat : Repeats(field)) {
    for (const std::string_view component : Split(repeat, component_)) {
      for (const std::string_view part : Split(component, part_)) {
        const std::string text = Text(part);
        if (!text.empty()) words += (words.empty() ? "" : " ") + text;
      }
    }
  }
  return words;
}

std::vector<std::string_view> SplitMessages(std::string_view bytes) {
  std::vector<std::string_view> messages;
  size_t begin = std::string_view::npos;
  const auto close = [&](size_t end) {
    if (begin != std::string_view::npos) messages.push_back(bytes.substr(begin, end - begin));
    begin = std::string_view::npos;
  };
  for (size_t at = bytes.starts_with(kMark) ? kMark.size() : 0; at < bytes.size();) {
    const std::string_view name = bytes.substr(at, 3);
    if (name == "MSH" || name == "FHS" || name == "BHS" || name == "BTS" || name == "FTS") close(at);
    if (name == "MSH") begin = at;
    const size_t end = bytes.find_first_of("\r\n", at);
    if (end == std::string_view::npos) break;
    at = end + 1;
  }
  close(bytes.size());
  return messages;
}

std::string Compose(const Message& message, const std::vector<const Segment*>& segments) {
  constexpr size_t kCharset = 18;
  std::string text;
  for (const Segment* const segment : segments) {
    if (segment != segments.front()) {
      text += std::string(segment->line) + '\r';
      continue;
    }
    text += "MSH";
    for (size_t number = 1; number <= std::max(segment->fields.size(), kCharset); ++number) {
      if (number > 2) text += message.field_separator();
      text += number == kCharset ? std::string_view("UNICODE UTF-8") : segment->Field(number);
    }
    text += '\r';
  }
  return text;
}

}  // namespace freshet::hl7
