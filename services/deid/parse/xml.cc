#include "services/deid/parse/xml.h"

#include "common/base/utf8.h"

namespace freshet::deid {
namespace {

std::string_view WithoutPrefix(std::string_view name) {
  const size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

struct DepthGuard final : pugi::xml_tree_walker {
  bool for_each(pugi::xml_node&) override { return static_cast<size_t>(depth()) <= kMostXmlNesting; }
};

}  // namespace

Result<XmlTree> XmlTree::Parse(std::string_view bytes) {
  XmlTree tree;
  tree.document_ = std::make_unique<pugi::xml_document>();
  constexpr unsigned kOptions = pugi::parse_default | pugi::parse_ws_pcdata | pugi::parse_doctype;
  const pugi::xml_parse_result parsed = tree.document_->load_buffer(bytes.data(), bytes.size(), kOptions);
  if (!parsed) {
    return Status(Code::kMalformedDocument, "XML is not well-formed at offset " + std::to_string(parsed.offset) + ".");
  }
  for (const pugi::xml_node child : tree.document_->children()) {
    if (child.type() == pugi::node_doctype) return Status(Code::kMalformedDocument, "XML with a document type.");
  }
  DepthGuard guard;
  if (!tree.document_->traverse(guard)) return Status(Code::kMalformedDocument, "XML nests too deep.");
  if (!tree.root()) return Status(Code::kMalformedDocument, "XML without a root.");
  return tree;
}

std::string_view NameOf(const pugi::xml_node& node) { return WithoutPrefix(node.name()); }

pugi::xml_node ChildOf(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node child : node.children()) {
    if (NameOf(child) == name) return child;
  }
  return {};
}

std::string_view AttributeOf(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_attribute attribute : node.attributes()) {
    if (WithoutPrefix(attribute.name()) == name) return attribute.value();
  }
  return {};
}

std::string TextBelow(const pugi::xml_node& node) {
  std::string text;
  for (const pugi::xml_node child : node.children()) {
    const bool is_text = child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata;
    text += is_text ? child.value() : TextBelow(child);
  }
  return text;
}

}  // namespace freshet::deid
