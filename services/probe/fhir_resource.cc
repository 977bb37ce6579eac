#include "services/probe/fhir_resource.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/base64.h"

namespace freshet::probe {
namespace {

using Json = nlohmann::json;

constexpr const char* kSensitivities = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

Json At(const Json& json, const char* key) { return json.is_object() ? json.value(key, Json()) : Json(); }

// Of what is no list: nothing.
Json ListAt(const Json& json, const char* key) {
  Json list = At(json, key);
  return list.is_array() ? list : Json::array();
}

// FHIR R4, datatypes: id.
bool IsId(const std::string& text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x80 && std::isalnum(c) != 0) || c == '-' || c == '.';
  });
}

bool IsOurs(const Json& resource) {
  if (At(resource, "resourceType") != kProbeType) return false;
  const Json identifiers = ListAt(resource, "identifier");
  return std::any_of(identifiers.begin(), identifiers.end(), [](const Json& one) {
    return At(one, "system") == kProbeSystem && At(one, "value") == kProbeName;
  });
}

// Null where the server does not list its resources at all, an empty object where it does not list this one.
Json CapabilityOf(const Json& metadata) {
  const Json rests = ListAt(metadata, "rest");
  if (rests.empty()) return {};
  for (const Json& rest : rests) {
    if (At(rest, "mode") == "client") continue;
    for (const Json& resource : ListAt(rest, "resource")) {
      if (At(resource, "type") == kProbeType) return resource;
    }
  }
  return Json::object();
}

bool Allows(const Json& capability, const char* interaction) {
  const Json rows = ListAt(capability, "interaction");
  return std::any_of(rows.begin(), rows.end(), [&](const Json& row) { return At(row, "code") == interaction; });
}

}  // namespace

std::string ProbeResource(const ProbeWords& words) {
  Json labels = Json::array();
  const auto add = [&](const char* system, const std::string& code) {
    if (!code.empty()) labels.push_back({{"coding", Json::array({{{"system", system}, {"code", code}}})}});
  };
  add(kProbeSystem, words.label);
  add(kSensitivities, words.hiding);
  const Json attachment = {{"contentType", "text/plain"}, {"data", ToBase64(words.text)}};
  Json resource = {{"resourceType", kProbeType},
                   {"status", "current"},
                   {"identifier", Json::array({{{"system", kProbeSystem}, {"value", kProbeName}}})},
                   {"description", "Freshet probe"},
                   {"content", Json::array({{{"attachment", attachment}}})}};
  if (!words.id.empty()) resource["id"] = words.id;
  if (!labels.empty()) resource["securityLabel"] = std::move(labels);
  return resource.dump();
}

Result<FhirWriting> ReadCapability(const std::string& json) {
  const Json metadata = Json::parse(json, nullptr, false);
  if (At(metadata, "resourceType") != "CapabilityStatement") {
    return Status(Code::kConfiguration, "a fhir place: there is no FHIR server at its url");
  }
  const Json capability = CapabilityOf(metadata);
  if (capability.is_null()) return FhirWriting::kByOurName;
  const bool by_our_name = At(capability, "updateCreate") == true;
  for (const char* const needed : {"create", "update", "delete"}) {
    const bool spared = by_our_name && std::string_view(needed) == "create";
    if (spared || Allows(capability, needed)) continue;
    return Status(Code::kUnsupportedChange, std::string("the server allows no ") + needed + " of DocumentReference");
  }
  return by_our_name ? FhirWriting::kByOurName : FhirWriting::kByItsName;
}

Result<FoundOwn> ReadFound(const std::string& json) {
  const Json bundle = Json::parse(json, nullptr, false);
  if (At(bundle, "resourceType") != "Bundle") {
    return Status(Code::kConfiguration, "a fhir place: the server's search answers with no bundle");
  }
  FoundOwn found;
  for (const Json& entry : ListAt(bundle, "entry")) {
    const Json resource = At(entry, "resource"), id = At(resource, "id");
    if (IsOurs(resource) && id.is_string() && IsId(id.get<std::string>())) found.ids.push_back(id.get<std::string>());
  }
  for (const Json& link : ListAt(bundle, "link")) {
    const Json url = At(link, "url");
    if (At(link, "relation") == "next" && url.is_string()) found.next = url.get<std::string>();
  }
  return found;
}

std::string IdInLocation(const std::string& location) {
  const std::string before = std::string(kProbeType) + "/";
  const size_t found = location.rfind(before);
  if (found == location.npos) return "";
  const size_t begin = found + before.size();
  const std::string id = location.substr(begin, location.find('/', begin) - begin);
  return IsId(id) ? id : "";
}

}  // namespace freshet::probe
