#include "services/deid/gold.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "services/deid/identifier.h"
#include "services/deid/lexicon.h"
#include "services/deid/parse/source_text.h"
#include "services/deid/place_words.h"

namespace freshet::deid {
namespace {

using Json = nlohmann::json;

struct TypeRow {
  std::string_view type;
  std::string_view label;
};

// What others call the kinds of identifier.h. Without a label: what Safe Harbor does not ask for.
constexpr TypeRow kOthersTypes[] = {
    {"PERSON", "NAME"},
    {"PATIENT", "NAME"},
    {"DOCTOR", "NAME"},
    {"STREET_ADDRESS", "ADDRESS"},
    {"GPE", "CITY"},
    {"LOCATION", "CITY"},
    {"GEOGRAPHIC_LOCATION", "CITY"},
    {"HOSPITAL", "FACILITY"},
    {"ZIP_CODE", "ZIP"},
    {"DATE_TIME", "DATE"},
    {"PHONE_NUMBER", "PHONE"},
    {"FAX_NUMBER", "FAX"},
    {"EMAIL_ADDRESS", "EMAIL"},
    {"US_SSN", "SSN"},
    {"SOCIAL_SECURITY_NUMBER", "SSN"},
    {"MEDICAL_RECORD_NUMBER", "MRN"},
    {"HEALTH_PLAN_BENEFICIARY_NUMBER", "HEALTH_PLAN"},
    {"ACCOUNT_NUMBER", "ACCOUNT"},
    {"CREDIT_CARD", "ACCOUNT"},
    {"IBAN_CODE", "ACCOUNT"},
    {"US_DRIVER_LICENSE", "LICENSE"},
    {"DOMAIN_NAME", "URL"},
    {"IP_ADDRESS", "IP"},
    {"UNIQUE_IDENTIFIER", "ID"},
    {"ORGANIZATION", ""},
    {"NRP", ""},
    {"TITLE", ""},
};

// Nothing for an unknown type.
std::optional<std::string_view> LabelFor(std::string_view type) {
  for (const IdentifierRow& row : AllIdentifiers()) {
    if (row.label == type) return row.label;
  }
  for (const TypeRow& row : kOthersTypes) {
    if (row.type == type) return row.label;
  }
  return std::nullopt;
}

bool AllDigits(std::string_view text) { return std::all_of(text.begin(), text.end(), IsDigit); }

bool IsNeeded(std::string_view label, std::string_view value) {
  if (label.empty()) return false;
  const std::string lower = Lower(Trimmed(value));
  if (label == "CITY") return !IsState(lower) && !IsCountry(lower);
  if (label == "DATE") return !(lower.size() == 4 && AllDigits(lower));
  if (label == "AGE") {
    const size_t digits = lower.find_first_of("0123456789");
    return digits != std::string::npos && std::atoi(lower.c_str() + digits) > 89;
  }
  return true;
}

// The byte of each code point of a text, and its end's: of the text as SourceText leaves it.
std::vector<uint32_t> BytesOfPlaces(std::string_view raw) {
  std::vector<uint32_t> bytes;
  uint32_t byte = 0;
  size_t at = 0;
  if (raw.starts_with("\xEF\xBB\xBF")) {
    bytes.push_back(0);
    at = 3;
  }
  for (; at < raw.size(); ++at) {
    if ((static_cast<unsigned char>(raw[at]) & 0xC0) != 0x80) bytes.push_back(byte);
    byte += !(raw[at] == '\r' && at + 1 < raw.size() && raw[at + 1] == '\n');
  }
  bytes.push_back(byte);
  return bytes;
}

bool IsWhole(std::string_view text, size_t begin, size_t end) {
  const bool left = begin > 0 && IsWord(text[begin - 1]) && IsWord(text[begin]);
  const bool right = end < text.size() && IsWord(text[end]) && IsWord(text[end - 1]);
  return !left && !right;
}

const std::string* TextOf(const Json& json, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const auto found = json.find(key);
    if (found != json.end() && found->is_string()) return found->get_ptr<const std::string*>();
  }
  return nullptr;
}

std::optional<size_t> NumberOf(const Json& json, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const auto found = json.find(key);
    if (found != json.end() && found->is_number_unsigned()) return found->get<size_t>();
  }
  return std::nullopt;
}

class GoldReader {
 public:
  GoldReader(const std::string& raw, GoldText& gold) : raw_(raw), gold_(gold) {}

  // False where it is none, or not of this text.
  bool AddValue(const Json& one) {
    const std::string* type = TextOf(one, {"type", "identifier_type"});
    const std::string* value = TextOf(one, {"value"});
    const auto label = type == nullptr ? std::nullopt : LabelFor(*type);
    const std::string_view text = gold_.text;
    if (!label || value == nullptr || value->empty() || text.find(*value) == std::string_view::npos) return false;
    const bool needed = IsNeeded(*label, *value);
    if (needed) gold_.values.push_back(*value);
    for (size_t at = text.find(*value); at != std::string_view::npos; at = text.find(*value, at + 1)) {
      const size_t end = at + value->size();
      if (IsWhole(text, at, end)) Put({{static_cast<uint32_t>(at), static_cast<uint32_t>(end)}, *label, needed});
    }
    return true;
  }

  bool AddSpan(const Json& one) {
    if (bytes_.empty()) bytes_ = BytesOfPlaces(raw_);
    const std::string* type = TextOf(one, {"type", "entity_type"});
    const auto begin = NumberOf(one, {"start", "start_position"});
    const auto end = NumberOf(one, {"end", "end_position"});
    const auto label = type == nullptr ? std::nullopt : LabelFor(*type);
    if (!label || !begin || !end || *begin >= *end || *end >= bytes_.size()) return false;
    const Range range{bytes_[*begin], bytes_[*end]};
    std::string value = gold_.text.substr(range.begin, range.end - range.begin);
    const bool needed = IsNeeded(*label, value);
    Put({range, *label, needed});
    if (needed) gold_.values.push_back(std::move(value));
    return true;
  }

 private:
  void Put(const GoldPlace& place) {
    for (const GoldPlace& one : gold_.places) {
      if (one.range == place.range && one.type == place.type) return;
    }
    gold_.places.push_back(place);
  }

  const std::string& raw_;
  GoldText& gold_;
  std::vector<uint32_t> bytes_;
};

}  // namespace

Result<GoldText> ReadGold(std::string_view line, size_t number) {
  const std::string where = "Line " + std::to_string(number) + " of the gold ";
  const Status malformed(Code::kInvalidArgument,
                         where + "is not {\"id\", \"text\", \"phi\"} or {\"text\", \"spans\"}.");
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return malformed;
  const std::string* raw = TextOf(json, {"text", "full_text"});
  const auto list = json.contains("phi") ? json.find("phi") : json.find("spans");
  if (raw == nullptr || list == json.end() || !list->is_array()) return malformed;
  const bool by_place = !json.contains("phi");
  const std::string* id = TextOf(json, {"id"});
  const Result<std::string> text = SourceText(*raw);
  if (!text.ok()) return Status(Code::kInvalidArgument, where + "has no text that can be read.");
  GoldText gold{.id = id != nullptr ? *id : std::to_string(number), .text = *text};
  GoldReader reader(*raw, gold);
  for (const Json& one : *list) {
    if (!one.is_object()) return malformed;
    if (by_place ? reader.AddSpan(one) : reader.AddValue(one)) continue;
    return Status(Code::kInvalidArgument, where + "names an unknown type, or what its text lacks.");
  }
  return gold;
}

}  // namespace freshet::deid
