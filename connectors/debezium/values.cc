#include "connectors/debezium/values.h"

#include "common/base/base64.h"

namespace freshet::debezium {
namespace {

using rows::Cell;

constexpr int64_t kMaxScale = 1000;
constexpr size_t kMaxNumberBytes = 1024;
constexpr int64_t kSecondsPerDay = 86'400;

struct NamedType {
  std::string_view name;
  ValueKind kind;
};
constexpr NamedType kSchemaTypes[] = {
    {"io.debezium.time.Date", ValueKind::kDate},
    {"org.apache.kafka.connect.data.Date", ValueKind::kDate},
    {"io.debezium.time.Time", ValueKind::kTimeMillis},
    {"org.apache.kafka.connect.data.Time", ValueKind::kTimeMillis},
    {"io.debezium.time.MicroTime", ValueKind::kTimeMicros},
    {"io.debezium.time.NanoTime", ValueKind::kTimeNanos},
    {"io.debezium.time.Timestamp", ValueKind::kTimestampMillis},
    {"org.apache.kafka.connect.data.Timestamp", ValueKind::kTimestampMillis},
    {"io.debezium.time.MicroTimestamp", ValueKind::kTimestampMicros},
    {"io.debezium.time.NanoTimestamp", ValueKind::kTimestampNanos},
    {"io.debezium.time.ZonedTimestamp", ValueKind::kZonedTimestamp},
    {"org.apache.kafka.connect.data.Decimal", ValueKind::kDecimal},
    {"io.debezium.data.VariableScaleDecimal", ValueKind::kVariableDecimal},
};
constexpr NamedType kOptionTypes[] = {
    {"date", ValueKind::kDate},
    {"time", ValueKind::kTimeMicros},
    {"timestamp", ValueKind::kTimestampMicros},
    {"zoned_timestamp", ValueKind::kZonedTimestamp},
    {"variable_decimal", ValueKind::kVariableDecimal},
    {"bytes", ValueKind::kBytes},
};

std::string Padded(int64_t number, size_t width) {
  std::string digits = std::to_string(number);
  while (digits.size() < width) digits.insert(digits.begin(), '0');
  return digits;
}

// As PostgreSQL writes it: no zeros at the end, nothing where there is no fraction.
std::string FractionText(int64_t fraction, size_t digits) {
  if (fraction == 0) return "";
  std::string text = Padded(fraction, digits);
  text.erase(text.find_last_not_of('0') + 1);
  return "." + text;
}

std::optional<std::string> DateText(int64_t days) {
  // Outside of PostgreSQL's years 1 to 9999 the text has no form that sorts.
  constexpr int64_t kFirst = -719'162, kLast = 2'932'896;
  if (days < kFirst || days > kLast) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return Padded(static_cast<int>(date.year()), 4) + "-" + Padded(static_cast<unsigned>(date.month()), 2) + "-" +
         Padded(static_cast<unsigned>(date.day()), 2);
}

int64_t PerSecond(ValueKind kind) {
  const bool millis = kind == ValueKind::kTimeMillis || kind == ValueKind::kTimestampMillis;
  const bool nanos = kind == ValueKind::kTimeNanos || kind == ValueKind::kTimestampNanos;
  return millis ? 1'000 : nanos ? 1'000'000'000 : 1'000'000;
}

std::string TimeText(int64_t units, int64_t per_second) {
  const int64_t seconds = units / per_second;
  const size_t digits = per_second == 1'000 ? 3 : per_second == 1'000'000 ? 6 : 9;
  return Padded(seconds / 3600, 2) + ":" + Padded(seconds / 60 % 60, 2) + ":" + Padded(seconds % 60, 2) +
         FractionText(units % per_second, digits);
}

std::optional<std::string> TimestampText(int64_t units, int64_t per_second) {
  const int64_t per_day = kSecondsPerDay * per_second;
  int64_t day = units / per_day, rest = units % per_day;
  if (rest < 0) rest += per_day, --day;
  const auto date = DateText(day);
  if (!date) return std::nullopt;
  return *date + "T" + TimeText(rest, per_second);
}

// Debezium writes the fraction in groups of three digits.
std::string ZonedText(const std::string& text) {
  const size_t point = text.rfind('.');
  if (point == std::string::npos || !text.ends_with("Z")) return text;
  std::string out = text.substr(0, text.size() - 1);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.ends_with(".")) out.pop_back();
  return out + "Z";
}

std::optional<std::string> NumberText(const Json& value, const ValueType& type) {
  if (!value.is_number_integer()) return std::nullopt;
  const int64_t number = value.get<int64_t>();
  switch (type.kind) {
    case ValueKind::kDate:
      return DateText(number);
    case ValueKind::kTimeMillis:
    case ValueKind::kTimeMicros:
    case ValueKind::kTimeNanos:
      return number < 0 ? std::nullopt : std::optional(TimeText(number, PerSecond(type.kind)));
    case ValueKind::kTimestampMillis:
    case ValueKind::kTimestampMicros:
    case ValueKind::kTimestampNanos:
      return TimestampText(number, PerSecond(type.kind));
    default:
      return std::nullopt;
  }
}

std::optional<std::string> VariableDecimalText(const Json& value) {
  const auto scale = value.find("scale"), digits = value.find("value");
  if (scale == value.end() || digits == value.end() || !scale->is_number_integer() || !digits->is_string()) {
    return std::nullopt;
  }
  const auto bytes = FromBase64(digits->get_ref<const std::string&>());
  return bytes ? DecimalText(*bytes, scale->get<int64_t>()) : std::nullopt;
}

std::optional<std::string> BytesText(const std::string& text, const ValueType& type) {
  auto bytes = FromBase64(text);
  if (!bytes || type.kind == ValueKind::kBytes) return bytes;
  return DecimalText(*bytes, type.scale);
}

std::string PlainText(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Cell ListOf(const Json& value, const ValueType& type, std::string_view unavailable) {
  std::vector<std::string> items;
  for (const Json& one : value) {
    if (one.is_null()) continue;
    const Cell item = one.is_array() ? Cell::Text(PlainText(one)) : CellOf(one, type, unavailable);
    if (item.is_unknown()) return Cell::Unknown();
    items.push_back(item.text);
  }
  return Cell::List(std::move(items));
}

Cell TextCell(const std::string& text, const ValueType& type, std::string_view unavailable) {
  if (text == unavailable) return Cell::Unknown();
  if (type.kind == ValueKind::kZonedTimestamp) return Cell::Text(ZonedText(text));
  if (type.kind != ValueKind::kBytes && type.kind != ValueKind::kDecimal) return Cell::Text(text);
  std::optional<std::string> bytes = BytesText(text, type);
  if (type.kind == ValueKind::kBytes && bytes == unavailable) return Cell::Unknown();
  return Cell::Text(bytes ? std::move(*bytes) : text);
}

}  // namespace

std::optional<ValueType> ParseValueType(std::string_view text) {
  for (const NamedType& one : kOptionTypes) {
    if (one.name == text) return ValueType{.kind = one.kind};
  }
  constexpr std::string_view kDecimal = "decimal(";
  if (!text.starts_with(kDecimal) || !text.ends_with(")")) return std::nullopt;
  const std::string_view digits = text.substr(kDecimal.size(), text.size() - kDecimal.size() - 1);
  const bool number = !digits.empty() && digits.size() < 4 && digits.find_first_not_of("0123456789") == digits.npos;
  if (!number) return std::nullopt;
  return ValueType{.kind = ValueKind::kDecimal, .scale = static_cast<uint32_t>(std::stoul(std::string(digits)))};
}

ValueType TypeOf(const Json& field) {
  if (!field.is_object()) return {};
  const bool list = field.contains("type") && field["type"] == "array" && field.contains("items");
  if (list && field["items"].is_object() && !field["items"].contains("items")) return TypeOf(field["items"]);
  ValueType type;
  const auto name = field.find("name");
  for (const NamedType& one : kSchemaTypes) {
    if (name != field.end() && name->is_string() && one.name == name->get_ref<const std::string&>())
      type.kind = one.kind;
  }
  if (type.kind == ValueKind::kDecimal) {
    const auto parameters = field.find("parameters");
    const bool given = parameters != field.end() && parameters->is_object() && parameters->contains("scale");
    const auto decimal = given ? ParseValueType("decimal(" + PlainText((*parameters)["scale"]) + ")") : std::nullopt;
    if (decimal) type.scale = decimal->scale;
  }
  const bool bytes = field.contains("type") && field["type"] == "bytes";
  if (type.kind == ValueKind::kPlain && bytes) type.kind = ValueKind::kBytes;
  return type;
}

Cell CellOf(const Json& value, const ValueType& type, std::string_view unavailable) {
  if (value.is_null()) return Cell::Null();
  if (value.is_array()) return ListOf(value, type, unavailable);
  if (value.is_string()) return TextCell(value.get_ref<const std::string&>(), type, unavailable);
  std::optional<std::string> text = NumberText(value, type);
  if (!text && type.kind == ValueKind::kVariableDecimal && value.is_object()) text = VariableDecimalText(value);
  return Cell::Text(text ? std::move(*text) : PlainText(value));
}

std::optional<std::string> DecimalText(std::string_view big_endian, int64_t scale) {
  if (big_endian.empty() || big_endian.size() > kMaxNumberBytes || scale < -kMaxScale || scale > kMaxScale) {
    return std::nullopt;
  }
  std::string bytes(big_endian);
  const bool negative = static_cast<uint8_t>(bytes[0]) >= 0x80;
  if (negative) {  // its magnitude: the complement, and one
    for (char& byte : bytes) byte = static_cast<char>(~byte);
    for (size_t i = bytes.size(); i > 0 && ++bytes[i - 1] == 0; --i) {
    }
  }
  std::string digits;  // the lowest first
  for (size_t from = 0; from < bytes.size();) {
    uint32_t rest = 0;
    for (size_t i = from; i < bytes.size(); ++i) {
      rest = rest << 8 | static_cast<uint8_t>(bytes[i]);
      bytes[i] = static_cast<char>(rest / 10);
      rest %= 10;
    }
    digits.push_back(static_cast<char>('0' + rest));
    while (from < bytes.size() && bytes[from] == 0) ++from;
  }
  std::string text(digits.rbegin(), digits.rend());
  if (scale < 0 && text != "0") text.append(static_cast<size_t>(-scale), '0');
  if (scale > 0) {
    const auto places = static_cast<size_t>(scale);
    if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
    text.insert(text.size() - places, ".");
  }
  return negative ? "-" + text : text;
}

}  // namespace freshet::debezium
