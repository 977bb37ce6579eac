#include "services/deid/parse/ccda.h"

#include "common/base/utf8.h"
#include "services/deid/parse/base64.h"
#include "services/deid/parse/block_writer.h"
#include "services/deid/parse/source_text.h"
#include "services/deid/parse/xml.h"

namespace freshet::deid {
namespace {

using pugi::xml_node;

bool IsText(const xml_node& node) { return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata; }

// Codes are digits, letters and '-'; whatever else stands there is not a place.
std::string PlaceOf(const xml_node& section) {
  const std::string_view code = AttributeOf(ChildOf(section, "code"), "code");
  const bool fit = !code.empty() && code.size() <= 24 && std::all_of(code.begin(), code.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
  });
  return "section=" + (fit ? std::string(code) : std::string("?"));
}

class CcdaReader {
 public:
  explicit CcdaReader(BlockWriter& out) : out_(out) {}

  Status Document(const xml_node& root) {
    out_.set_title(std::string(Trimmed(TextBelow(ChildOf(root, "title")))));
    for (const xml_node component : root.children()) {
      if (NameOf(component) != "component") continue;
      const xml_node other = ChildOf(component, "nonXMLBody");
      if (other) FRESHET_RETURN_IF_ERROR(Unstructured(ChildOf(other, "text")));
      Sections(ChildOf(component, "structuredBody"), 1);
    }
    return OkStatus();
  }

  void Section(const xml_node& section, uint32_t level) {
    place_ = PlaceOf(section);
    out_.Open(Block::Kind::kHeading, level, place_);
    out_.Text(TextBelow(ChildOf(section, "title")));
    out_.Break();
    out_.At(place_);
    Narrative(ChildOf(section, "text"));
    out_.Break();
    Sections(section, level + 1);
  }

 private:
  void Sections(const xml_node& parent, uint32_t level) {
    for (const xml_node component : parent.children()) {
      if (NameOf(component) != "component") continue;
      for (const xml_node section : component.children()) {
        if (NameOf(section) == "section") Section(section, level);
      }
    }
  }

  Status Unstructured(const xml_node& text) {
    const std::string_view media_type = AttributeOf(text, "mediaType");
    std::string content = TextBelow(text);
    if (AttributeOf(text, "representation") == "B64") {
      auto bytes = DecodeBase64(content);
      if (!bytes) return Status(Code::kMalformedDocument, "A body that is no base64.");
      content = std::move(*bytes);
    }
    // A document does not hold itself.
    const std::string type = MediaTypeOf(media_type.empty() ? "text/plain" : media_type);
    if (FindParser(type) == &CcdaParser()) return Status(Code::kMalformedDocument, "A document within itself.");
    FRESHET_ASSIGN_OR_RETURN(const ParsedDocument inner, Parse(type, content));
    out_.Append(inner, "body");
    return OkStatus();
  }

  void Narrative(const xml_node& node) {
    for (const xml_node child : node.children()) {
      if (IsText(child)) {
        out_.Text(child.value());
      } else if (child.type() == pugi::node_element) {
        Element(child, NameOf(child));
      }
    }
  }

  void Element(const xml_node& node, std::string_view name) {
    if (name == "br") return out_.LineBreak();
    if (in_row_) return InRow(node, name);
    if (name == "list") {
      out_.OpenList(AttributeOf(node, "listType") == "ordered");
      Narrative(node);
      out_.CloseList();
    } else if (name == "item") {
      out_.Item(place_);
      Narrative(node);
    } else if (name == "tr") {
      out_.Row(place_);
      in_row_ = true;
      Narrative(node);
      in_row_ = false;
      out_.Break();
    } else if (name == "paragraph" || name == "table" || name == "caption" || name == "thead" || name == "tbody") {
      const bool block = name != "paragraph" || !out_.in_list();
      if (block) out_.Break();
      Narrative(node);
      if (block) out_.Break();
    } else {
      Narrative(node);
    }
  }

  // A row stays one block, whatever its cells hold.
  void InRow(const xml_node& node, std::string_view name) {
    const bool cell = name == "td" || name == "th";
    if (cell) out_.Cell();
    if (name == "item" || name == "paragraph" || name == "tr") out_.LineBreak();
    if (name == "item") out_.Text("- ");
    Narrative(node);
  }

  BlockWriter& out_;
  std::string place_;
  bool in_row_ = false;
};

class Ccda final : public Parser {
 public:
  Result<ParsedDocument> Parse(std::string_view bytes) const override {
    if (bytes.size() > kMostSourceBytes)
      return Status(Code::kDocumentTooLarge, std::to_string(bytes.size()) + " bytes.");
    FRESHET_ASSIGN_OR_RETURN(const XmlTree tree, XmlTree::Parse(bytes));
    BlockWriter out;
    CcdaReader reader(out);
    const std::string_view root = NameOf(tree.root());
    if (root == "ClinicalDocument") {
      FRESHET_RETURN_IF_ERROR(reader.Document(tree.root()));
    } else if (root == "section") {
      reader.Section(tree.root(), 1);
    } else {
      return Status(Code::kMalformedDocument, "XML that is no ClinicalDocument.");
    }
    return Checked(std::move(out));
  }

 private:
  // XML of other encodings has become UTF-8; what claims to be UTF-8 need not be.
  static Result<ParsedDocument> Checked(BlockWriter out) {
    FRESHET_ASSIGN_OR_RETURN(ParsedDocument parsed, std::move(out).Finish());
    if (!IsValidUtf8(parsed.text) || !IsValidUtf8(parsed.title)) return Status(Code::kInvalidUtf8, "Text of XML.");
    return parsed;
  }
};

}  // namespace

const Parser& CcdaParser() {
  static const Ccda kParser;
  return kParser;
}

}  // namespace freshet::deid
