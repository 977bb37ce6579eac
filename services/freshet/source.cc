// freshet source list, freshet source confirm
#include <nlohmann/json.hpp>
#include <ostream>

#include "common/base/counted.h"
#include "services/freshet/answer.h"
#include "services/freshet/http.h"
#include "services/freshet/paint.h"

namespace freshet {

struct SourceListOptions {
  std::string url;
  std::string token;
  bool json = false;
};

struct SourceConfirmOptions {
  std::string source;
  std::string snapshot;
  std::string url;
  std::string token;
  bool json = false;
};

template <>
struct OptionTable<SourceListOptions> {
  using Options = SourceListOptions;
  static constexpr auto fields = std::tuple{
      Field("url", &Options::url, "Where the query service listens: http://127.0.0.1:8080.").Required(),
      Field("token", &Options::token, "Who asks; ${ENV:NAME} or ${FILE:path} keeps it out of ps.").Required().Secret(),
      Field("json", &Options::json, "The answer as it is: one JSON value.")};
};

template <>
struct OptionTable<SourceConfirmOptions> {
  using Options = SourceConfirmOptions;
  static constexpr auto fields = std::tuple{
      Field("source", &Options::source, "Whose deletes.").Required().Positional(),
      Field("snapshot", &Options::snapshot, "Which snapshot's, as `freshet source list` shows it; else the one held."),
      Field("url", &Options::url, "Where the query service listens: http://127.0.0.1:8080.").Required(),
      Field("token", &Options::token, "An operator's; ${ENV:NAME} or ${FILE:path} keeps it out of ps.")
          .Required()
          .Secret(),
      Field("json", &Options::json, "The answer as it is: one JSON value.")};
};

namespace {

using Json = nlohmann::json;

Result<Json> AskSources(HttpClient& client) {
  FRESHET_ASSIGN_OR_RETURN(const std::string body, client.Get("/v1/sources"));
  return ParseAnswer(body);
}

uint64_t CountAt(const Json& held) { return static_cast<uint64_t>(NumberAt(held, "documents").value_or(0)); }

Table TableOf(const Json& answer) {
  Table table{.headings = {"source", "collection", "held deletes", "of snapshot"},
              .right = {false, false, true, false},
              .rows = {}};
  for (const Json& source : PartAt(answer, "sources")) {
    std::vector<std::string> row = {TextAt(source, "source"), TextAt(source, "collection")};
    const Json& held = PartAt(source, "held");
    if (held.empty()) table.rows.push_back({row[0], row[1], "-", "-"});
    for (const Json& each : held) {
      table.rows.push_back({row[0], row[1], std::to_string(CountAt(each)), TextAt(each, "snapshot")});
    }
  }
  return table;
}

ExitStatus RunList(const SourceListOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  const Result<Json> answer = AskSources(client);
  if (!answer.ok()) return FailCall(answer.status(), options.json, terminal);
  terminal.out << (options.json ? answer->dump() + "\n" : Render(TableOf(*answer), terminal.colour));
  return ExitStatus::kDone;
}

// What is asked about is what is confirmed: a snapshot that comes in between is another one.
Result<std::string> HeldSnapshot(HttpClient& client, const std::string& source) {
  FRESHET_ASSIGN_OR_RETURN(const Json answer, AskSources(client));
  for (const Json& row : PartAt(answer, "sources")) {
    if (TextAt(row, "source") != source) continue;
    for (const Json& held : PartAt(row, "held")) return TextAt(held, "snapshot");
    return Status(Code::kNotFound, "no deletes of this source are held");
  }
  return Status(Code::kNotFound, "no source has this name");
}

ExitStatus RunConfirm(const SourceConfirmOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  const Result<std::string> snapshot =
      options.snapshot.empty() ? HeldSnapshot(client, options.source) : Result<std::string>(options.snapshot);
  if (!snapshot.ok()) return FailCall(snapshot.status(), options.json, terminal);
  const Json request = {{"snapshot", *snapshot}};
  const std::string path = "/v1/sources/" + options.source + "/confirm";
  const Result<std::string> body = client.Post(path, request.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (!body.ok()) return FailCall(body.status(), options.json, terminal);
  const Result<Json> answer = ParseAnswer(*body);
  if (!answer.ok()) return FailCall(answer.status(), options.json, terminal);
  if (options.json) {
    terminal.out << *body << "\n";
  } else {
    const uint64_t count = CountAt(*answer);
    terminal.out << "Confirmed: " << Counted(count, "document") << " that snapshot " << TextAt(*answer, "snapshot")
                 << " of " << Printable(options.source) << " did not mention " << (count == 1 ? "is" : "are")
                 << " deleted.\n";
  }
  return ExitStatus::kDone;
}

}  // namespace

CommandBody SourceListCommand() { return BodyOf<&RunList>(); }
CommandBody SourceConfirmCommand() { return BodyOf<&RunConfirm>(); }

}  // namespace freshet
