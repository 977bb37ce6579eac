// freshet dead-letters list, show, replay, drop
#include "services/freshet/operator_options.h"
#include "services/freshet/paint.h"

namespace freshet {

struct DeadLettersListOptions {
  std::string source, code;
  uint32_t limit = 100;
  std::string url, token;
  bool json = false;
};

struct DeadLettersShowOptions {
  std::string id;
  std::string url, token;
  bool json = false;
};

// Of replay and of drop.
struct DeadLettersChosenOptions {
  std::string id, source, code;
  bool all = false;
  std::string url, token;
  bool json = false;
};

template <>
struct OptionTable<DeadLettersListOptions> {
  using Options = DeadLettersListOptions;
  static constexpr auto fields =
      std::tuple_cat(std::tuple{Field("source", &Options::source, "Only this source's."),
                                Field("code", &Options::code, "Only those of this code, as `document_too_large`."),
                                Field("limit", &Options::limit, "At most so many, the newest.").Range(1, 10'000)},
                     OperatorFields<Options>());
};

template <>
struct OptionTable<DeadLettersShowOptions> {
  using Options = DeadLettersShowOptions;
  static constexpr auto fields =
      std::tuple_cat(std::tuple{Field("id", &Options::id, "As `dead-letters list` shows it.").Required().Positional()},
                     OperatorFields<Options>());
};

template <>
struct OptionTable<DeadLettersChosenOptions> {
  using Options = DeadLettersChosenOptions;
  static constexpr auto fields = std::tuple_cat(
      std::tuple{Field("id", &Options::id, "This one, as `dead-letters list` shows it.").Positional(),
                 Field("source", &Options::source, "All of this source."),
                 Field("code", &Options::code, "All of this code."), Field("all", &Options::all, "All there are.")},
      OperatorFields<Options>());
};

namespace {

using Json = nlohmann::json;

Table TableOf(const Json& answer) {
  Table table{.headings = {"id", "code", "stage", "source", "document", "skipped at", "in the log"},
              .right = std::vector<bool>(7),
              .rows = {}};
  for (const Json& letter : PartAt(answer, "letters")) {
    const Json& replayable = PartAt(letter, "replayable");
    table.rows.push_back({TextAt(letter, "id"), TextAt(letter, "code"), TextAt(letter, "stage"),
                          TextAt(letter, "source"), TextAt(letter, "document_id"), TextAt(letter, "skipped_at"),
                          replayable.is_boolean() && replayable.get<bool>() ? "yes" : "no"});
  }
  return table;
}

ExitStatus RunList(const DeadLettersListOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  std::string path = "/v1/dead-letters?limit=" + std::to_string(options.limit);
  if (!options.source.empty()) path += "&source=" + Escaped(options.source);
  if (!options.code.empty()) path += "&code=" + Escaped(options.code);
  return Show(options, terminal, client.Get(path), [&](const Json& answer) {
    const bool none = PartAt(answer, "letters").empty();
    terminal.out << (none ? "No dead letters.\n" : Render(TableOf(answer), terminal.colour));
  });
}

// 1 where there is none.
ExitStatus RunShow(const DeadLettersShowOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  const auto tell = [&](const Json& answer) {
    if (PartAt(answer, "letters").empty()) terminal.err << "freshet: no letter has this id\n";
    for (const Json& letter : PartAt(answer, "letters")) {
      if (!letter.is_object()) continue;
      for (const auto& [key, value] : letter.items()) {
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        terminal.out << Printable(key) << ": " << Printable(text) << "\n";
      }
    }
  };
  const auto judge = [](const Json& answer) {
    return PartAt(answer, "letters").empty() ? ExitStatus::kCheckFailed : ExitStatus::kDone;
  };
  return Show(options, terminal, client.Get("/v1/dead-letters?id=" + Escaped(options.id)), tell, judge);
}

Json SelectionOf(const DeadLettersChosenOptions& options) {
  Json request = Json::object();
  if (!options.id.empty()) request["id"] = options.id;
  if (!options.source.empty()) request["source"] = options.source;
  if (!options.code.empty()) request["code"] = options.code;
  if (options.all) request["all"] = true;
  return request;
}

uint64_t CountAt(const Json& answer, const char* key) {
  return static_cast<uint64_t>(NumberAt(answer, key).value_or(0));
}

// One call acts on a bounded number: it goes on as long as there is more.
ExitStatus RunReplay(const DeadLettersChosenOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  uint64_t replayed = 0, expired = 0;
  for (bool more = true; more;) {
    const Result<std::string> body = client.Post("/v1/dead-letters/replay", Dump(SelectionOf(options)));
    if (!body.ok()) return FailCall(body.status(), options.json, terminal);
    const Result<Json> answer = ParseAnswer(*body);
    if (!answer.ok()) return FailCall(answer.status(), options.json, terminal);
    replayed += CountAt(*answer, "replayed");
    expired = CountAt(*answer, "expired");
    const Json& flag = PartAt(*answer, "more");
    more = flag.is_boolean() && flag.get<bool>() && CountAt(*answer, "replayed") > 0;
  }
  if (options.json) {
    terminal.out << Json{{"replayed", replayed}, {"expired", expired}}.dump() << "\n";
  } else {
    terminal.out << "Published again: " << replayed << ".";
    if (expired > 0)
      terminal.out << " Gone from the log: " << expired << "; `freshet source backfill` reads them anew.";
    terminal.out << "\n";
  }
  return expired > 0 && replayed == 0 ? ExitStatus::kCheckFailed : ExitStatus::kDone;
}

ExitStatus RunDrop(const DeadLettersChosenOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  const auto body = client.Post("/v1/dead-letters/drop", Dump(SelectionOf(options)));
  return Show(options, terminal, body, [&](const Json& answer) {
    terminal.out << "Dropped: " << CountAt(answer, "dropped") << ". The documents stay skipped.\n";
  });
}

}  // namespace

CommandBody DeadLettersListCommand() { return BodyOf<&RunList>(); }
CommandBody DeadLettersShowCommand() { return BodyOf<&RunShow>(); }
CommandBody DeadLettersReplayCommand() { return BodyOf<&RunReplay>(); }
CommandBody DeadLettersDropCommand() { return BodyOf<&RunDrop>(); }

}  // namespace freshet
