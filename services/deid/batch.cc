#include "services/deid/batch.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "common/base/utf8.h"
#include "services/deid/cleaner.h"
#include "services/deid/parse/parser.h"

namespace freshet::deid {
namespace {

using Json = nlohmann::ordered_json;

struct Line {
  Json id;
  std::string text;
  std::string media_type;
  std::vector<PatientId> patients;
};

Result<Line> ReadLine(const std::string& text, size_t number) {
  const Json json = Json::parse(text, nullptr, false);
  const Status malformed(Code::kInvalidArgument, "Line " + std::to_string(number) + " is not {\"id\", \"text\", ...}.");
  if (!json.is_object() || !json.contains("id") || !json.contains("text") || !json["text"].is_string())
    return malformed;
  Line line{.id = json["id"], .text = json["text"].get<std::string>(), .media_type = "text/plain"};
  if (json.contains("media_type")) {
    if (!json["media_type"].is_string()) return malformed;
    line.media_type = json["media_type"].get<std::string>();
  }
  if (json.contains("patients")) {
    if (!json["patients"].is_array()) return malformed;
    for (const Json& patient : json["patients"]) {
      if (!patient.is_string()) return malformed;
      line.patients.emplace_back(patient.get<std::string>());
    }
  }
  return line;
}

// Code points of the input for bytes of the text that was read from it: a plain text loses its byte order mark and the
// carriage returns before its line ends on the way.
class Places {
 public:
  Places(std::string_view input, bool plain) : input_(input) {
    if (plain && input_.starts_with("\xEF\xBB\xBF")) {
      at_ = 3;
      place_ = 1;
    }
    drops_returns_ = plain;
  }

  // Ascending.
  size_t Of(uint32_t byte) {
    while (byte_ < byte && at_ < input_.size()) {
      const bool dropped = drops_returns_ && input_[at_] == '\r' && at_ + 1 < input_.size() && input_[at_ + 1] == '\n';
      byte_ += !dropped;
      place_ += (static_cast<unsigned char>(input_[at_]) & 0xC0) != 0x80;
      ++at_;
    }
    return place_;
  }

 private:
  std::string_view input_;
  bool drops_returns_ = false;
  size_t at_ = 0;
  uint32_t byte_ = 0;
  size_t place_ = 0;
};

class BatchRun {
 public:
  struct Known {
    const Roster* roster = nullptr;
    const KeyRing* keys = nullptr;
  };

  BatchRun(Cleaner& cleaner, const Policy& policy, const Known& known)
      : cleaner_(cleaner), policy_(policy), known_(known) {}

  Json Clean(const Line& line) {
    Json out{{"id", line.id}, {"spans", Json::array()}, {"output", ""}, {"risk", 0.0}, {"action", "forward"}};
    const Result<ParsedDocument> parsed = Parse(line.media_type, line.text);
    if (!parsed.ok()) {
      out["action"] = std::string(NameOf(parsed.code()));
      return out;
    }
    if (!policy_.cleans) {
      out["output"] = parsed->text;
      return out;
    }
    const IdentityForms literals = FormsOfLiterals({}, line.patients);
    const std::string whose = line.patients.empty() ? "" : BatchSource().value + "/patient/" + line.patients[0].value;
    const CleanJob job{policy_,
                       {known_.roster, BatchSource(), line.patients, policy_.roster_scope, &literals},
                       {.keys = known_.keys, .patient = whose}};
    const Result<Cleaned> clean = cleaner_.CleanText(parsed->text, parsed->blocks, job);
    if (!clean.ok()) {
      out["risk"] = 1.0;
      out["action"] = clean.code() == Code::kQuarantined ? "quarantine" : std::string(NameOf(clean.code()));
      return out;
    }
    const bool plain = MediaTypeOf(line.media_type) == "text/plain";
    Places places(plain ? std::string_view(line.text) : std::string_view(parsed->text), plain);
    for (const Finding& finding : clean->findings) out["spans"].push_back(Span(finding, places));
    out["risk"] = Rounded(clean->risk);
    if (clean->risk > policy_.risk_limit) {
      out["action"] = "quarantine";
    } else {
      out["output"] = clean->text;
    }
    return out;
  }

 private:
  static double Rounded(float number) { return std::round(static_cast<double>(number) * 1000) / 1000; }

  static Json Span(const Finding& finding, Places& places) {
    const size_t start = places.Of(finding.begin);
    const size_t end = places.Of(finding.end);
    return {{"start", start},
            {"end", end},
            {"type", std::string(LabelOf(finding.type))},
            {"score", Rounded(finding.score)},
            {"detector", std::string(finding.detector)}};
  }

  Cleaner& cleaner_;
  const Policy& policy_;
  Known known_;
};

}  // namespace

const SourceName& BatchSource() {
  static const SourceName kSource("batch");
  return kSource;
}

Result<std::shared_ptr<const Roster>> ReadRosterFile(const std::string& path) {
  if (path.empty()) return std::shared_ptr<const Roster>();
  std::ifstream file(path);
  if (!file) return Status(Code::kConfiguration, "The roster file cannot be read.");
  RosterBuilder builder;
  std::string text;
  for (size_t number = 1; std::getline(file, text); ++number) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    const Result<IdentityChange> change = ParseIdentityLine(text);
    if (!change.ok()) {
      return Status(Code::kConfiguration,
                    "Roster file, line " + std::to_string(number) + ": " + change.status().message());
    }
    builder.Apply(BatchSource(), *change);
  }
  return builder.Snapshot();
}

Result<std::shared_ptr<const KeyRing>> ReadKeyFile(const std::string& path) {
  if (path.empty()) return std::shared_ptr<const KeyRing>();
  std::ifstream file(path);
  if (!file) return Status(Code::kConfiguration, "The key file cannot be read.");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  FRESHET_ASSIGN_OR_RETURN(KeyRing keys, KeyRing::Parse(text));
  FRESHET_RETURN_IF_ERROR(keys.Require({KeyPurpose::kSurrogate}));
  return std::make_shared<const KeyRing>(std::move(keys));
}

Status RunDeidBatch(std::istream& in, std::ostream& out, const DeidBatchOptions& options) {
  FRESHET_ASSIGN_OR_RETURN(std::shared_ptr<const Policy> policy, FindPolicy(options.policy));
  FRESHET_ASSIGN_OR_RETURN(std::shared_ptr<const Roster> roster, ReadRosterFile(options.roster_path));
  FRESHET_ASSIGN_OR_RETURN(const std::shared_ptr<const KeyRing> keys, ReadKeyFile(options.keys_path));
  FRESHET_ASSIGN_OR_RETURN(std::unique_ptr<Cleaner> cleaner, Cleaner::Make());
  BatchRun run(*cleaner, *policy, {roster.get(), keys.get()});
  std::string text;
  for (size_t number = 1; std::getline(in, text); ++number) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    FRESHET_ASSIGN_OR_RETURN(const Line line, ReadLine(text, number));
    out << run.Clean(line).dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    if (!out) return Status(Code::kIoError, "Output refused at line " + std::to_string(number) + ".");
  }
  out.flush();
  return in.bad() ? Status(Code::kIoError, "Input cannot be read.") : OkStatus();
}

}  // namespace freshet::deid
