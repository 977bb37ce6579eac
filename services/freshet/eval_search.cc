// freshet eval search
#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "common/base/counted.h"
#include "services/freshet/answer.h"
#include "services/freshet/http.h"
#include "services/freshet/paint.h"
#include "services/query/evaluate.h"

namespace freshet {

enum class EvalMode : uint8_t { kHybrid, kLexical, kVector };

template <>
struct EnumTable<EvalMode> {
  static constexpr std::array names = {EnumName{"hybrid", EvalMode::kHybrid}, EnumName{"lexical", EvalMode::kLexical},
                                       EnumName{"vector", EvalMode::kVector}};
};

struct EvalSearchOptions {
  std::filesystem::path golden;
  std::string url;
  std::string token;
  std::vector<std::string> caller;
  std::vector<std::string> collection;
  uint32_t k = 10;
  EvalMode mode = EvalMode::kHybrid;
  double min_ndcg = 0;
  double min_recall = 0;
  double min_mrr = 0;
  std::optional<std::filesystem::path> baseline;
  bool json = false;
};

template <>
struct OptionTable<EvalSearchOptions> {
  using Options = EvalSearchOptions;
  static constexpr auto fields = std::tuple{
      Field("golden", &Options::golden, "Questions with the documents that answer them, a JSON object a line.")
          .Required(),
      Field("url", &Options::url, "Where the query service listens: http://127.0.0.1:8080.").Required(),
      Field("token", &Options::token, "Who asks where a question names no caller.").Required().Secret(),
      Field("caller", &Options::caller, "NAME=TOKEN of a caller that questions name; may be given several times.")
          .Secret(),
      Field("collection", &Options::collection, "Where a question names none; may be given several times."),
      Field("k", &Options::k, "The first so many documents count.").Range(1, 100),
      Field("mode", &Options::mode, "By words, by meaning, or by both."),
      Field("min_ndcg", &Options::min_ndcg, "Exit status 1 where nDCG is less.").Range(0.0, 1.0),
      Field("min_recall", &Options::min_recall, "Exit status 1 where recall is less.").Range(0.0, 1.0),
      Field("min_mrr", &Options::min_mrr, "Exit status 1 where the mean reciprocal rank is less.").Range(0.0, 1.0),
      Field("baseline", &Options::baseline,
            "What --json printed earlier: exit status 1 where a figure is worse, and not by chance (95 %)."),
      Field("json", &Options::json, "One JSON value, with each question's figures: a later run's baseline.")};
};

namespace {

using Json = nlohmann::json;
using query::GoldenQuestion;
using query::Interval;
using query::QuestionFigures;

constexpr uint64_t kSeed = 20'240'501;  // the same questions give the same intervals

struct Metric {
  const char* name;
  const char* title;
  double QuestionFigures::*value;
};
constexpr Metric kMetrics[] = {{"ndcg", "nDCG", &QuestionFigures::ndcg},
                               {"recall", "recall", &QuestionFigures::recall},
                               {"mrr", "MRR", &QuestionFigures::reciprocal_rank},
                               {"first", "first is right", &QuestionFigures::first}};

// Questions without a relevant document are there for what is forbidden, and have no part in quality.
std::vector<double> ValuesOf(const std::vector<QuestionFigures>& all, double QuestionFigures::*value,
                             const std::set<std::string>& judged) {
  std::vector<double> values;
  for (const QuestionFigures& each : all) {
    if (judged.contains(each.id)) values.push_back(each.*value);
  }
  return values;
}

struct Evaluation {
  std::vector<QuestionFigures> questions;
  std::set<std::string> judged;  // that have a relevant document
  std::map<std::string, Interval> metrics;
  std::map<std::string, Interval> changes;  // against the baseline
  size_t leaks = 0;
  size_t guarded = 0;  // questions with something forbidden
  std::vector<std::string> failures;
};

std::string RequestOf(const GoldenQuestion& question, const EvalSearchOptions& options) {
  constexpr uint32_t kPassagesADocument = 3;  // several passages of one document count once
  Json request = {{"query", question.question},
                  {"top_k", std::min(kPassagesADocument * options.k, 100u)},
                  {"mode", EncodeOptions(options.mode).text}};
  const auto& collections = question.collections.empty() ? options.collection : question.collections;
  if (!collections.empty()) request["collections"] = collections;
  return request.dump(-1, ' ', false, Json::error_handler_t::replace);
}

class Callers {
 public:
  static Result<Callers> Of(const EvalSearchOptions& options) {
    Callers callers;
    callers.clients_.emplace("", std::make_unique<HttpClient>(options.url, options.token));
    for (const std::string& caller : options.caller) {
      const size_t mark = caller.find('=');
      if (mark == std::string::npos || mark == 0) {
        return Status(Code::kConfiguration, "a --caller is not of the form NAME=TOKEN");
      }
      callers.clients_[caller.substr(0, mark)] = std::make_unique<HttpClient>(options.url, caller.substr(mark + 1));
    }
    return callers;
  }
  HttpClient* Find(const std::string& name) const {
    const auto found = clients_.find(name);
    return found == clients_.end() ? nullptr : found->second.get();
  }

