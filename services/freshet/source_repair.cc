// freshet source pause, resume, backfill, reconcile
#include "services/freshet/operator_options.h"
#include "services/freshet/paint.h"

namespace freshet {

struct SourceRestOptions {
  std::string source;
  std::string url, token;
  bool json = false;
};

struct SourceBackfillOptions {
  std::string source, since;
  std::vector<std::string> documents;
  std::string url, token;
  bool json = false;
};

struct SourceReconcileOptions {
  std::string source;
  bool mend = false;
  std::string url, token;
  bool json = false;
};

template <>
struct OptionTable<SourceRestOptions> {
  using Options = SourceRestOptions;
  static constexpr auto fields = std::tuple_cat(
      std::tuple{Field("source", &Options::source, "Which one.").Required().Positional()}, OperatorFields<Options>());
};

template <>
struct OptionTable<SourceBackfillOptions> {
  using Options = SourceBackfillOptions;
  static constexpr auto fields = std::tuple_cat(
      std::tuple{Field("source", &Options::source, "Which one.").Required().Positional(),
                 Field("since", &Options::since, "What changed there since then: 2026-01-31T09:30:00Z."),
                 Field("documents", &Options::documents, "These, by their ids in search results; may be repeated.")},
      OperatorFields<Options>());
};

template <>
struct OptionTable<SourceReconcileOptions> {
  using Options = SourceReconcileOptions;
  static constexpr auto fields = std::tuple_cat(
      std::tuple{Field("source", &Options::source, "Which one.").Required().Positional(),
                 Field("mend", &Options::mend, "Publishes what the index lacks; a snapshot deletes what is too much.")},
      OperatorFields<Options>());
};

namespace {

using Json = nlohmann::json;

std::string PathOf(const std::string& source, const char* action) {
  return "/v1/sources/" + Escaped(source) + "/" + action;
}

ExitStatus RunPause(const SourceRestOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  return Show(options, terminal, client.Post(PathOf(options.source, "pause"), "{}"), [&](const Json&) {
    terminal.out << Printable(options.source) << " rests until `freshet source resume`; what is indexed stays.\n";
  });
}

ExitStatus RunResume(const SourceRestOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  return Show(options, terminal, client.Post(PathOf(options.source, "resume"), "{}"),
              [&](const Json&) { terminal.out << Printable(options.source) << " goes on where it was.\n"; });
}

ExitStatus RunBackfill(const SourceBackfillOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  Json request = Json::object();
  if (!options.since.empty()) request["since"] = options.since;
  if (!options.documents.empty()) request["documents"] = options.documents;
  return Show(options, terminal, client.Post(PathOf(options.source, "backfill"), Dump(request)), [&](const Json&) {
    terminal.out << Printable(options.source) << " is read again; `freshet freshness` shows the backfill's backlog.\n";
  });
}

void PrintIds(const Json& ids, const char* what, Terminal& terminal) {
  for (const Json& id : ids) {
    if (id.is_string()) terminal.out << "  " << what << "  " << Printable(id.get<std::string>()) << "\n";
  }
}

uint64_t CountAt(const Json& answer, const char* key) {
  return static_cast<uint64_t>(NumberAt(answer, key).value_or(0));
}

bool IsMending(const Json& answer) {
  const Json& mending = PartAt(answer, "mending");
  return mending.is_boolean() && mending.get<bool>();
}

void Print(const Json& answer, Terminal& terminal) {
  terminal.out << "In the source " << CountAt(answer, "in_source") << ", in the index " << CountAt(answer, "in_index")
               << "; missing " << CountAt(answer, "missing_count") << ", surplus " << CountAt(answer, "surplus_count")
               << ".\n";
  PrintIds(PartAt(answer, "missing"), "missing", terminal);
  PrintIds(PartAt(answer, "surplus"), "surplus", terminal);
  for (const auto& [code, skipped] : PartAt(answer, "skipped").items()) {
    terminal.out << "  skipped  " << Printable(code) << " " << skipped.dump() << "\n";
  }
  if (IsMending(answer)) terminal.out << "The difference is being mended.\n";
}

// 1 where source and index differ and nothing is being done about it.
ExitStatus RunReconcile(const SourceReconcileOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token, std::chrono::minutes(6));
  const auto body = client.Post(PathOf(options.source, "reconcile"), Dump({{"mend", options.mend}}));
  const auto judge = [](const Json& answer) {
    const bool equal = CountAt(answer, "missing_count") + CountAt(answer, "surplus_count") == 0;
    return equal || IsMending(answer) ? ExitStatus::kDone : ExitStatus::kCheckFailed;
  };
  return Show(
      options, terminal, body, [&](const Json& answer) { Print(answer, terminal); }, judge);
}

}  // namespace

CommandBody SourcePauseCommand() { return BodyOf<&RunPause>(); }
CommandBody SourceResumeCommand() { return BodyOf<&RunResume>(); }
CommandBody SourceBackfillCommand() { return BodyOf<&RunBackfill>(); }
CommandBody SourceReconcileCommand() { return BodyOf<&RunReconcile>(); }

}  // namespace freshet
