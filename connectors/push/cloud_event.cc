#include "connectors/push/cloud_event.h"

#include <nlohmann/json.hpp>

#include "common/base/base64.h"
#include "common/base/utf8.h"
#include "connectors/push/json_slices.h"

namespace freshet::push {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kStructured = "application/cloudevents+json";
constexpr std::string_view kBatch = "application/cloudevents-batch+json";
constexpr size_t kMostNameBytes = 1024;
constexpr size_t kMostExtensionBytes = 4096;

Status Invalid(std::string what) { return Status(Code::kInvalidArgument, std::move(what)); }

Status NoPatch() {
  return Status(Code::kUnsupportedMediaType, "A patch is not taken: send the document whole, as it is now");
}

bool IsJson(std::string_view essence) { return essence == "application/json" || essence.ends_with("+json"); }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 32);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Header values are percent-encoded UTF-8 (HTTP binding, 3.1.3.2).
std::string Unescaped(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 && HexDigit(text[i + 2]) >= 0;
    plain += escape ? static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return plain;
}

Status CheckName(const std::string& name, const std::string& value, size_t most) {
  if (value.size() > most) return Invalid(name + " is longer than " + std::to_string(most) + " bytes");
  if (!IsValidUtf8(value)) return Invalid(name + " is not UTF-8");
  const bool control = std::any_of(value.begin(), value.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; });
  return control ? Invalid(name + " holds a control character") : OkStatus();
}

using Attributes = std::map<std::string, std::string, std::less<>>;  // of all kinds, by name

// Checks that hold of all forms. What is no attribute of the specification is an extension.
Result<CloudEvent> FromAttributes(Attributes attributes) {
  const auto take = [&](const char* name) {
    const auto found = attributes.extract(std::string(name));
    return found.empty() ? std::string() : found.mapped();
  };
  if (take("specversion") != "1.0") return Invalid("specversion must be 1.0");
  CloudEvent event;
  const std::pair<const char*, std::string*> required[] = {
      {"id", &event.id}, {"source", &event.source}, {"type", &event.type}, {"subject", &event.subject}};
  for (const auto& [name, value] : required) {
    *value = take(name);
    if (value->empty()) return Invalid(std::string(name) + " is missing");
    FRESHET_RETURN_IF_ERROR(CheckName(name, *value, kMostNameBytes));
  }
  event.media_type = take("datacontenttype");
  FRESHET_RETURN_IF_ERROR(CheckName("datacontenttype", event.media_type, kMostNameBytes));
  const std::string time = take("time");
  if (time.empty()) return Invalid("time is missing: it orders the states of a document");
  const Result<Time> parsed = ParseTime(time);
  if (!parsed.ok() || *parsed <= Time()) return Invalid("time is not an RFC 3339 time after 1970");
  event.time = *parsed;
  for (const auto& [name, value] : attributes) {
    FRESHET_RETURN_IF_ERROR(CheckName("an extension", value, kMostExtensionBytes));
  }
  event.extensions = std::move(attributes);
  return event;
}

// `raw` is the event as it was written.
Status ReadData(const Json& json, std::string_view raw, CloudEvent& event) {
  const auto data = json.find("data"), base64 = json.find("data_base64");
  if (data != json.end() && base64 != json.end()) return Invalid("data and data_base64 exclude each other");
  if (base64 != json.end()) {
    std::optional<std::string> bytes;
    if (base64->is_string()) bytes = FromBase64(base64->get_ref<const std::string&>());
    if (!bytes) return Invalid("data_base64 is not base64");
    event.data = std::move(*bytes);
  } else if (data != json.end() && data->is_string() && !IsJson(EssenceOf(event.media_type))) {
    event.data = data->get<std::string>();
  } else if (data != json.end() && !data->is_null()) {
    event.data = MemberOf(raw, "data");
    if (event.data.empty()) event.data = data->dump();  // its name was written with escapes
  }
  return OkStatus();
}

Result<CloudEvent> FromJson(const Json& json, std::string_view raw) {
  if (!json.is_object()) return Invalid("an event is a JSON object");
  Attributes attributes;
  for (const auto& [name, value] : json.items()) {
    if (name == "data" || name == "data_base64" || value.is_null()) continue;
    if (value.is_string()) {
      attributes[name] = value.get<std::string>();
    } else if (value.is_number_integer() || value.is_boolean()) {
      attributes[name] = value.dump();
    } else {
      return Invalid("an attribute is neither text nor a whole number nor a truth value");
    }
  }
  if (!attributes.contains("datacontenttype")) attributes["datacontenttype"] = "application/json";
  FRESHET_ASSIGN_OR_RETURN(CloudEvent event, FromAttributes(std::move(attributes)));
  FRESHET_RETURN_IF_ERROR(ReadData(json, raw, event));
  return event;
}

Result<std::vector<CloudEvent>> FromBatch(const Json& json, std::string_view raw) {
  if (!json.is_array()) return Invalid("a batch is a JSON array");
  const std::vector<std::string_view> slices = ElementsOf(raw);
  std::vector<CloudEvent> events;
  for (size_t i = 0; i < json.size(); ++i) {
    Result<CloudEvent> event = FromJson(json[i], i < slices.size() ? slices[i] : std::string_view());
    if (!event.ok()) return Invalid("event " + std::to_string(i) + ": " + event.status().message());
    events.push_back(std::move(*event));
  }
  return events;
}

Result<std::vector<CloudEvent>> FromHeaders(const Headers& headers, std::string_view body) {
  Attributes attributes;
  for (const auto& [name, value] : headers) {
    if (name.starts_with("ce-")) attributes[name.substr(3)] = Unescaped(value);
  }
  const auto type = headers.find("content-type");
  if (type != headers.end()) attributes["datacontenttype"] = type->second;
  FRESHET_ASSIGN_OR_RETURN(CloudEvent event, FromAttributes(std::move(attributes)));
  event.data = body;
  return std::vector<CloudEvent>{std::move(event)};
}

}  // namespace

std::string_view CloudEvent::ExtensionOf(std::string_view name) const {
  const auto found = extensions.find(name);
  return found == extensions.end() ? std::string_view() : found->second;
}

std::string EssenceOf(std::string_view media_type) {
  std::string type(media_type.substr(0, media_type.find(';')));
  std::erase_if(type, [](char c) { return c == ' ' || c == '\t'; });
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return type;
}

bool IsPatch(std::string_view essence) { return essence.find("patch") != std::string_view::npos; }

Result<std::vector<CloudEvent>> ReadCloudEvents(const Headers& headers, std::string_view body) {
  const auto header = headers.find("content-type");
  const std::string type = header == headers.end() ? std::string() : EssenceOf(header->second);
  if (IsPatch(type)) return NoPatch();
  if (type == kStructured || type == kBatch) {
    if (!IsShallow(body)) return Invalid("the body has more than 64 levels");
    const Json json = Json::parse(body, nullptr, false);
    if (json.is_discarded()) return Invalid("the body is not JSON");
    if (type == kBatch) return FromBatch(json, body);
    FRESHET_ASSIGN_OR_RETURN(CloudEvent event, FromJson(json, body));
    return std::vector<CloudEvent>{std::move(event)};
  }
  if (headers.contains("ce-specversion")) return FromHeaders(headers, body);
  return Status(Code::kUnsupportedMediaType,
                "Neither application/cloudevents+json, nor a batch of it, nor ce-* headers");
}

}  // namespace freshet::push
