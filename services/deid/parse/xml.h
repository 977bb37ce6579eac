// XmlTree: XML that somebody else wrote, as a tree without prefixes in names (pugixml).
//
//   FRESHET_ASSIGN_OR_RETURN(const XmlTree tree, XmlTree::Parse(bytes));
//   for (pugi::xml_node child : tree.root().children()) if (NameOf(child) == "section") ...
//
// Nothing is fetched, no entity is expanded but the five of XML and numbers. malformed_document: it is not well-formed,
// has a document type declaration, or elements nest deeper than kMostXmlNesting (so that recursion over it is safe).
#pragma once

#include <memory>
#include <pugixml.hpp>
#include <string_view>

#include "common/base/status.h"

namespace freshet::deid {

inline constexpr size_t kMostXmlNesting = 512;

class XmlTree {
 public:
  static Result<XmlTree> Parse(std::string_view bytes);
  pugi::xml_node root() const { return document_->document_element(); }

 private:
  std::unique_ptr<pugi::xml_document> document_;
};

// "w:p" -> "p".
std::string_view NameOf(const pugi::xml_node& node);
// The first child of that name, without its prefix; an empty node where there is none.
pugi::xml_node ChildOf(const pugi::xml_node& node, std::string_view name);
// The attribute, whatever its prefix; "" where there is none.
std::string_view AttributeOf(const pugi::xml_node& node, std::string_view name);
// All text below a node, in order.
std::string TextBelow(const pugi::xml_node& node);

}  // namespace freshet::deid
