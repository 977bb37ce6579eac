// freshet freshness
#include <nlohmann/json.hpp>
#include <ostream>

#include "services/freshet/answer.h"
#include "services/freshet/http.h"
#include "services/freshet/paint.h"

namespace freshet {

struct FreshnessOptions {
  std::string url;
  std::string token;
  bool json = false;
};

template <>
struct OptionTable<FreshnessOptions> {
  using Options = FreshnessOptions;
  static constexpr auto fields = std::tuple{
      Field("url", &Options::url, "Where the query service listens: http://127.0.0.1:8080.").Required(),
      Field("token", &Options::token, "Who asks; ${ENV:NAME} or ${FILE:path} keeps it out of ps.").Required().Secret(),
      Field("json", &Options::json, "The answer as it is: one JSON value.")};
};

namespace {

using Json = nlohmann::json;

constexpr const char* kOperations[] = {"insert", "update", "delete", "access"};

// "12 ms / 40 ms": p50 and p95 of commit to searchable; "-" where nothing has happened yet.
std::string Latencies(const Json& source, const char* operation) {
  const Json& latencies = PartAt(PartAt(source, "searchable_ms"), operation);
  if (!NumberAt(latencies, "p50")) return "-";
  return MillisAt(latencies, "p50") + " / " + MillisAt(latencies, "p95");
}

// The first SLO's: "99.2 % of searchable".
std::string Budget(const Json& source) {
  const Json& slos = PartAt(source, "slo");
  if (!slos.is_array() || slos.empty()) return "-";
  const auto left = NumberAt(slos[0], "budget_left");
  if (!left) return "-";
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.1f %%", *left * 100);
  return std::string(buffer) + " of " + TextAt(slos[0], "name");
}

std::string DeadLetters(const Json& source) {
  double count = 0;
  for (const Json& number : PartAt(source, "dead_letters")) count += number.is_number() ? number.get<double>() : 0;
  return std::to_string(static_cast<int64_t>(count));
}

Table TableOf(const Json& answer) {
  Table table{
      .headings = {"source", "collection", "state", "behind"}, .right = {false, false, false, true}, .rows = {}};
  for (const char* operation : kOperations) {
    table.headings.push_back(operation + std::string(" p50 / p95"));
    table.right.push_back(true);
  }
  table.headings.insert(table.headings.end(), {"budget left", "dead letters"});
  table.right.insert(table.right.end(), {true, true});
  for (const Json& source : PartAt(answer, "sources")) {
    std::vector<std::string> row = {TextAt(source, "source"), TextAt(source, "collection"), TextAt(source, "state"),
                                    MillisAt(source, "staleness_ms")};
    for (const char* operation : kOperations) row.push_back(Latencies(source, operation));
    row.push_back(Budget(source));
    row.push_back(DeadLetters(source));
    table.rows.push_back(std::move(row));
  }
  return table;
}

ExitStatus RunFreshness(const FreshnessOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  const Result<std::string> body = client.Get("/v1/freshness");
  if (!body.ok()) return FailCall(body.status(), options.json, terminal);
  const Result<Json> answer = ParseAnswer(*body);
  if (!answer.ok()) return FailCall(answer.status(), options.json, terminal);
  if (options.json) {
    terminal.out << *body << "\n";
  } else {
    terminal.out << Render(TableOf(*answer), terminal.colour);
  }
  return ExitStatus::kDone;
}

}  // namespace

CommandBody FreshnessCommand() { return BodyOf<&RunFreshness>(); }

}  // namespace freshet
