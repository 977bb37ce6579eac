#include <cmath>
#include <nlohmann/json.hpp>

#include "common/base/bytes.h"
#include "services/query/search.h"

namespace freshet::query {
namespace {

using nlohmann::json;

Status Invalid(std::string what) { return Status(Code::kInvalidArgument, std::move(what)); }

Result<std::string> ReadText(const json& value, const std::string& key) {
  if (!value.is_string()) return Invalid("\"" + key + "\" must be text");
  return value.get<std::string>();
}

Result<std::vector<std::string>> ReadTexts(const json& value, const std::string& key) {
  if (value.is_string()) return std::vector{value.get<std::string>()};
  std::vector<std::string> texts;
  if (!value.is_array()) return Invalid("\"" + key + "\" must be a list of texts");
  for (const json& item : value) {
    FRESHET_ASSIGN_OR_RETURN(std::string text, ReadText(item, key));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<uint64_t> ReadNumber(const json& value, const std::string& key, uint64_t least, uint64_t most) {
  const bool fits = value.is_number_unsigned() && value.get<uint64_t>() >= least && value.get<uint64_t>() <= most;
  if (!fits) {
    return Invalid("\"" + key + "\" must be a whole number from " + std::to_string(least) + " to " +
                   std::to_string(most));
  }
  return value.get<uint64_t>();
}

Result<bool> ReadFlag(const json& value, const std::string& key) {
  if (!value.is_boolean()) return Invalid("\"" + key + "\" must be true or false");
  return value.get<bool>();
}

// Durations are numbers of milliseconds, whole or not.
Result<Duration> ReadMillis(const json& value, const std::string& key) {
  constexpr double kMost = 1e12;
  const double millis = value.is_number() ? value.get<double>() : -1;
  if (!(millis >= 0 && millis <= kMost)) return Invalid("\"" + key + "\" must be a number from 0 to 1000000000000");
  return Duration(std::llround(millis * 1000));
}

Status ReadEffective(const json& value, store::Restriction& filters) {
  if (!value.is_object()) return Invalid("\"filters.effective\" must be an object with \"from\" and \"to\"");
  for (const auto& [key, bound] : value.items()) {
    if (key != "from" && key != "to") return Invalid("\"filters.effective\" knows \"from\" and \"to\"");
    FRESHET_ASSIGN_OR_RETURN(const std::string text, ReadText(bound, "filters.effective." + key));
    Result<Time> time = ParseTime(text);
    if (!time.ok()) return Invalid("\"filters.effective." + key + "\": " + time.status().message());
    if (key == "to" && text.size() == 10) *time += std::chrono::days(1) - Duration(1);  // the whole day
    (key == "from" ? filters.effective_from : filters.effective_to) = *time;
  }
  if (filters.effective_from && filters.effective_to && *filters.effective_from > *filters.effective_to) {
    return Invalid("\"filters.effective\": \"from\" is after \"to\"");
  }
  return OkStatus();
}

Status ReadFilters(const json& value, store::Restriction& filters) {
  if (!value.is_object()) return Invalid("\"filters\" must be an object");
  for (const auto& [key, item] : value.items()) {
    if (key == "effective") {
      FRESHET_RETURN_IF_ERROR(ReadEffective(item, filters));
    } else {
      FRESHET_ASSIGN_OR_RETURN(auto values, ReadTexts(item, "filters." + key));
      if (values.empty()) return Invalid("\"filters." + key + "\" must have a value");
      filters.attributes[key] = std::move(values);
    }
  }
  return OkStatus();
}

Status ReadMode(const json& value, SearchRequest& request) {
  FRESHET_ASSIGN_OR_RETURN(const std::string text, ReadText(value, "mode"));
  if (text == "hybrid")
    request.mode = Mode::kHybrid;
  else if (text == "lexical")
    request.mode = Mode::kLexical;
  else if (text == "vector")
    request.mode = Mode::kVector;
  else
    return Invalid("\"mode\" is one of hybrid, lexical, vector");
  return OkStatus();
}

Status ReadOnStale(const json& value, SearchRequest& request) {
  FRESHET_ASSIGN_OR_RETURN(const std::string text, ReadText(value, "on_stale"));
  if (text != "warn" && text != "refuse") return Invalid("\"on_stale\" is one of warn, refuse");
  request.on_stale = text == "warn" ? OnStale::kWarn : OnStale::kRefuse;
  return OkStatus();
}

Status ReadKey(const std::string& key, const json& value, SearchRequest& request) {
  if (key == "query" || key == "question") {
    if (!request.query.empty()) return Invalid("\"query\" and \"question\" are the same: give one of them");
    FRESHET_ASSIGN_OR_RETURN(request.query, ReadText(value, key));
  } else if (key == "collections") {
    FRESHET_ASSIGN_OR_RETURN(const auto names, ReadTexts(value, key));
    for (const std::string& name : names) request.collections.push_back(CollectionName(name));
  } else if (key == "top_k") {
    FRESHET_ASSIGN_OR_RETURN(request.top_k, ReadNumber(value, key, 1, kMaxTopK));
  } else if (key == "mode") {
    return ReadMode(value, request);
  } else if (key == "filters") {
    return ReadFilters(value, request.filters);
  } else if (key == "max_staleness_ms") {
    FRESHET_ASSIGN_OR_RETURN(request.max_staleness, ReadMillis(value, key));
  } else if (key == "on_stale") {
    return ReadOnStale(value, request);
  } else if (key == "one_per_document") {
    FRESHET_ASSIGN_OR_RETURN(request.one_per_document, ReadFlag(value, key));
  } else if (key == "snippet") {
    FRESHET_ASSIGN_OR_RETURN(request.snippet, ReadNumber(value, key, kMinSnippet, kMaxSnippet));
  } else if (key == "neighbours") {
    FRESHET_ASSIGN_OR_RETURN(request.neighbours, ReadNumber(value, key, 0, kMaxNeighbours));
  } else if (key == "rerank") {
    FRESHET_ASSIGN_OR_RETURN(request.rerank, ReadFlag(value, key));
  } else if (key == "after") {
    FRESHET_ASSIGN_OR_RETURN(const std::string token, ReadText(value, key));
    FRESHET_ASSIGN_OR_RETURN(request.after, VersionToken::Decode(token));
  } else {
    return Invalid(
        "the request has a key that is none of query, collections, top_k, mode, filters, max_staleness_ms, on_stale, "
        "after, one_per_document, snippet, neighbours, rerank");
  }
  return OkStatus();
}

}  // namespace

Result<SearchRequest> ParseSearchRequest(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return Invalid("the body must be one JSON object");
  SearchRequest request;
  for (const auto& [key, value] : object.items()) {
    if (!value.is_null()) FRESHET_RETURN_IF_ERROR(ReadKey(key, value, request));
  }
  if (request.query.find_first_not_of(" \t\r\n") == std::string::npos) {
    return Invalid("\"query\" must not be empty");
  }
  if (request.query.size() > kMaxQueryBytes) {
    return Invalid("\"query\" must not be longer than " + std::to_string(kMaxQueryBytes) + " bytes");
  }
  return request;
}

std::string VersionToken::Encode() const {
  std::string bytes;
  AppendText(bytes, document.source.value);
  AppendText(bytes, document.collection.value);
  AppendText(bytes, document.document.value);
  AppendVersion(bytes, version);
  return ToHex(bytes);
}

Result<VersionToken> VersionToken::Decode(std::string_view token) {
  VersionToken decoded;
  const Result<std::string> bytes = FromHex(token);
  if (bytes.ok()) {
    ByteReader reader(*bytes);
    if (reader.Text(decoded.document.source.value) && reader.Text(decoded.document.collection.value) &&
        reader.Text(decoded.document.document.value) && reader.ReadVersion(decoded.version) && reader.rest().empty()) {
      return decoded;
    }
  }
  return Invalid("\"after\" is not a token that a push or a probe gave");
}

}  // namespace freshet::query
