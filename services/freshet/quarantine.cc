// freshet quarantine list, show, release, rerun
#include <cctype>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

#include "common/base/utf8.h"
#include "services/freshet/answer.h"
#include "services/freshet/http.h"
#include "services/freshet/paint.h"

namespace freshet {

struct QuarantineListOptions {
  std::string url;
  std::string token;
  bool json = false;
};
struct QuarantineShowOptions {
  std::string document;
  std::string collection;
  std::string url;
  std::string token;
  bool json = false;
};
struct QuarantineReleaseOptions {
  std::string document;
  std::string collection;
  std::string version;
  std::string url;
  std::string token;
  bool json = false;
};
struct QuarantineRerunOptions {
  std::string document;
  std::string collection;
  bool all = false;
  std::string url;
  std::string token;
  bool json = false;
};

constexpr std::string_view kUrlHelp = "Where the query service listens: http://127.0.0.1:8080.";
constexpr std::string_view kTokenHelp = "A reviewer's; ${ENV:NAME} or ${FILE:path} keeps it out of ps.";

template <>
struct OptionTable<QuarantineListOptions> {
  using Options = QuarantineListOptions;
  static constexpr auto fields = std::tuple{Field("url", &Options::url, kUrlHelp).Required(),
                                            Field("token", &Options::token, kTokenHelp).Required().Secret(),
                                            Field("json", &Options::json, "The answer as it is: one JSON value.")};
};
template <>
struct OptionTable<QuarantineShowOptions> {
  using Options = QuarantineShowOptions;
  static constexpr auto fields = std::tuple{
      Field("document", &Options::document, "Its id, as `freshet quarantine list` shows it.").Required().Positional(),
      Field("collection", &Options::collection, "Where it belongs.").Required(),
      Field("url", &Options::url, kUrlHelp).Required(), Field("token", &Options::token, kTokenHelp).Required().Secret(),
      Field("json", &Options::json, "The answer as it is: one JSON value.")};
};
template <>
struct OptionTable<QuarantineReleaseOptions> {
  using Options = QuarantineReleaseOptions;
  static constexpr auto fields = std::tuple{
      Field("document", &Options::document, "Its id, as `freshet quarantine list` shows it.").Required().Positional(),
      Field("collection", &Options::collection, "Where it belongs.").Required(),
      Field("version", &Options::version, "Which version was looked at: no other is let through.").Required(),
      Field("url", &Options::url, kUrlHelp).Required(),
      Field("token", &Options::token, kTokenHelp).Required().Secret(),
      Field("json", &Options::json, "The answer as it is: one JSON value.")};
};
template <>
struct OptionTable<QuarantineRerunOptions> {
  using Options = QuarantineRerunOptions;
  static constexpr auto fields =
      std::tuple{Field("document", &Options::document, "Its id, as `freshet quarantine list` shows it.").Positional(),
                 Field("collection", &Options::collection, "Where it belongs.").Required(),
                 Field("all", &Options::all, "All held documents of the collection, in place of one."),
                 Field("url", &Options::url, kUrlHelp).Required(),
                 Field("token", &Options::token, kTokenHelp).Required().Secret(),
                 Field("json", &Options::json, "The answers as they are: one JSON value.")};
};

namespace {

using Json = nlohmann::json;

// RFC 3986, 2.3: all but unreserved characters, and '/', which an id may have.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 ||
        std::string_view("-._~/").find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    char escape[4];
    std::snprintf(escape, sizeof escape, "%%%02X", static_cast<unsigned char>(c));
    out += escape;
  }
  return out;
}

std::string PathOf(const std::string& document) { return "/v1/quarantine/" + Escaped(document); }

std::string Dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string RiskAt(const Json& row) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", NumberAt(row, "risk").value_or(1));
  return text;
}

Result<Json> AskList(HttpClient& client) {
  FRESHET_ASSIGN_OR_RETURN(const std::string body, client.Get("/v1/quarantine"));
  return ParseAnswer(body);
}

ExitStatus RunList(const QuarantineListOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  const Result<Json> answer = AskList(client);
  if (!answer.ok()) return FailCall(answer.status(), options.json, terminal);
  if (options.json) {
    terminal.out << Dumped(*answer) << "\n";
    return ExitStatus::kDone;
  }
  Table table{.headings = {"document", "collection", "source", "version", "state", "reason", "risk", "since"},
              .right = {false, false, false, false, false, false, true, false}};
  for (const Json& row : PartAt(*answer, "documents")) {
    table.rows.push_back({TextAt(row, "document_id"), TextAt(row, "collection"), TextAt(row, "source"),
                          TextAt(row, "version"), TextAt(row, "state"), TextAt(row, "reason"), RiskAt(row),
                          TextAt(row, "since")});
  }
  terminal.out << (table.rows.empty() ? "Nothing is in quarantine.\n" : Render(table, terminal.colour));
  return ExitStatus::kDone;
}

