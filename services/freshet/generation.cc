// freshet generation list, promote, rollback, drop
#include <algorithm>
#include <fstream>

#include "common/base/counted.h"
#include "services/freshet/operator_options.h"
#include "services/freshet/paint.h"

namespace freshet {

struct GenerationListOptions {
  std::string url, token;
  bool json = false;
};

struct GenerationPromoteOptions {
  std::string collection;
  uint32_t generation = 0;
  std::filesystem::path golden;
  double allowed_loss = 0.02;
  std::string url, token;
  bool json = false;
};

struct GenerationRollbackOptions {
  std::string collection;
  std::string url, token;
  bool json = false;
};

struct GenerationDropOptions {
  std::string collection;
  uint32_t generation = 0;
  std::string url, token;
  bool json = false;
};

template <>
struct OptionTable<GenerationListOptions> {
  static constexpr auto fields = OperatorFields<GenerationListOptions>();
};

template <>
struct OptionTable<GenerationPromoteOptions> {
  using Options = GenerationPromoteOptions;
  static constexpr auto fields = std::tuple_cat(
      std::tuple{Field("collection", &Options::collection, "Whose.").Required().Positional(),
                 Field("generation", &Options::generation, "Which one, by its number in `generation list`.")
                     .Required()
                     .Range(1, 4'294'967'295),
                 Field("golden", &Options::golden, "Questions with their answers, as for `eval search`.").Required(),
                 Field("allowed_loss", &Options::allowed_loss, "Of recall at 10, against the one that is served.")
                     .Range(0.0, 1.0)},
      OperatorFields<Options>());
};

template <>
struct OptionTable<GenerationRollbackOptions> {
  using Options = GenerationRollbackOptions;
  static constexpr auto fields =
      std::tuple_cat(std::tuple{Field("collection", &Options::collection, "Whose.").Required().Positional()},
                     OperatorFields<Options>());
};

template <>
struct OptionTable<GenerationDropOptions> {
  using Options = GenerationDropOptions;
  static constexpr auto fields = std::tuple_cat(
      std::tuple{Field("collection", &Options::collection, "Whose.").Required().Positional(),
                 Field("generation", &Options::generation, "Which one, by its number in `generation list`.")
                     .Required()
                     .Range(1, 4'294'967'295)},
      OperatorFields<Options>());
};

namespace {

using Json = nlohmann::json;

constexpr auto kPatience = std::chrono::minutes(30);  // every document is scanned before a switch

std::string PathOf(const std::string& collection, const char* action) {
  return "/v1/generations/" + Escaped(collection) + "/" + action;
}

std::string WholeAt(const Json& object, const char* key) {
  const std::optional<double> number = NumberAt(object, key);
  return number ? std::to_string(static_cast<int64_t>(*number)) : "-";
}

std::string CountedAt(const Json& object, const char* key, const char* noun) {
  const std::optional<double> number = NumberAt(object, key);
  return number ? Counted(static_cast<uint64_t>(std::max(*number, 0.0)), noun) : "-";
}

bool IsAt(const Json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key] == true;
}

std::string StateOf(const Json& row) {
  if (IsAt(row, "served")) return "served";
  if (!IsAt(row, "kept")) return "left behind";
  return NumberAt(row, "behind").value_or(0) > 0 ? "being built" : "current";
}

ExitStatus RunList(const GenerationListOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  return Show(options, terminal, client.Get("/v1/generations"), [&](const Json& answer) {
    Table table{.headings = {"collection", "generation", "made by", "state", "documents", "chunks", "behind"},
                .right = {false, true, false, false, true, true, true}};
    for (const Json& row : PartAt(answer, "generations")) {
      const std::string recipe = TextAt(row, "recipe");
      table.rows.push_back({TextAt(row, "collection"), WholeAt(row, "generation"),
                            recipe.empty() ? TextAt(row, "model") : recipe,
                            StateOf(row) + (IsAt(row, "previous") ? ", before" : ""), WholeAt(row, "documents"),
                            WholeAt(row, "chunks"), WholeAt(row, "behind")});
    }
    terminal.out << Render(table, terminal.colour);
  });
}

Result<Json> ReadGoldenLines(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) return Status(Code::kConfiguration, "The golden set cannot be read.");
  Json lines = Json::array();
  for (std::string line; std::getline(file, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    Json question = Json::parse(line, nullptr, false);
    if (!question.is_object()) return Status(Code::kConfiguration, "The golden set has a line that is no question.");
    lines.push_back(std::move(question));
  }
  return lines;
}

ExitStatus RunPromote(const GenerationPromoteOptions& options, Terminal& terminal) {
  Result<Json> golden = ReadGoldenLines(options.golden);
  if (!golden.ok()) return FailCall(golden.status(), options.json, terminal);
  HttpClient client(options.url, options.token, kPatience);
  const Json request = {
      {"generation", options.generation}, {"golden", std::move(*golden)}, {"allowed_loss", options.allowed_loss}};
  const auto body = client.Post(PathOf(options.collection, "promote"), Dump(request));
  const auto print = [&](const Json& answer) {
    char recall[96];
    std::snprintf(recall, sizeof recall, "%.3f, of the served one %.3f", NumberAt(answer, "recall").value_or(0),
                  NumberAt(answer, "served_recall").value_or(0));
    terminal.out << "recall at 10  " << recall << ", on " << CountedAt(answer, "questions", "question") << "\n"
                 << "forbidden     " << WholeAt(answer, "shown_forbidden") << " shown\n"
                 << "identifiers   in " << WholeAt(answer, "leaks") << " of "
                 << CountedAt(answer, "scanned", "document") << "\n";
    for (const Json& failure : PartAt(answer, "failures")) {
      if (failure.is_string()) terminal.err << "freshet: " << Printable(failure.get<std::string>()) << "\n";
    }
    if (IsAt(answer, "promoted")) {
      terminal.out << "Generation " << options.generation << " of " << Printable(options.collection)
                   << " is served now.\n";
    }
  };
  const auto judge = [](const Json& answer) {
    return IsAt(answer, "promoted") ? ExitStatus::kDone : ExitStatus::kCheckFailed;
  };
  return Show(options, terminal, body, print, judge);
}

ExitStatus RunRollback(const GenerationRollbackOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  const auto body = client.Post(PathOf(options.collection, "rollback"), "{}");
  return Show(options, terminal, body, [&](const Json& answer) {
    terminal.out << "Generation " << WholeAt(answer, "generation") << " of " << Printable(options.collection)
                 << " is served again.\n";
  });
}

ExitStatus RunDrop(const GenerationDropOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  const auto body = client.Post(PathOf(options.collection, "drop"), Dump({{"generation", options.generation}}));
  return Show(options, terminal, body, [&](const Json&) {
    terminal.out << "Generation " << options.generation << " of " << Printable(options.collection) << " is gone.\n";
  });
}

}  // namespace

CommandBody GenerationListCommand() { return BodyOf<&RunList>(); }
CommandBody GenerationPromoteCommand() { return BodyOf<&RunPromote>(); }
CommandBody GenerationRollbackCommand() { return BodyOf<&RunRollback>(); }
CommandBody GenerationDropCommand() { return BodyOf<&RunDrop>(); }

}  // namespace freshet
