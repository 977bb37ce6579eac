// freshet receipt
#include "services/freshet/operator_options.h"
#include "services/freshet/paint.h"

namespace freshet {

struct ReceiptOptions {
  std::string document, collection;
  std::string url, token;
  bool json = false;
};

template <>
struct OptionTable<ReceiptOptions> {
  using Options = ReceiptOptions;
  static constexpr auto fields = std::tuple_cat(
      std::tuple{Field("document", &Options::document, "Its id, as searches showed it.").Required().Positional(),
                 Field("collection", &Options::collection, "Where it was searched.").Required()},
      OperatorFields<Options>());
};

namespace {

using Json = nlohmann::json;

bool IsGone(const Json& receipt) { return PartAt(receipt, "gone").is_boolean() && receipt["gone"].get<bool>(); }

void Print(const Json& receipt, Terminal& terminal) {
  terminal.out << "Document " << Printable(TextAt(receipt, "document_id")) << " of " << TextAt(receipt, "source")
               << ", deleted by version " << TextAt(receipt, "deleted_version") << ", looked for at "
               << TextAt(receipt, "checked_at") << ":\n";
  Table table{.headings = {"place", "left", "gone by"}, .right = {false, true, false}, .rows = {}};
  for (const Json& place : PartAt(receipt, "places")) {
    const auto left = static_cast<uint64_t>(NumberAt(place, "left").value_or(0));
    const std::string by = TextAt(place, "gone_by");
    table.rows.push_back({TextAt(place, "place"), std::to_string(left), by.empty() ? "-" : by});
  }
  terminal.out << Render(table, terminal.colour);
  for (const Json& place : PartAt(receipt, "not_examined")) {
    terminal.out << "Not examined: " << TextAt(place, "place") << " (" << TextAt(place, "why") << ").\n";
  }
  const std::string by = TextAt(receipt, "gone_by");
  const bool gone = IsGone(receipt);
  terminal.out << (gone         ? "It is gone from all that was examined."
                   : by.empty() ? "It is not gone, and will not be by itself."
                                : "It is gone by " + by + ".")
               << "\n"
               << "sha256 " << TextAt(receipt, "sha256") << ", which is in the audit log.\n";
}

// 1 where something is left that nothing takes by itself.
ExitStatus RunReceipt(const ReceiptOptions& options, Terminal& terminal) {
  HttpClient client(options.url, options.token);
  const std::string path =
      "/v1/documents/" + Escaped(options.document, true) + "/receipt?collection=" + Escaped(options.collection);
  const auto judge = [](const Json& receipt) {
    return IsGone(receipt) || !TextAt(receipt, "gone_by").empty() ? ExitStatus::kDone : ExitStatus::kCheckFailed;
  };
  return Show(
      options, terminal, client.Get(path), [&](const Json& receipt) { Print(receipt, terminal); }, judge);
}

}  // namespace

CommandBody ReceiptCommand() { return BodyOf<&RunReceipt>(); }

}  // namespace freshet
