#include "connectors/fhir/attachments.h"

#include "common/base/base64.h"
#include "connectors/fhir/json.h"

namespace freshet::fhir {
namespace {

struct Missing {
  size_t place = 0;  // in the resource's text, behind the attachment's '{'
  std::string url, type;
};

bool IsReadable(std::string_view type) {
  return !type.starts_with("image/") && !type.starts_with("audio/") && !type.starts_with("video/");
}

// The attachments that lack their data. A text that simdjson does not take has none: who decodes it will say so.
std::vector<Missing> MissingOf(std::string_view json) {
  const simdjson::padded_string padded(json);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::dom::parser inner;
  std::vector<Missing> all;
  for (const char* const name : {"content", "presentedForm"}) {
    simdjson::ondemand::array list;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return {};
    if (document[name].get_array().get(list) != simdjson::SUCCESS) continue;
    for (auto one : list) {
      simdjson::ondemand::object object;
      std::string_view raw;
      if (one.get_object().get(object) != simdjson::SUCCESS) break;
      if (*name == 'c' && object["attachment"].get_object().get(object) != simdjson::SUCCESS) continue;
      Element attachment;
      if (object.raw_json().get(raw) != simdjson::SUCCESS) break;
      if (inner.parse(raw.data(), raw.size()).get(attachment) != simdjson::SUCCESS) continue;
      const std::string_view url = TextAt(attachment, "url"), type = TextAt(attachment, "contentType");
      if (url.empty() || !TextAt(attachment, "data").empty() || !IsReadable(type)) continue;
      const auto place = static_cast<size_t>(raw.data() - padded.data()) + 1;
      all.push_back({.place = place, .url = std::string(url), .type = std::string(type)});
    }
  }
  return all;
}

}  // namespace

Result<std::string> WithAttachments(std::string json, const AttachmentRules& rules) {
  if (json.find("\"url\"") == json.npos) return json;
  const std::vector<Missing> all = MissingOf(json);
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    const size_t left = rules.most_bytes > json.size() ? (rules.most_bytes - json.size()) / 4 * 3 : 0;
    Result<std::string> bytes = rules.read(one->url, one->type, left);
    if (bytes.code() == Code::kNotFound || bytes.code() == Code::kPermissionDenied) {
      return Status(Code::kMalformedDocument, "An attachment that is not to be had");
    }
    if (!bytes.ok()) return bytes.status();
    json.insert(one->place, "\"data\":\"" + ToBase64(*bytes) + "\",");
    if (json.size() > rules.most_bytes) return Status(Code::kDocumentTooLarge, "With its attachments");
  }
  return json;
}

}  // namespace freshet::fhir