 private:
  std::map<std::string, std::unique_ptr<HttpClient>> clients_;
};

Result<QuestionFigures> Ask(const GoldenQuestion& question, const EvalSearchOptions& options, const Callers& callers) {
  HttpClient* client = callers.Find(question.caller);
  if (client == nullptr)
    return Status(Code::kConfiguration, "question " + question.id + " names a caller without a token");
  const auto begin = std::chrono::steady_clock::now();
  FRESHET_ASSIGN_OR_RETURN(const std::string body, client->Post("/v1/search", RequestOf(question, options)));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  FRESHET_ASSIGN_OR_RETURN(const Json answer, ParseAnswer(body));
  std::vector<std::string> ranked;
  for (const Json& hit : PartAt(answer, "hits")) ranked.push_back(TextAt(hit, "document_id"));
  QuestionFigures figures = query::Judge(question, ranked, options.k);
  figures.millis = took.count();
  return figures;
}

std::string Number(double value) {
  char text[16];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

// Compares the questions that both runs have.
Status Compare(const std::filesystem::path& path, Evaluation& evaluation) {
  std::ifstream file(path);
  const Json before = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!before.is_object() || !before.contains("questions") || !before["questions"].is_object()) {
    return Status(Code::kConfiguration, "The baseline is not what --json prints.");
  }
  for (const Metric& metric : kMetrics) {
    std::vector<double> now, then;
    for (const QuestionFigures& each : evaluation.questions) {
      const auto old = before["questions"].find(each.id);
      if (!evaluation.judged.contains(each.id) || old == before["questions"].end() || !old->is_object()) continue;
      const std::optional<double> value = NumberAt(*old, metric.name);
      if (!value) continue;
      now.push_back(each.*metric.value);
      then.push_back(*value);
    }
    const Interval change = query::BootstrapDifference(now, then, kSeed);
    evaluation.changes[metric.name] = change;
    if (now.empty()) return Status(Code::kConfiguration, "The baseline has none of these questions.");
    if (change.high < 0) {
      evaluation.failures.push_back(std::string(metric.title) + " is worse than in the baseline, by " +
                                    Number(-change.mean) + ".");
    }
  }
  return OkStatus();
}

void Gate(const EvalSearchOptions& options, Evaluation& evaluation) {
  const std::pair<const char*, double> gates[] = {
      {"ndcg", options.min_ndcg}, {"recall", options.min_recall}, {"mrr", options.min_mrr}};
  for (const auto& [name, least] : gates) {
    const double mean = evaluation.metrics[name].mean;
    if (mean < least) {
      evaluation.failures.push_back(std::string(name) + " is " + Number(mean) + "; the gate is " + Number(least) + ".");
    }
  }
  if (evaluation.leaks > 0) {
    evaluation.failures.push_back("Shown though forbidden: " + Counted(evaluation.leaks, "document") + ".");
  }
}

Result<Evaluation> Evaluate(const EvalSearchOptions& options, const std::vector<GoldenQuestion>& golden) {
  FRESHET_ASSIGN_OR_RETURN(const Callers callers, Callers::Of(options));
  Evaluation evaluation;
  for (const GoldenQuestion& question : golden) {
    FRESHET_ASSIGN_OR_RETURN(QuestionFigures figures, Ask(question, options, callers));
    if (!question.relevant.empty()) evaluation.judged.insert(question.id);
    evaluation.guarded += question.forbidden.empty() ? 0 : 1;
    evaluation.leaks += figures.leaks;
    evaluation.questions.push_back(std::move(figures));
  }
  for (const Metric& metric : kMetrics) {
    evaluation.metrics[metric.name] =
        query::Bootstrap(ValuesOf(evaluation.questions, metric.value, evaluation.judged), kSeed);
  }
  if (options.baseline) FRESHET_RETURN_IF_ERROR(Compare(*options.baseline, evaluation));
  Gate(options, evaluation);
  return evaluation;
}

std::vector<double> Millis(const Evaluation& evaluation) {
  std::vector<double> millis;
  for (const QuestionFigures& each : evaluation.questions) millis.push_back(each.millis);
  return millis;
}

double PermissionAccuracy(const Evaluation& evaluation) {
  size_t kept = 0;
  for (const QuestionFigures& each : evaluation.questions) kept += each.leaks == 0 ? 1 : 0;
  return evaluation.questions.empty() ? 1
                                      : static_cast<double>(kept) / static_cast<double>(evaluation.questions.size());
}

Json JsonOf(const Interval& interval) {
  return {{"mean", interval.mean}, {"low", interval.low}, {"high", interval.high}};
}

void PrintJson(const Evaluation& evaluation, const EvalSearchOptions& options, std::ostream& out) {
  Json json = {
      {"k", options.k},
      {"mode", EncodeOptions(options.mode).text},
      {"permission_accuracy", PermissionAccuracy(evaluation)},
      {"leaks", evaluation.leaks},
      {"latency_ms",
       {{"p50", query::Quantile(Millis(evaluation), 0.5)}, {"p95", query::Quantile(Millis(evaluation), 0.95)}}},
      {"failures", evaluation.failures},
      {"questions", Json::object()}};
  for (const Metric& metric : kMetrics) json[metric.name] = JsonOf(evaluation.metrics.at(metric.name));
  for (const auto& [name, change] : evaluation.changes) json["change"][name] = JsonOf(change);
  for (const QuestionFigures& each : evaluation.questions) {
    Json& row = json["questions"][each.id] = {{"leaks", each.leaks}};
    if (!evaluation.judged.contains(each.id)) continue;
    for (const Metric& metric : kMetrics) row[metric.name] = each.*metric.value;
  }
  out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
}

std::string RangeOf(const Interval& interval) { return Number(interval.low) + " to " + Number(interval.high); }

void PrintTable(const Evaluation& evaluation, const EvalSearchOptions& options, const Terminal& terminal) {
  Table table{.headings = {"at " + std::to_string(options.k), "mean", "95 %", "change", "95 %"},
              .right = {false, true, true, true, true}};
  for (const Metric& metric : kMetrics) {
    const Interval& now = evaluation.metrics.at(metric.name);
    const auto change = evaluation.changes.find(metric.name);
    const bool compared = change != evaluation.changes.end();
    table.rows.push_back({metric.title, Number(now.mean), RangeOf(now), compared ? Number(change->second.mean) : "-",
                          compared ? RangeOf(change->second) : "-"});
  }
  char latency[64];
  std::snprintf(latency, sizeof latency, "%.1f ms, p95 %.1f ms", query::Quantile(Millis(evaluation), 0.5),
                query::Quantile(Millis(evaluation), 0.95));
  terminal.out << Render(table, terminal.colour) << "\n"
               << "questions   " << evaluation.judged.size() << "\n"
               << "permission  " << Number(PermissionAccuracy(evaluation)) << " of " << evaluation.questions.size()
               << " answers show nothing forbidden; " << evaluation.guarded << " could\n"
               << "latency     " << latency << "\n";
}

ExitStatus RunEvalSearch(const EvalSearchOptions& options, Terminal& terminal) {
  std::ifstream file(options.golden);
  if (!file) return Fail(Status(Code::kConfiguration, "The golden set cannot be read."), terminal);
  const auto golden = query::ReadGolden(file);
  if (!golden.ok()) return Fail(Status(Code::kConfiguration, std::string(golden.status().message())), terminal);
  if (golden->empty()) return Fail(Status(Code::kConfiguration, "The golden set has no question."), terminal);
  const Result<Evaluation> evaluation = Evaluate(options, *golden);
  if (!evaluation.ok()) return FailCall(evaluation.status(), options.json, terminal);
  if (options.json) {
    PrintJson(*evaluation, options, terminal.out);
  } else {
    PrintTable(*evaluation, options, terminal);
  }
  for (const std::string& failure : evaluation->failures) terminal.err << "freshet: " << failure << "\n";
  return evaluation->failures.empty() ? ExitStatus::kDone : ExitStatus::kCheckFailed;
}

}  // namespace

CommandBody EvalSearchCommand() { return BodyOf<&RunEvalSearch>(); }

}  // namespace freshet
