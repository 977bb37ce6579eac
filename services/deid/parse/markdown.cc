#include "services/deid/parse/markdown.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "services/deid/parse/markdown_guard.h"
#include "services/deid/parse/plain_text.h"
#include "services/deid/parse/source_text.h"

namespace freshet::deid {
namespace {

struct FreeParser {
  void operator()(cmark_parser* parser) const { cmark_parser_free(parser); }
};
struct FreeNode {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
};
struct FreeIterator {
  void operator()(cmark_iter* iterator) const { cmark_iter_free(iterator); }
};
using NodePtr = std::unique_ptr<cmark_node, FreeNode>;

NodePtr ParseTree(std::string_view markdown) {
  cmark_gfm_core_extensions_ensure_registered();
  const std::unique_ptr<cmark_parser, FreeParser> parser(cmark_parser_new(CMARK_OPT_DEFAULT));
  for (const char* extension : {"table", "strikethrough"}) {
    cmark_parser_attach_syntax_extension(parser.get(), cmark_find_syntax_extension(extension));
  }
  cmark_parser_feed(parser.get(), markdown.data(), markdown.size());
  return NodePtr(cmark_parser_finish(parser.get()));
}

std::string_view LiteralOf(cmark_node* node) {
  const char* literal = cmark_node_get_literal(node);
  return literal == nullptr ? std::string_view() : literal;
}

bool IsLineBreakTag(std::string_view html) {
  return html.starts_with("<br") || html.starts_with("<BR") || html.starts_with("<p") || html.starts_with("</p");
}

// Raw HTML without its tags and comments' marks; what comments say is text too, lest it pass unseen.
std::string WithoutTags(std::string_view html) {
  std::string text;
  while (!html.empty()) {
    const size_t open = std::min(html.find('<'), html.size());
    text += html.substr(0, open);
    html.remove_prefix(open);
    if (html.empty()) break;
    if (html.starts_with("<!--")) {
      html.remove_prefix(4);
      continue;
    }
    const size_t close = html.find('>');
    if (close == std::string_view::npos) {
      text += html;
      break;
    }
    if (IsLineBreakTag(html)) text += '\n';
    html.remove_prefix(close + 1);
  }
  for (size_t mark = text.find("-->"); mark != std::string::npos; mark = text.find("-->", mark)) text.erase(mark, 3);
  return text;
}

class TreeReader {
 public:
  TreeReader(ParsedDocument& document, int first_line) : document_(document), first_line_(first_line) {}

  void Read(cmark_node* root) {
    const std::unique_ptr<cmark_iter, FreeIterator> iterator(cmark_iter_new(root));
    for (;;) {
      const cmark_event_type event = cmark_iter_next(iterator.get());
      if (event == CMARK_EVENT_DONE) break;
      cmark_node* node = cmark_iter_get_node(iterator.get());
      if (event == CMARK_EVENT_ENTER) {
        Enter(node);
      } else {
        Exit(node);
      }
    }
  }

 private:
  // Table rows and cells have no constants in the public header, only names.
  static bool IsRow(cmark_node* node) {
    const std::string_view name = cmark_node_get_type_string(node);
    return name == "table_row" || name == "table_header";
  }
  static bool IsCell(cmark_node* node) { return std::string_view(cmark_node_get_type_string(node)) == "table_cell"; }

  void Enter(cmark_node* node) {
    const cmark_node_type type = cmark_node_get_type(node);
    if (type == CMARK_NODE_LIST) {
      next_number_.push_back(cmark_node_get_list_type(node) == CMARK_ORDERED_LIST ? cmark_node_get_list_start(node)
                                                                                  : -1);
    } else if (type == CMARK_NODE_ITEM) {
      marker_ = NextMarker();
    } else if (type == CMARK_NODE_PARAGRAPH) {
      const bool item = !next_number_.empty();
      Open(node, item ? Block::Kind::kListItem : Block::Kind::kParagraph, static_cast<uint32_t>(next_number_.size()));
      if (item) Append(std::exchange(marker_, {}));
    } else if (type == CMARK_NODE_HEADING) {
      Open(node, Block::Kind::kHeading, static_cast<uint32_t>(cmark_node_get_heading_level(node)));
    } else if (type == CMARK_NODE_CODE_BLOCK) {
      Leaf(node, Block::Kind::kCode, LiteralOf(node));
    } else if (type == CMARK_NODE_HTML_BLOCK) {
      Leaf(node, Block::Kind::kParagraph, WithoutTags(LiteralOf(node)));
    } else if (IsRow(node)) {
      Open(node, Block::Kind::kTableRow, 0);
      cells_ = 0;
    } else if (IsCell(node)) {
      if (cells_++ > 0) Append(" | ");
    } else {
      Inline(node, type);
    }
  }

