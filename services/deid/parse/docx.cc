#include "services/deid/parse/docx.h"

#include <zip.h>

#include <map>
#include <memory>
#include <optional>

#include "common/base/utf8.h"
#include "services/deid/parse/block_writer.h"
#include "services/deid/parse/source_text.h"
#include "services/deid/parse/xml.h"

namespace freshet::deid {
namespace {

using pugi::xml_node;

struct CloseZip {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, CloseZip>;

Archive OpenArchive(std::string_view bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* const archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr && source != nullptr) zip_source_free(source);
  zip_error_fini(&error);
  return Archive(archive);
}

// Nothing where there is no such part.
Result<std::optional<std::string>> ReadPart(const Archive& archive, const char* name) {
  const std::unique_ptr<zip_file_t, CloseZip> file(zip_fopen(archive.get(), name, 0));
  if (file == nullptr) return std::optional<std::string>();
  std::string bytes;
  char buffer[16384];
  // What the archive says of the size is not believed.
  for (zip_int64_t got; (got = zip_fread(file.get(), buffer, sizeof(buffer))) != 0;) {
    if (got < 0) return Status(Code::kMalformedDocument, "A part that cannot be unpacked.");
    bytes.append(buffer, static_cast<size_t>(got));
    if (bytes.size() > kMostPartBytes) return Status(Code::kDocumentTooLarge, "A part over the limit, unpacked.");
  }
  return std::optional(std::move(bytes));
}

// Style id -> outline level, from 1: "heading 2", or an outline level of its own.
std::map<std::string, uint32_t> HeadingStyles(const xml_node& styles) {
  std::map<std::string, uint32_t> levels;
  for (const xml_node style : styles.children()) {
    if (NameOf(style) != "style") continue;
    const std::string_view name = AttributeOf(ChildOf(style, "name"), "val");
    uint32_t level = name == "Title" || name == "title" ? 1 : 0;
    const bool heading = (name.starts_with("heading ") || name.starts_with("Heading ")) && name.size() == 9;
    if (heading && name[8] >= '1' && name[8] <= '9') level = static_cast<uint32_t>(name[8] - '0');
    const std::string_view outline = AttributeOf(ChildOf(ChildOf(style, "pPr"), "outlineLvl"), "val");
    if (outline.size() == 1 && outline[0] >= '0' && outline[0] <= '8')
      level = static_cast<uint32_t>(outline[0] - '0' + 1);
    if (level > 0) levels.emplace(AttributeOf(style, "styleId"), level);
  }
  return levels;
}

class DocxReader {
 public:
  DocxReader(BlockWriter& out, std::map<std::string, uint32_t> headings) : out_(out), headings_(std::move(headings)) {}

  // Paragraphs and tables, within whatever holds them.
  void Body(const xml_node& body) {
    for (const xml_node child : body.children()) {
      const std::string_view name = NameOf(child);
      if (name == "p") {
        Paragraph(child);
      } else if (name == "tbl") {
        Table(child);
      } else if (name == "sdt" || name == "sdtContent" || name == "customXml" || name == "footnote" ||
                 name == "endnote" || name == "ins" || name == "smartTag" || name == "txbxContent") {
        Body(child);
      }
    }
  }

 private:
  std::string Place() const { return "paragraph=" + std::to_string(paragraph_); }

  void Paragraph(const xml_node& paragraph) {
    ++paragraph_;
    const xml_node properties = ChildOf(paragraph, "pPr");
    const auto heading = headings_.find(std::string(AttributeOf(ChildOf(properties, "pStyle"), "val")));
    if (in_row_) {
      out_.LineBreak();
    } else if (heading != headings_.end()) {
      out_.Open(Block::Kind::kHeading, heading->second, Place());
    } else if (ChildOf(properties, "numPr")) {
      out_.Item(Place());
    } else {
      out_.Open(Block::Kind::kParagraph, 0, Place());
    }
    Runs(paragraph);
    if (!in_row_) out_.Break();
  }

  void Runs(const xml_node& node) {
    for (const xml_node child : node.children()) {
      const std::string_view name = NameOf(child);
      if (name == "t") {
        out_.Text(child.child_value());
      } else if (name == "tab") {
        out_.Text(" ");
      } else if (name == "br" || name == "cr") {
        out_.LineBreak();
      } else if (name == "noBreakHyphen") {
        out_.Text("-");
      } else if (name != "del" && name != "moveFrom" && name != "pPr" && name != "rPr" && name != "instrText" &&
                 name != "Fallback") {
        Runs(child);
      }
    }
  }

  // A row stays one block; a table in a cell is text of the cell.
  void Table(const xml_node& table) {
    for (const xml_node row : table.children()) {
      if (NameOf(row) != "tr") continue;
      const bool outer = !in_row_;
      if (outer) out_.Row("paragraph=" + std::to_string(paragraph_ + 1));
      in_row_ = true;
      for (const xml_node cell : row.children()) {
        if (NameOf(cell) != "tc") continue;
        if (outer) out_.Cell();
        Body(cell);
      }
      if (!outer) continue;
      in_row_ = false;
      out_.Break();
    }
  }

  BlockWriter& out_;
  const std::map<std::string, uint32_t> headings_;
  size_t paragraph_ = 0;
  bool in_row_ = false;
};

Result<std::optional<XmlTree>> ReadTree(const Archive& archive, const char* name) {
  FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> part, ReadPart(archive, name));
  if (!part) return std::optional<XmlTree>();
  FRESHET_ASSIGN_OR_RETURN(XmlTree tree, XmlTree::Parse(*part));
  return std::optional(std::move(tree));
}

class Docx final : public Parser {
 public:
  Result<ParsedDocument> Parse(std::string_view bytes) const override {
    if (bytes.size() > kMostSourceBytes)
      return Status(Code::kDocumentTooLarge, std::to_string(bytes.size()) + " bytes.");
    const Archive archive = OpenArchive(bytes);
    if (archive == nullptr) return Status(Code::kMalformedDocument, "No archive.");
    FRESHET_ASSIGN_OR_RETURN(const auto styles, ReadTree(archive, "word/styles.xml"));
    FRESHET_ASSIGN_OR_RETURN(const auto properties, ReadTree(archive, "docProps/core.xml"));
    FRESHET_ASSIGN_OR_RETURN(const auto main, ReadTree(archive, "word/document.xml"));
    if (!main) return Status(Code::kMalformedDocument, "An archive without a main part.");
    BlockWriter out;
    if (properties) out.set_title(std::string(Trimmed(TextBelow(ChildOf(properties->root(), "title")))));
    DocxReader reader(out, styles ? HeadingStyles(styles->root()) : std::map<std::string, uint32_t>());
    reader.Body(ChildOf(main->root(), "body"));
    for (const char* const name : {"word/footnotes.xml", "word/endnotes.xml"}) {
      FRESHET_ASSIGN_OR_RETURN(const auto notes, ReadTree(archive, name));
      if (notes) reader.Body(notes->root());
    }
    FRESHET_ASSIGN_OR_RETURN(ParsedDocument parsed, std::move(out).Finish());
    if (!IsValidUtf8(parsed.text) || !IsValidUtf8(parsed.title)) return Status(Code::kInvalidUtf8, "Text of XML.");
    return parsed;
  }
};

}  // namespace

const Parser& DocxParser() {
  static const Docx kParser;
  return kParser;
}

}  // namespace freshet::deid
