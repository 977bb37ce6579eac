#include "connectors/postgres/values.h"

#include "common/base/bytes.h"

namespace freshet::postgres {
namespace {

// Of pg_type.dat: bool bytea char name int8 int2 int4 text oid json varchar bpchar float4 float8 numeric uuid date
// timestamp timestamptz time inet cidr jsonb.
constexpr uint32_t kArrayOids[] = {1000, 1001, 1002, 1003, 1016, 1005, 1007, 1009, 1028, 199, 1015, 1014,
                                   1021, 1022, 1231, 2951, 1182, 1115, 1185, 1183, 1041, 651, 3807};

std::string TimeText(std::string_view text, bool zoned) {
  std::string out(text);
  // What stands in no ISO form (infinity, BC) stays.
  if (out.size() < 19 || out[4] != '-' || out[10] != ' ' || out.ends_with("BC")) return out;
  out[10] = 'T';
  if (!zoned) return out;
  if (!out.ends_with("+00")) return std::string(text);
  out.resize(out.size() - 3);
  return out + "Z";
}

char Unescaped(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return c;
  }
}

// One item from `at` on, which moves behind it. False where it does not end.
bool ReadItem(std::string_view text, size_t& at, std::string& item, bool& quoted) {
  item.clear();
  quoted = at < text.size() && text[at] == '"';
  if (quoted) ++at;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\' && at + 1 < text.size()) {
      item.push_back(text[++at]);
    } else if (quoted && c == '"') {
      ++at;
      return at < text.size();
    } else if (!quoted && (c == ',' || c == '}')) {
      return true;
    } else if (!quoted && (c == '{' || c == '"')) {
      return false;
    } else {
      item.push_back(c);
    }
  }
  return false;
}

}  // namespace

bool IsArrayType(uint32_t type) {
  return std::find(std::begin(kArrayOids), std::end(kArrayOids), type) != std::end(kArrayOids);
}

std::optional<std::vector<std::string>> ParseArray(std::string_view text) {
  std::vector<std::string> items;
  if (text == "{}") return items;
  if (text.size() < 3 || text[0] != '{') return std::nullopt;
  std::string item;
  bool quoted = false;
  for (size_t at = 1; ReadItem(text, at, item, quoted); ++at) {
    if (quoted || item != "NULL") items.push_back(item);
    if (text[at] == '}') return at + 1 == text.size() ? std::optional(std::move(items)) : std::nullopt;
    if (text[at] != ',') return std::nullopt;
  }
  return std::nullopt;
}

rows::Cell CellOf(uint32_t type, std::string_view text) {
  using rows::Cell;
  if (type == kBoolOid && (text == "t" || text == "f")) return Cell::Text(text == "t" ? "true" : "false");
  if (type == kTimestampOid || type == kTimestampTzOid) return Cell::Text(TimeText(text, type == kTimestampTzOid));
  if (type == kByteaOid && text.starts_with("\\x")) {
    Result<std::string> bytes = FromHex(text.substr(2));
    if (bytes.ok()) return Cell::Text(std::move(*bytes));
  }
  if (IsArrayType(type)) {
    if (auto items = ParseArray(text)) return Cell::List(std::move(*items));
  }
  return Cell::Text(std::string(text));
}

bool SplitCopyLine(std::string_view line, std::vector<std::optional<std::string>>& fields) {
  fields.clear();
  while (true) {
    // Most fields have no escapes: they are found and copied in one piece each.
    const size_t end = std::min(line.find('\t'), line.size());
    const std::string_view raw = line.substr(0, end);
    if (raw == "\\N") {
      fields.emplace_back(std::nullopt);
    } else {
      std::string& out = fields.emplace_back(std::string()).value();
      size_t from = 0;
      for (size_t at = raw.find('\\'); at != std::string_view::npos; at = raw.find('\\', from)) {
        if (at + 1 >= raw.size()) return false;
        out.append(raw.substr(from, at - from)).push_back(Unescaped(raw[at + 1]));
        from = at + 2;
        if (from > raw.size()) return false;
      }
      out.append(raw.substr(from));
    }
    if (end == line.size()) return true;
    line.remove_prefix(end + 1);
  }
}

}  // namespace freshet::postgres