  void Inline(cmark_node* node, cmark_node_type type) {
    if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE) {
      Append(LiteralOf(node));
    } else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK) {
      Append("\n");
    } else if (type == CMARK_NODE_HTML_INLINE) {
      Append(WithoutTags(LiteralOf(node)));
    }
  }

  void Exit(cmark_node* node) {
    const cmark_node_type type = cmark_node_get_type(node);
    if (type == CMARK_NODE_LIST) {
      next_number_.pop_back();
    } else if (type == CMARK_NODE_PARAGRAPH || type == CMARK_NODE_HEADING || IsRow(node)) {
      Close();
    }
  }

  std::string NextMarker() {
    if (next_number_.empty() || next_number_.back() < 0) return "- ";
    return std::to_string(next_number_.back()++) + ". ";
  }

  void Leaf(cmark_node* node, Block::Kind kind, std::string_view text) {
    Open(node, kind, 0);
    Append(text);
    Close();
  }

  void Open(cmark_node* node, Block::Kind kind, uint32_t level) {
    block_ = {.kind = kind,
              .level = level,
              .source_place = "line=" + std::to_string(cmark_node_get_start_line(node) + first_line_)};
    pending_.clear();
  }

  void Append(std::string_view text) { pending_ += text; }

  void Close() {
    const bool code = block_.kind == Block::Kind::kCode;
    const std::string_view text = code ? WithoutBlankEnds(pending_) : Trimmed(pending_);
    if (Trimmed(text).empty()) return;
    std::string& out = document_.text;
    if (!out.empty()) out += IsTight(document_.blocks.back().kind, block_.kind) ? "\n" : "\n\n";
    block_.begin = static_cast<uint32_t>(out.size());
    out += text;
    block_.end = static_cast<uint32_t>(out.size());
    if (block_.kind == Block::Kind::kHeading && block_.level == 1 && !has_heading_) {
      document_.title = text;
      has_heading_ = true;
    }
    document_.blocks.push_back(std::move(block_));
  }

  // Code keeps the indentation of its first line.
  static std::string_view WithoutBlankEnds(std::string_view text) {
    const size_t first = text.find_first_not_of(" \t\n");
    if (first == std::string_view::npos) return {};
    const size_t line = text.rfind('\n', first);
    const size_t begin = line == std::string_view::npos ? 0 : line + 1;
    return text.substr(begin, text.find_last_not_of(" \t\n") + 1 - begin);
  }

  static bool IsTight(Block::Kind before, Block::Kind after) {
    return before == after && (after == Block::Kind::kListItem || after == Block::Kind::kTableRow);
  }

  ParsedDocument& document_;
  const int first_line_;  // of the Markdown in its file, from 0
  Block block_;
  std::string pending_;
  std::vector<int> next_number_;  // of each list around; -1: bullets
  std::string marker_;
  int cells_ = 0;
  bool has_heading_ = false;
};

// The length of "---\n...\n---\n" at the begin, or 0.
size_t FrontMatterOf(std::string_view text) {
  if (!text.starts_with("---\n")) return 0;
  const size_t end = text.find("\n---\n", 3);
  return end == std::string_view::npos ? 0 : end + 5;
}

void ReadFrontMatter(std::string_view matter, ParsedDocument& document) {
  const std::string_view inside = Trimmed(matter.substr(4, matter.size() - 8));
  if (inside.empty()) return;
  document.text = inside;
  document.blocks.push_back(
      {.kind = Block::Kind::kCode, .end = static_cast<uint32_t>(inside.size()), .source_place = "line=2"});
  size_t at = inside.starts_with("title:") ? 0 : inside.find("\ntitle:");
  if (at == std::string_view::npos) return;
  at = inside.find(':', at) + 1;
  std::string_view title = Trimmed(inside.substr(at, inside.find('\n', at) - at));
  if (title.size() > 1 && (title.front() == '"' || title.front() == '\'') && title.back() == title.front()) {
    title = title.substr(1, title.size() - 2);
  }
  document.title = title;
}

class Markdown final : public Parser {
 public:
  Result<ParsedDocument> Parse(std::string_view bytes) const override {
    FRESHET_ASSIGN_OR_RETURN(std::string text, SourceText(bytes));
    if (!IsTame(text)) return ParsePlainText(std::move(text));
    ParsedDocument document;
    const size_t matter = FrontMatterOf(text);
    if (matter > 0) ReadFrontMatter(std::string_view(text).substr(0, matter), document);
    const auto lines = std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(matter), '\n');
    TreeReader(document, static_cast<int>(lines)).Read(ParseTree(std::string_view(text).substr(matter)).get());
    if (document.blocks.empty()) return Status(Code::kEmptyDocument, "Markup without text.");
    FRESHET_RETURN_IF_ERROR(CheckTextSize(document.text.size()));
    return document;
  }
};

}  // namespace

const Parser& MarkdownParser() {
  static const Markdown kParser;
  return kParser;
}

}  // namespace freshet::deid
