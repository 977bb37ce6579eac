#include "services/deid/parse/html_reader.h"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>

#include "services/deid/parse/source_text.h"

namespace freshet::deid {
namespace {

enum class Role : uint8_t {
  kInline,
  kBlock,
  kHeading,
  kBullets,
  kNumbers,
  kItem,
  kRow,
  kCell,
  kPre,
  kBreak,
  kTitle,
  kHidden
};

struct NamedRole {
  std::string_view name;
  Role role;
};
constexpr NamedRole kRoles[] = {
    {"address", Role::kBlock}, {"article", Role::kBlock},   {"aside", Role::kBlock},      {"blockquote", Role::kBlock},
    {"body", Role::kBlock},    {"br", Role::kBreak},        {"caption", Role::kBlock},    {"dd", Role::kBlock},
    {"details", Role::kBlock}, {"dir", Role::kBullets},     {"div", Role::kBlock},        {"dl", Role::kBlock},
    {"dt", Role::kBlock},      {"fieldset", Role::kBlock},  {"figcaption", Role::kBlock}, {"figure", Role::kBlock},
    {"footer", Role::kBlock},  {"form", Role::kBlock},      {"h1", Role::kHeading},       {"h2", Role::kHeading},
    {"h3", Role::kHeading},    {"h4", Role::kHeading},      {"h5", Role::kHeading},       {"h6", Role::kHeading},
    {"header", Role::kBlock},  {"hr", Role::kBlock},        {"legend", Role::kBlock},     {"li", Role::kItem},
    {"main", Role::kBlock},    {"menu", Role::kBullets},    {"nav", Role::kBlock},        {"ol", Role::kNumbers},
    {"option", Role::kBlock},  {"p", Role::kBlock},         {"pre", Role::kPre},          {"script", Role::kHidden},
    {"section", Role::kBlock}, {"style", Role::kHidden},    {"summary", Role::kBlock},    {"table", Role::kBlock},
    {"td", Role::kCell},       {"template", Role::kHidden}, {"th", Role::kCell},          {"title", Role::kTitle},
    {"tr", Role::kRow},        {"ul", Role::kBullets},
};

Role RoleOf(std::string_view name) {
  const auto found = std::lower_bound(std::begin(kRoles), std::end(kRoles), name,
                                      [](const NamedRole& role, std::string_view key) { return role.name < key; });
  return found != std::end(kRoles) && found->name == name ? found->role : Role::kInline;
}

// Elements that their like, or their parent's end, closes: they nest no deeper than what stands around them.
bool ClosesItself(std::string_view name) {
  constexpr std::string_view kNames[] = {"area", "base",  "br",     "col", "dd",   "dt",   "embed",
                                         "hr",   "img",   "input",  "li",  "link", "meta", "option",
                                         "p",    "param", "source", "td",  "th",   "tr",   "wbr"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// An upper bound of how deep elements nest: only an end tag that has its begin counts as one.
bool NestsTooDeep(std::string_view html) {
  std::map<std::string, size_t, std::less<>> open;
  size_t depth = 0;
  for (size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    const bool end = at + 1 < html.size() && html[at + 1] == '/';
    const size_t from = at + (end ? 2 : 1);
    size_t to = from;
    std::string name;
    for (; to < html.size() && to - from < 32 && std::isalnum(static_cast<unsigned char>(html[to])) != 0; ++to) {
      name.push_back(static_cast<char>(std::tolower(html[to])));
    }
    if (name.empty() || ClosesItself(name)) continue;
    size_t& count = open[name];
    if (end && count > 0) --count, --depth;
    if (!end) ++count, ++depth;
    if (depth > kMostNesting) return true;
  }
  return false;
}

class Reader {
 public:
  Reader(BlockWriter& out, htmlParserCtxt& context) : out_(out), context_(context) {}

  void Start(std::string_view name) {
    const Role role = RoleOf(name);
    if (role == Role::kHidden) ++hidden_;
    if (role == Role::kTitle) in_title_ = true;
    if (hidden_ > 0 || in_title_) return;
    if (in_row_ && role != Role::kRow && role != Role::kCell) return StartInRow(role);
    switch (role) {
      case Role::kHeading:
        return out_.Open(Block::Kind::kHeading, static_cast<uint32_t>(name[1] - '0'), Place());
      case Role::kBullets:
      case Role::kNumbers:
        return out_.OpenList(role == Role::kNumbers);
      case Role::kItem:
        return out_.Item(Place());
      case Role::kRow:
        in_row_ = true;
        return out_.Row(Place());
      case Role::kCell:
        return out_.Cell();
      case Role::kPre:
        in_pre_ = true;
        return out_.Open(Block::Kind::kCode, 0, Place());
      case Role::kBlock:
        return out_.Break();
      case Role::kBreak:
        return out_.LineBreak();
      default:
        return;
    }
  }

  void End(std::string_view name) {
    const Role role = RoleOf(name);
    if (role == Role::kHidden && hidden_ > 0) --hidden_;
    if (role == Role::kTitle) EndTitle();
    if (hidden_ > 0 || in_title_) return;
    if (role == Role::kRow) in_row_ = false;
    if (in_row_) return;
    if (role == Role::kPre) in_pre_ = false;
    if (role == Role::kBullets || role == Role::kNumbers) return out_.CloseList();
    const bool ends = role == Role::kHeading || role == Role::kRow || role == Role::kPre || role == Role::kBlock;
    if (ends) out_.Break();
  }

  void Text(std::string_view text) {
    if (hidden_ > 0) return;
    if (in_title_) {
      title_ += text;
    } else if (in_pre_) {
      out_.Verbatim(text);
    } else {
      out_.At(Place());
      out_.Text(text);
    }
  }

 private:
  // A row stays one block, whatever its cells hold.
  void StartInRow(Role role) {
    if (role == Role::kInline) return;
    out_.LineBreak();
    if (role == Role::kItem) out_.Text("- ");
  }
  void EndTitle() {
    if (!std::exchange(in_title_, false)) return;
    BlockWriter one;
    one.Text(title_);
    if (out_.title().empty()) out_.set_title(std::string(Trimmed(one.pending())));
    title_.clear();
  }
  std::string Place() const { return "line=" + std::to_string(context_.input == nullptr ? 0 : context_.input->line); }

  BlockWriter& out_;
  htmlParserCtxt& context_;
  int hidden_ = 0;
  bool in_title_ = false, in_row_ = false, in_pre_ = false;
  std::string title_;
};

std::string_view View(const xmlChar* text, size_t size) { return {reinterpret_cast<const char*>(text), size}; }
std::string_view View(const xmlChar* text) { return reinterpret_cast<const char*>(text); }

struct FreeContext {
  void operator()(htmlParserCtxt* context) const { htmlFreeParserCtxt(context); }
};

}  // namespace

Status ReadHtml(const std::string& text, BlockWriter& out) {
  if (NestsTooDeep(text)) {
    return Status(Code::kMalformedDocument, "Elements nest deeper than " + std::to_string(kMostNesting) + ".");
  }
  const std::unique_ptr<htmlParserCtxt, FreeContext> context(htmlNewParserCtxt());
  if (context == nullptr) return Status(Code::kDiskFull, "no memory for a parser");
  Reader reader(out, *context);
  htmlSAXHandler& events = *context->sax;
  std::memset(&events, 0, sizeof(events));
  events.startElement = [](void* self, const xmlChar* name, const xmlChar**) {
    static_cast<Reader*>(self)->Start(View(name));
  };
  events.endElement = [](void* self, const xmlChar* name) { static_cast<Reader*>(self)->End(View(name)); };
  events.characters = [](void* self, const xmlChar* chars, int size) {
    static_cast<Reader*>(self)->Text(View(chars, static_cast<size_t>(size)));
  };
  events.ignorableWhitespace = events.characters;
  context->userData = &reader;
  constexpr int kOptions =
      HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET | HTML_PARSE_NOIMPLIED;
  htmlCtxtReadMemory(context.get(), text.data(), static_cast<int>(text.size()), nullptr, "UTF-8", kOptions);
  return OkStatus();
}

}  // namespace freshet::deid
