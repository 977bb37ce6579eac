// freshet citation
#include <charconv>

#include "services/freshet/operator_options.h"
#include "services/freshet/paint.h"

namespace freshet {

struct CitationOptions {
  std::string document, collection, range, version;
  bool text = false;
  std::string url, token;
  bool json = false;
};

template <>
struct OptionTable<CitationOptions> {
  using Options = CitationOptions;
  static constexpr auto fields = std::tuple{
      Field("document", &Options::document, "Its id, as searches show it.").Required().Positional(),
      Field("collection", &Options::collection, "Where it was searched.").Required(),
      Field("range", &Options::range, "\"start:end\" in characters of its clean text: the place of a hit or citation.")
          .Required(),
      Field("version", &Options::version, "Which version was cited; refused where the index holds another one."),
      Field("text", &Options::text, "Also what the original says there, in clear."),
      Field("url", &Options::url, "Where the query service listens: http://127.0.0.1:8080.").Required(),
      Field("token", &Options::token,
            "Of a member of freshet-originals; ${ENV:NAME} or ${FILE:path} keeps it out of ps.")
          .Required()
          .Secret(),
      Field("json", &Options::json, "The answer as it is: one JSON value.")};
};

namespace {

using Json = nlohmann::json;

bool IsNumber(std::string_view text) {
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::string Place(const Json& row, const char* key) {
  const Json& place = PartAt(row, key);
  const auto number = [&](const char* name) {
    return std::to_string(static_cast<uint64_t>(NumberAt(place, name).value_or(0)));
  };
  return number("start") + ":" + number("end");
}

void Print(const Json& answer, bool text, Terminal& terminal) {
  terminal.out << "Version " << Printable(TextAt(answer, "version")) << " of " << Printable(TextAt(answer, "source"))
               << ": " << Place(answer, "place") << " stands for " << Place(answer, "original") << " of the original ("
               << Printable(TextAt(answer, "media_type"));
  for (const Json& block : PartAt(answer, "blocks")) {
    const std::string place = Printable(TextAt(block, "source_place"));
    if (!place.empty()) terminal.out << "; " << place;
  }
  terminal.out << ").\n";
  Table table{.headings = {"place", "original", "replaced"}, .right = {}, .rows = {}};
  if (text) table.headings.push_back("what it says");
  for (const Json& piece : PartAt(answer, "pieces")) {
    const std::string replaced = TextAt(piece, "replaced");
    table.rows.push_back({Place(piece, "place"), Place(piece, "original"), replaced.empty() ? "-" : replaced});
    if (text) table.rows.back().push_back(TextAt(piece, "text"));
  }
  terminal.out << Render(table, terminal.colour);
}

ExitStatus RunCitation(const CitationOptions& options, Terminal& terminal) {
  const size_t colon = options.range.find(':');
  const std::string start = options.range.substr(0, colon);
  const std::string end = colon == std::string::npos ? "" : options.range.substr(colon + 1);
  if (!IsNumber(start) || !IsNumber(end)) {
    return Fail(Status(Code::kConfiguration, "--range must be start:end, two numbers."), terminal);
  }
  std::string path = "/v1/documents/" + Escaped(options.document, true) +
                     "/citation?collection=" + Escaped(options.collection) + "&start=" + start + "&end=" + end;
  if (!options.version.empty()) path += "&version=" + Escaped(options.version);
  if (options.text) path += "&text=true";
  HttpClient client(options.url, options.token);
  return Show(options, terminal, client.Get(path), [&](const Json& answer) { Print(answer, options.text, terminal); });
}

}  // namespace

CommandBody CitationCommand() { return BodyOf<&RunCitation>(); }

}  // namespace freshet
