// freshet freshness
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "common/base/counted.h"
#include "services/freshet/answer.h"
#include "services/freshet/http.h"
#include "services/freshet/paint.h"

namespace freshet {

struct FreshnessOptions {
  std::string url;
  std::string token;
  bool json = false;
  bool watch = false;
  Duration every = std::chrono::seconds(2);
  uint64_t times = 0;
};

template <>
struct OptionTable<FreshnessOptions> {
  using Options = FreshnessOptions;
  static constexpr auto fields = std::tuple{
      Field("url", &Options::url, "Where the query service listens: http://127.0.0.1:8080.").Required(),
      Field("token", &Options::token, "Who asks; ${ENV:NAME} or ${FILE:path} keeps it out of ps.").Required().Secret(),
      Field("json", &Options::json, "The answer as it is: one JSON value."),
      Field("watch", &Options::watch, "Shows it again and again, until interrupted."),
      Field("every", &Options::every, "With --watch: how often.")
          .Range(std::chrono::milliseconds(100), std::chrono::hours(1)),
      Field("times", &Options::times, "With --watch: ends after so many; 0 never.")};
};

namespace {

using Json = nlohmann::json;

// A source may well take half a minute to list what it has.
constexpr Duration kTellStalled = std::chrono::minutes(1);

constexpr const char* kOperations[] = {"insert", "update", "delete", "access"};

// "12 ms / 40 ms": p50 and p95 of commit to searchable; "-" where nothing has happened yet.
std::string Latencies(const Json& source, const char* operation) {
  const Json& latencies = PartAt(PartAt(source, "searchable_ms"), operation);
  if (!NumberAt(latencies, "p50")) return "-";
  return MillisAt(latencies, "p50") + " / " + MillisAt(latencies, "p95");
}

// "at risk" where the answer says "at_risk".
std::string Spoken(std::string state) {
  std::replace(state.begin(), state.end(), '_', ' ');
  return state;
}

// Of each SLO: "99.2 % of searchable, met".
std::string Budgets(const Json& source) {
  std::string budgets;
  for (const Json& slo : PartAt(source, "slo")) {
    const auto left = NumberAt(slo, "budget_left");
    if (!left) continue;
    char buffer[32];  // rounded down, so that what is not whole is never called whole
    std::snprintf(buffer, sizeof buffer, "%.1f %%", std::floor(*left * 1000 + 1e-9) / 10);
    const std::string state = Spoken(TextAt(slo, "state"));
    budgets += (budgets.empty() ? "" : "; ") + std::string(buffer) + " of " + TextAt(slo, "name");
    if (!state.empty()) budgets += ", " + state;
  }
  return budgets.empty() ? "-" : budgets;
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
    row.push_back(Budgets(source));
    row.push_back(DeadLetters(source));
    table.rows.push_back(std::move(row));
  }
  return table;
}

// What a column would mostly be empty for.
std::string Notes(const Json& answer) {
  std::string notes;
  for (const Json& source : PartAt(answer, "sources")) {
    const std::string name = TextAt(source, "source");
    if (const auto held = static_cast<uint64_t>(NumberAt(source, "held_deletes").value_or(0)); held > 0) {
      notes +=
          name + ": " + Counted(held, "delete") + (held == 1 ? " waits" : " wait") + " for `freshet source confirm`.\n";
    }
    const Json& backfill = PartAt(PartAt(source, "lanes"), "backfill");
    if (NumberAt(backfill, "stalled_ms").value_or(0) >= ToMillis(kTellStalled)) {
      notes += name + ": nothing of its backfill has come for " + MillisAt(backfill, "stalled_ms") + ".\n";
    }
    const Json& ahead = PartAt(source, "clock_ahead_ms");
    const auto changes = static_cast<uint64_t>(NumberAt(ahead, "count").value_or(0));
    if (changes == 0) continue;
    notes += name + ": its clock is ahead of ours, up to " + MillisAt(ahead, "max") + ", in " +
             Counted(changes, "change") + " of 24 hours.\n";
  }
  return notes.empty() ? notes : "\n" + PrintableLines(notes);
}

std::string Shown(const Json& answer, const Terminal& terminal) {
  return Render(TableOf(answer), terminal.colour) + Notes(answer);
}

Result<Json> Ask(HttpClient& client) {
  FRESHET_ASSIGN_OR_RETURN(const std::string body, client.Get("/v1/freshness"));
  return ParseAnswer(body);
}

ExitStatus Watch(const FreshnessOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  for (uint64_t shown = 0;; std::this_thread::sleep_for(options.every)) {
    const Result<Json> answer = Ask(client);
    // Whoever was there once is waited for: a restart is what one watches.
    if (!answer.ok() && shown == 0) return FailCall(answer.status(), false, terminal);
    if (terminal.colour) terminal.out << "\x1b[H\x1b[2J";
    if (answer.ok()) {
      terminal.out << TextAt(*answer, "now") << "\n\n" << Shown(*answer, terminal) << "\n";
    } else {
      terminal.out << "freshet: " << answer.status().ToString() << "\n\n";
    }
    terminal.out.flush();
    if (++shown == options.times) return answer.ok() ? ExitStatus::kDone : ExitStatus::kCheckFailed;
  }
}

ExitStatus RunFreshness(const FreshnessOptions& options, Terminal& terminal) {
  if (options.watch && options.json) {
    return Fail(Status(Code::kInvalidArgument, "--json is one answer: not with --watch"), terminal);
  }
  if (options.watch) return Watch(options, terminal);
  HttpClient client(options.url, options.token);
  const Result<std::string> body = client.Get("/v1/freshness");
  if (!body.ok()) return FailCall(body.status(), options.json, terminal);
  const Result<Json> answer = ParseAnswer(*body);
  if (!answer.ok()) return FailCall(answer.status(), options.json, terminal);
  if (options.json) {
    terminal.out << *body << "\n";
  } else {
    terminal.out << Shown(*answer, terminal);
  }
  return ExitStatus::kDone;
}

}  // namespace

CommandBody FreshnessCommand() { return BodyOf<&RunFreshness>(); }

}  // namespace freshet
