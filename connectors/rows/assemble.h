// Assembler: rows to the changes that connectors publish.
//
//   Assembler assembler(mapping);
//   Upsert upsert = assembler.Document(rule, row, children_of_each_rule);
//   AccessChange list = assembler.List({EntityKind::kScope, 0, {"12"}}, rows);
//
// Pure: any thread. Nothing here fails: what cannot travel becomes an Upsert with `refused`.
#pragma once

#include <span>

#include "connectors/rows/mapping.h"

namespace freshet::rows {

// Rows of one child rule that belong to one document, in order.
using ChildRows = std::vector<Row>;

class Assembler {
 public:
  // The mapping outlives this.
  explicit Assembler(const Mapping& mapping) : mapping_(mapping) {}

  std::string NativeId(const EntityKey& document) const;
  // One ChildRows for each child rule; none where the rule has no children. refused: document_too_large; invalid_utf8
  // where text is none.
  Upsert Document(const DocumentRule& rule, const Row& row, std::span<const ChildRows> children) const;
  // The list that the row holds itself (`allow` and `deny` of its rule).
  AccessChange OwnList(const DocumentRule& rule, const Row& row, const Version& content) const;
  // A scope's whole list, of all its rows; of none: removed.
  AccessChange ScopeList(const EntityKey& scope, std::span<const Row> rows) const;
  // Of a scope that no rule rules: the default scope has default_access, any other nobody.
  AccessChange UnruledList(std::string_view scope) const;
  // configuration: a member's `from` and `until` are no period.
  Result<GroupChange> Group(const EntityKey& group, std::span<const Row> rows) const;
  IdentityChange Identity(const IdentityRule& rule, const Row& row) const;
  IdentityChange RetractedIdentity(const EntityKey& identity) const;

 private:
  const Mapping& mapping_;
};

// The default scope's own name; the document's where it has a list of its own.
std::string ScopeOf(const DocumentRule& rule, const Row& row);

}  // namespace freshet::rows
