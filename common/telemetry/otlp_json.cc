#include "common/telemetry/otlp_json.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "common/base/bytes.h"

namespace freshet {
namespace {

using Json = nlohmann::ordered_json;

// Names of the semantic conventions for HTTP, by the names of our fields.
constexpr std::pair<std::string_view, std::string_view> kConventional[] = {
    {"http_method", "http.request.method"},
    {"http_route", "http.route"},
    {"http_status", "http.response.status_code"},
};

std::string AttributeName(std::string_view key) {
  for (const auto& [own, name] : kConventional) {
    if (key == own) return std::string(name);
  }
  return "freshet." + std::string(key);
}

// 64-bit integers are strings in the JSON of Protobuf.
Json NumberValue(const std::string& text) {
  if (text == "true" || text == "false") return {{"boolValue", text == "true"}};
  const char* const end = text.data() + text.size();
  int64_t whole = 0;
  if (std::from_chars(text.data(), end, whole).ptr == end) return {{"intValue", text}};
  double number = 0;
  if (std::from_chars(text.data(), end, number).ptr == end) return {{"doubleValue", number}};
  return {{"stringValue", text}};
}

Json AttributesOf(std::span<const LogField> fields) {
  Json attributes = Json::array();
  for (const LogField& field : fields) {
    Json value = field.is_text() ? Json{{"stringValue", field.value()}} : NumberValue(field.value());
    attributes.push_back({{"key", AttributeName(field.key())}, {"value", std::move(value)}});
  }
  return attributes;
}

std::string SpanId(uint64_t id) {
  std::string bytes;
  AppendBig64(bytes, id);
  return ToHex(bytes);
}

std::string Nanos(Time time) { return std::to_string(ToMicros(time)) + "000"; }

Json JsonOf(const Span& span) {
  Json json = {{"traceId", span.context.trace_id()}, {"spanId", SpanId(span.context.span)}};
  if (span.parent != 0) json["parentSpanId"] = SpanId(span.parent);
  json["name"] = span.name;
  json["kind"] = static_cast<int>(span.kind);
  json["startTimeUnixNano"] = Nanos(span.begin);
  json["endTimeUnixNano"] = Nanos(std::max(span.begin, span.end));
  json["attributes"] = AttributesOf(span.attributes);
  for (const TraceContext& link : span.links) {
    json["links"].push_back({{"traceId", link.trace_id()}, {"spanId", SpanId(link.span)}});
  }
  if (span.code != Code::kOk) json["status"] = {{"code", 2}, {"message", NameOf(span.code)}};
  return json;
}

}  // namespace

std::string OtlpTraces(std::span<const Span> spans, const OtlpResource& resource) {
  Json attributes = Json::array();
  for (const auto& [key, value] : resource) {
    attributes.push_back({{"key", key}, {"value", {{"stringValue", value}}}});
  }
  Json list = Json::array();
  for (const Span& span : spans) list.push_back(JsonOf(span));
  const Json scope = {{"scope", {{"name", "freshet"}}}, {"spans", std::move(list)}};
  const Json rows = {{"resource", {{"attributes", std::move(attributes)}}}, {"scopeSpans", Json::array({scope})}};
  return Json{{"resourceSpans", Json::array({rows})}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

uint64_t RejectedSpans(const std::string& body) {
  const Json answer = Json::parse(body, nullptr, false);
  if (!answer.is_object() || !answer.contains("partialSuccess")) return 0;
  const Json& partial = answer["partialSuccess"];
  if (!partial.is_object() || !partial.contains("rejectedSpans")) return 0;
  const Json& count = partial["rejectedSpans"];
  if (count.is_number_unsigned()) return count.get<uint64_t>();
  if (!count.is_string()) return 0;
  const std::string text = count.get<std::string>();
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace freshet