// The text with what goes in braces, what is doubted between question marks.
void PrintMarked(const Json& answer, Terminal& terminal) {
  const std::string text = TextAt(answer, "text");
  size_t byte = 0, place = 0;
  const auto upto = [&](size_t to) {
    const std::string_view rest = std::string_view(text).substr(byte);
    const size_t bytes = to > place ? ByteOfCodePoint(rest, to - place) : 0;
    byte += bytes;
    place = std::max(place, to);
    return PrintableLines(rest.substr(0, bytes));
  };
  for (const Json& one : PartAt(answer, "decisions")) {
    terminal.out << upto(static_cast<size_t>(NumberAt(one, "start").value_or(0)));
    const std::string original = upto(static_cast<size_t>(NumberAt(one, "end").value_or(0)));
    const bool stays = TextAt(one, "action") == "keep";
    const std::string now = Printable(TextAt(one, "replacement"));
    const std::string marked = stays ? "?" + original + "?" : "{" + original + (now.empty() ? "" : " => " + now) + "}";
    terminal.out << (terminal.colour ? Paint(marked, stays ? Colour::kYellow : Colour::kRed, true) : marked);
  }
  terminal.out << PrintableLines(std::string_view(text).substr(byte)) << "\n\n";
}

ExitStatus RunShow(const QuarantineShowOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  const std::string path = PathOf(options.document) + "?collection=" + Escaped(options.collection);
  const Result<std::string> body = client.Get(path);
  const Result<Json> answer = body.ok() ? ParseAnswer(*body) : Result<Json>(body.status());
  if (!answer.ok()) return FailCall(answer.status(), options.json, terminal);
  if (options.json) {
    terminal.out << Dumped(*answer) << "\n";
    return ExitStatus::kDone;
  }
  PrintMarked(*answer, terminal);
  Table table{.headings = {"now", "kind", "score", "detector", "why"}, .right = {}};
  for (const Json& one : PartAt(*answer, "decisions")) {
    const bool stays = TextAt(one, "action") == "keep";
    char score[16];
    std::snprintf(score, sizeof score, "%.2f", NumberAt(one, "score").value_or(0));
    table.rows.push_back({stays ? "stays" : TextAt(one, "replacement"), TextAt(one, "type"), score,
                          TextAt(one, "detector"), TextAt(one, "why")});
  }
  if (!table.rows.empty()) terminal.out << Render(table, terminal.colour) << "\n";
  terminal.out << "Version " << Printable(TextAt(*answer, "version")) << ", " << Printable(TextAt(*answer, "state"))
               << " for " << Printable(TextAt(*answer, "reason")) << ", risk " << RiskAt(*answer) << ", policy "
               << Printable(TextAt(*answer, "policy")) << ".\n";
  return ExitStatus::kDone;
}

ExitStatus RunRelease(const QuarantineReleaseOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  const Json request = {{"collection", options.collection}, {"version", options.version}};
  const Result<std::string> body = client.Post(PathOf(options.document) + "/release", Dumped(request));
  const Result<Json> answer = body.ok() ? ParseAnswer(*body) : Result<Json>(body.status());
  if (!answer.ok()) return FailCall(answer.status(), options.json, terminal);
  if (options.json) {
    terminal.out << Dumped(*answer) << "\n";
  } else {
    terminal.out << "Released: version " << Printable(TextAt(*answer, "version")) << " of "
                 << Printable(options.document) << " is on its way.\n";
  }
  return ExitStatus::kDone;
}

// Those of one collection that are held.
Result<std::vector<std::string>> ToRerun(HttpClient& client, const QuarantineRerunOptions& options) {
  if (!options.all) return std::vector<std::string>{options.document};
  FRESHET_ASSIGN_OR_RETURN(const Json answer, AskList(client));
  std::vector<std::string> documents;
  for (const Json& row : PartAt(answer, "documents")) {
    if (TextAt(row, "collection") == options.collection && TextAt(row, "state") == "held") {
      documents.push_back(TextAt(row, "document_id"));
    }
  }
  return documents;
}

ExitStatus RunRerun(const QuarantineRerunOptions& options, Terminal& terminal) {
  if (options.document.empty() != options.all) {
    return Fail(Status(Code::kConfiguration, "Give either a document or --all."), terminal);
  }
  HttpClient client(options.url, options.token);
  const Result<std::vector<std::string>> documents = ToRerun(client, options);
  if (!documents.ok()) return FailCall(documents.status(), options.json, terminal);
  Json answers = Json::array();
  for (const std::string& document : *documents) {
    const Result<std::string> body =
        client.Post(PathOf(document) + "/rerun", Dumped(Json{{"collection", options.collection}}));
    const Result<Json> answer = body.ok() ? ParseAnswer(*body) : Result<Json>(body.status());
    if (!answer.ok()) return FailCall(answer.status(), options.json, terminal);
    answers.push_back(*answer);
  }
  terminal.out << (options.json ? Dumped(answers)
                                : "On their way through de-identification: " + std::to_string(answers.size()) + ".")
               << "\n";
  return ExitStatus::kDone;
}

}  // namespace

CommandBody QuarantineListCommand() { return BodyOf<&RunList>(); }
CommandBody QuarantineShowCommand() { return BodyOf<&RunShow>(); }
CommandBody QuarantineReleaseCommand() { return BodyOf<&RunRelease>(); }
CommandBody QuarantineRerunCommand() { return BodyOf<&RunRerun>(); }

}  // namespace freshet
