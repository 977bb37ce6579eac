#include "services/deid/evaluate.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "services/deid/cleaner.h"
#include "services/deid/parse/parser.h"

namespace freshet::deid {
namespace {

using Json = nlohmann::json;

struct Value {
  std::string type;
  std::string text;
};

struct Gold {
  std::string id;
  std::string text;
  std::vector<Value> values;
};

struct Place {
  Range range;
  std::string_view type;
};

bool IsLabel(std::string_view label) {
  const auto rows = AllIdentifiers();
  return std::any_of(rows.begin(), rows.end(), [&](const IdentifierRow& row) { return row.label == label; });
}

bool IsText(const Json& json, const char* key) { return json.contains(key) && json[key].is_string(); }

Result<Gold> ReadGold(const std::string& line, size_t number) {
  const Status malformed(Code::kInvalidArgument,
                         "Line " + std::to_string(number) + " of the gold is not {\"id\", \"text\", \"phi\"}.");
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !IsText(json, "id") || !IsText(json, "text") || !json.contains("phi")) return malformed;
  if (!json["phi"].is_array()) return malformed;
  Gold gold{.id = json["id"].get<std::string>(), .text = json["text"].get<std::string>()};
  for (const Json& one : json["phi"]) {
    if (!one.is_object() || !IsText(one, "type") || !IsText(one, "value")) return malformed;
    Value value{one["type"].get<std::string>(), one["value"].get<std::string>()};
    if (!IsLabel(value.type) || value.text.empty() || gold.text.find(value.text) == std::string::npos) {
      return Status(Code::kInvalidArgument, "Line " + std::to_string(number) +
                                                " of the gold names an unknown type, or a value that its text lacks.");
    }
    gold.values.push_back(std::move(value));
  }
  return gold;
}

bool IsWhole(std::string_view text, size_t begin, size_t end) {
  const bool left = begin > 0 && IsWord(text[begin - 1]) && IsWord(text[begin]);
  const bool right = end < text.size() && IsWord(text[end]) && IsWord(text[end - 1]);
  return !left && !right;
}

std::vector<Place> PlacesOf(const Gold& gold, std::string_view text) {
  std::vector<Place> places;
  for (const Value& value : gold.values) {
    for (size_t at = text.find(value.text); at != std::string_view::npos; at = text.find(value.text, at + 1)) {
      const size_t end = at + value.text.size();
      if (IsWhole(text, at, end))
        places.push_back({{static_cast<uint32_t>(at), static_cast<uint32_t>(end)}, value.type});
    }
  }
  return places;
}

uint32_t Overlap(Range a, Range b) {
  const uint32_t begin = std::max(a.begin, b.begin);
  const uint32_t end = std::min(a.end, b.end);
  return end > begin ? end - begin : 0;
}

Range RangeOf(const Finding& finding) { return {finding.begin, finding.end}; }

class Evaluation {
 public:
  Evaluation(Cleaner& cleaner, const Policy& policy) : cleaner_(cleaner), policy_(policy) {}

  Status Add(const Gold& gold) {
    FRESHET_ASSIGN_OR_RETURN(const ParsedDocument parsed, Parse("text/plain", gold.text));
    const auto begin = std::chrono::steady_clock::now();
    const Result<Cleaned> clean = cleaner_.CleanText(parsed.text, parsed.blocks, {policy_, {}});
    figures_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    figures_.characters += parsed.text.size();
    ++figures_.documents;
    if (!clean.ok()) {
      if (clean.code() != Code::kQuarantined) return clean.status();
      ++figures_.quarantined;
      return OkStatus();
    }
    const std::vector<Place> places = PlacesOf(gold, parsed.text);
    for (const Place& place : places) Count(gold.id, parsed.text, place, clean->findings);
    for (const Finding& finding : clean->findings) CountFinding(gold.id, parsed.text, finding, places);
    for (const Value& value : gold.values) {
      ++figures_.values;
      figures_.leaked += clean->text.find(value.text) != std::string::npos;
    }
    figures_.negatives += gold.values.empty();
    figures_.negatives_changed += gold.values.empty() && !clean->findings.empty();
    return OkStatus();
  }

  DeidFigures Take() { return std::move(figures_); }

 private:
  void Count(const std::string& id, std::string_view text, const Place& place, std::span<const Finding> findings) {
    const uint32_t size = place.range.end - place.range.begin;
    bool found = false;
    size_t left = 0;
    for (const Finding& finding : findings) found |= 2 * Overlap(RangeOf(finding), place.range) >= size;
    for (uint32_t at = place.range.begin; at < place.range.end; ++at) {
      const bool gone = std::any_of(findings.begin(), findings.end(),
                                    [&](const Finding& finding) { return finding.begin <= at && at < finding.end; });
      left += !gone && IsWord(text[at]);
    }
    for (TypeFigures* figures : {&figures_.all, &figures_.by_type[std::string(place.type)]}) {
      ++figures->gold;
      figures->found += found;
      figures->strict += left == 0;
    }
    if (!found || left > 0) {
      figures_.errors.push_back(
          {id, true, std::string(place.type), std::string(text.substr(place.range.begin, size)), ""});
    }
  }

  void CountFinding(const std::string& id, std::string_view text, const Finding& finding,
                    std::span<const Place> places) {
    uint32_t inside = 0;
    for (const Place& place : places) inside += Overlap(RangeOf(finding), place.range);
    const bool right = 2 * inside >= finding.end - finding.begin;
    const std::string label(LabelOf(finding.type));
    for (TypeFigures* figures : {&figures_.all, &figures_.by_type[label]}) {
      ++figures->predicted;
      figures->right += right;
    }
    if (right) return;
    figures_.errors.push_back({id, false, label, std::string(text.substr(finding.begin, finding.end - finding.begin)),
                               std::string(finding.detector)});
  }

  Cleaner& cleaner_;
  const Policy& policy_;
  DeidFigures figures_;
};

}  // namespace

double TypeFigures::F2() const {
  const double weighed = 4 * Precision() + Recall();
  return weighed == 0 ? 0 : 5 * Precision() * Recall() / weighed;
}

Result<DeidFigures> EvaluateDeid(std::istream& gold, const EvaluateOptions& options) {
  FRESHET_ASSIGN_OR_RETURN(const std::shared_ptr<const Policy> policy, FindPolicy(options.policy));
  FRESHET_ASSIGN_OR_RETURN(const std::unique_ptr<Cleaner> cleaner, Cleaner::Make());
  Evaluation evaluation(*cleaner, *policy);
  std::string line;
  for (size_t number = 1; std::getline(gold, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    FRESHET_ASSIGN_OR_RETURN(const Gold one, ReadGold(line, number));
    FRESHET_RETURN_IF_ERROR(evaluation.Add(one));
  }
  return evaluation.Take();
}

}  // namespace freshet::deid
