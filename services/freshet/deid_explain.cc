// freshet deid explain
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "services/deid/batch.h"
#include "services/deid/document_names.h"
#include "services/deid/explain.h"
#include "services/freshet/command.h"
#include "services/freshet/paint.h"

namespace freshet {

struct DeidExplainOptions {
  std::filesystem::path file;
  std::string policy = "safe_harbor";
  std::string media_type;
  std::filesystem::path roster;
  std::vector<std::string> patients;
  std::filesystem::path keys;
  std::filesystem::path html;
  bool json = false;
};

template <>
struct OptionTable<DeidExplainOptions> {
  using Options = DeidExplainOptions;
  static constexpr auto fields = std::tuple{
      Field("file", &Options::file, "The document.").Required().Positional(),
      Field("policy", &Options::policy, "safe_harbor, limited_data_set, staff_visible, none, or a policy file."),
      Field("media_type", &Options::media_type, "What the document is, where its file's name does not say it."),
      Field("roster", &Options::roster, "Known patients, a JSON object a line."),
      Field("patients", &Options::patients, "Whom of them the document is about."),
      Field("keys", &Options::keys, "Key file, for policies that make up surrogates or shift dates."),
      Field("html", &Options::html, "Writes a page that only its owner can read: it holds what was removed."),
      Field("json", &Options::json, "One JSON value.")};
};

namespace {

using deid::Decision;
using deid::Explanation;
using deid::Verdict;

std::string MediaTypeOfFile(const DeidExplainOptions& options) {
  if (!options.media_type.empty()) return options.media_type;
  const std::string extension = options.file.extension().string();
  return extension == ".md" || extension == ".markdown" ? "text/markdown" : "text/plain";
}

// Without colours brackets tell the same.
std::string Painted(const Decision& one, bool colour) {
  const std::string text = PrintableLines(one.original);
  if (one.verdict != Verdict::kGone) {
    const Colour as = one.verdict == Verdict::kKeptByPolicy ? Colour::kBold : Colour::kYellow;
    return colour ? Paint(text, as, true) : text;
  }
  const std::string now = Printable(one.replacement);
  return colour ? Paint(text, Colour::kRed, true) + (now.empty() ? "" : " " + Paint(now, Colour::kGreen, true))
                : "{" + text + (now.empty() ? "" : " => " + now) + "}";
}

std::string Share(float score) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", static_cast<double>(score));
  return text;
}

void PrintText(const Explanation& why, const Terminal& terminal) {
  size_t at = 0;
  for (const Decision& one : why.decisions) {
    terminal.out << PrintableLines(std::string_view(why.text).substr(at, one.range.begin - at))
                 << Painted(one, terminal.colour);
    at = one.range.end;
  }
  terminal.out << PrintableLines(std::string_view(why.text).substr(at)) << "\n\n";
  Table table{.headings = {"text", "now", "kind", "score", "detector", "why"},
              .right = {false, false, false, true, false, false}};
  for (const Decision& one : why.decisions) {
    table.rows.push_back({one.original, one.verdict == Verdict::kGone ? one.replacement : "stays",
                          std::string(deid::LabelOf(one.by.type)), Share(one.by.score), std::string(one.by.detector),
                          deid::SentenceOf(one)});
  }
  if (!table.rows.empty()) terminal.out << Render(table, terminal.colour) << "\n";
  terminal.out << "Policy " << why.policy << ". " << (why.forwarded ? "Forwarded" : "To quarantine") << "; risk "
               << Share(why.risk) << ".\n";
}

nlohmann::json JsonOf(const Decision& one) {
  nlohmann::json evidence = nlohmann::json::array();
  for (const deid::Evidence& each : one.evidence) {
    evidence.push_back({{"detector", each.detector}, {"type", deid::LabelOf(each.type)}, {"score", each.score}});
  }
  return {{"text", one.original},
          {"begin", one.range.begin},
          {"end", one.range.end},
          {"type", deid::LabelOf(one.by.type)},
          {"score", one.by.score},
          {"detector", one.by.detector},
          {"action", one.verdict == Verdict::kGone ? deid::NameOf(one.rule.action) : "keep"},
          {"threshold", one.rule.threshold},
          {"replacement", one.replacement},
          {"why", deid::SentenceOf(one)},
          {"evidence", std::move(evidence)}};
}

void PrintJson(const Explanation& why, std::ostream& out) {
  nlohmann::json json{{"policy", why.policy},
                      {"action", why.forwarded ? "forward" : "quarantine"},
                      {"risk", why.risk},
                      {"output", why.output},
                      {"decisions", nlohmann::json::array()}};
  for (const Decision& one : why.decisions) json["decisions"].push_back(JsonOf(one));
  out << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

// Nobody else may read it, and a link is not followed.
Status WritePage(const std::filesystem::path& path, const std::string& page) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return Status(Code::kConfiguration, "The page cannot be written.");
  ::fchmod(file, 0600);
  size_t written = 0;
  while (written < page.size()) {
    const ssize_t more = ::write(file, page.data() + written, page.size() - written);
    if (more <= 0) break;
    written += static_cast<size_t>(more);
  }
  const bool closed = ::close(file) == 0;
  return closed && written == page.size() ? OkStatus() : Status(Code::kIoError, "The page cannot be written.");
}

Result<Explanation> ExplainFile(const DeidExplainOptions& options) {
  std::ifstream file(options.file, std::ios::binary);
  if (!file) return Status(Code::kConfiguration, "The document cannot be read.");
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  FRESHET_ASSIGN_OR_RETURN(const std::shared_ptr<const deid::Policy> policy, deid::FindPolicy(options.policy));
  FRESHET_ASSIGN_OR_RETURN(const auto roster, deid::ReadRosterFile(options.roster.string()));
  FRESHET_ASSIGN_OR_RETURN(const auto keys, deid::ReadKeyFile(options.keys.string()));
  FRESHET_ASSIGN_OR_RETURN(const std::unique_ptr<deid::Cleaner> cleaner, deid::Cleaner::Make());
  FRESHET_ASSIGN_OR_RETURN(const deid::ParsedDocument parsed, deid::Parse(MediaTypeOfFile(options), bytes));
  std::vector<PatientId> patients;
  for (const std::string& patient : options.patients) patients.emplace_back(patient);
  const deid::IdentityForms literals = deid::FormsOfLiterals({}, patients);
  const std::string& source = deid::BatchSource().value;
  const std::string whose = patients.empty() ? "" : source + "/patient/" + patients[0].value;
  return deid::Explain(*cleaner, parsed,
                       {*policy,
                        {roster.get(), deid::BatchSource(), patients, policy->roster_scope, &literals},
                        {.keys = keys.get(), .patient = whose}});
}

ExitStatus RunDeidExplain(const DeidExplainOptions& options, Terminal& terminal) {
  const Result<Explanation> why = ExplainFile(options);
  if (!why.ok()) return Fail(why.status(), terminal);
  if (!options.html.empty()) {
    const Status written = WritePage(options.html, deid::ExplanationHtml(*why, options.file.filename().string()));
    if (!written.ok()) return Fail(written, terminal);
  }
  options.json ? PrintJson(*why, terminal.out) : PrintText(*why, terminal);
  return why->forwarded ? ExitStatus::kDone : ExitStatus::kCheckFailed;
}

}  // namespace

CommandBody DeidExplainCommand() { return BodyOf<&RunDeidExplain>(); }

}  // namespace freshet
