// freshet search
#include <nlohmann/json.hpp>
#include <ostream>

#include "services/freshet/answer.h"
#include "services/freshet/http.h"
#include "services/freshet/paint.h"

namespace freshet {

enum class SearchMode : uint8_t { kHybrid, kLexical, kVector };

template <>
struct EnumTable<SearchMode> {
  static constexpr std::array names = {EnumName{"hybrid", SearchMode::kHybrid},
                                       EnumName{"lexical", SearchMode::kLexical},
                                       EnumName{"vector", SearchMode::kVector}};
};

struct SearchOptions {
  std::string query;
  std::string url;
  std::string token;
  std::vector<std::string> collection;
  uint32_t top_k = 10;
  SearchMode mode = SearchMode::kHybrid;
  std::optional<Duration> max_staleness;
  bool json = false;
};

template <>
struct OptionTable<SearchOptions> {
  using Options = SearchOptions;
  static constexpr auto fields = std::tuple{
      Field("query", &Options::query, "The question.").Required().Positional(),
      Field("url", &Options::url, "Where the query service listens: http://127.0.0.1:8080.").Required(),
      Field("token", &Options::token, "Who asks; ${ENV:NAME} or ${FILE:path} keeps it out of ps.").Required().Secret(),
      Field("collection", &Options::collection, "Only in this collection; may be given several times."),
      Field("top_k", &Options::top_k, "At most so many passages.").Range(1, 100),
      Field("mode", &Options::mode, "By words, by meaning, or by both."),
      Field("max_staleness", &Options::max_staleness, "Warn where the index is staler than this."),
      Field("json", &Options::json, "The answer as it is: one JSON value.")};
};

namespace {

using Json = nlohmann::json;

constexpr size_t kColumns = 100;

std::string RequestOf(const SearchOptions& options) {
  Json request = {{"query", options.query}, {"top_k", options.top_k}, {"mode", EncodeOptions(options.mode).text}};
  if (!options.collection.empty()) request["collections"] = options.collection;
  if (options.max_staleness) request["max_staleness_ms"] = ToMillis(*options.max_staleness);
  return request.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string SectionOf(const Json& hit) {
  std::string path;
  for (const Json& part : PartAt(hit, "section")) {
    if (part.is_string()) path += (path.empty() ? "" : " › ") + part.get<std::string>();
  }
  return path;
}

void PrintHit(const Json& hit, size_t number, const Terminal& terminal) {
  const std::string id = Printable(TextAt(hit, "document_id"));
  const std::string title = Printable(TextAt(hit, "title"));
  terminal.out << Paint(std::to_string(number) + ". " + (title.empty() ? id : title), Colour::kBold, terminal.colour);
  if (const auto score = NumberAt(hit, "score")) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "  %.3f", *score);
    terminal.out << Paint(buffer, Colour::kDim, terminal.colour);
  }
  std::string place = Printable(TextAt(hit, "collection")) + " · " + id;
  const std::string section = Printable(SectionOf(hit));
  if (!section.empty()) place += " · " + section;
  terminal.out << "\n   " << Paint(place, Colour::kDim, terminal.colour) << "\n";
  terminal.out << Wrap(TextAt(hit, "text"), "   ", kColumns) << "\n";
}

void PrintAnswer(const Json& answer, const Terminal& terminal) {
  size_t number = 0;
  for (const Json& hit : PartAt(answer, "hits")) PrintHit(hit, ++number, terminal);
  terminal.out << (number == 0 ? "No passage found" : std::to_string(number) + (number == 1 ? " passage" : " passages"))
               << ", as of " << Printable(TextAt(answer, "as_of")) << " (" << MillisAt(answer, "staleness_ms")
               << " behind), in " << MillisAt(PartAt(answer, "took_ms"), "total") << ".\n";
  for (const Json& warning : PartAt(answer, "warnings")) {
    const std::string text = warning.is_string() ? warning.get<std::string>() : warning.dump();
    terminal.out << Paint("Warning: " + Printable(text), Colour::kYellow, terminal.colour) << "\n";
  }
}

ExitStatus RunSearch(const SearchOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  const Result<std::string> body = client.Post("/v1/search", RequestOf(options));
  if (!body.ok()) return FailCall(body.status(), options.json, terminal);
  const Result<Json> answer = ParseAnswer(*body);
  if (!answer.ok()) return FailCall(answer.status(), options.json, terminal);
  if (options.json) {
    terminal.out << *body << "\n";
  } else {
    PrintAnswer(*answer, terminal);
  }
  return ExitStatus::kDone;
}

}  // namespace

CommandBody SearchCommand() { return BodyOf<&RunSearch>(); }

}  // namespace freshet
