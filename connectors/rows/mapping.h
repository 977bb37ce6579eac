// Mapping: MappingOptions made ready, and what a change of a row touches under them.
//
//   FRESHET_ASSIGN_OR_RETURN(Mapping mapping, Mapping::Compile(options));
//   FRESHET_RETURN_IF_ERROR(mapping.CheckTable(table));         // before any change of that table is looked at
//   for (Touch& touch : mapping.TouchedBy(change)) ...          // {document 0 ["7"], kUpsert}
//
// An entity is what has a version register of its own at the sink: a document, a scope's list, a group, an identity. It
// is named by its rule and the values of the columns that its rule's template names it by. What a change does not tell
// whole (a child's row, a list that other rows are part of, a value that did not travel) is fetched.
// Immutable: any thread.
#pragma once

#include <compare>
#include <set>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "connectors/rows/options.h"
#include "connectors/rows/text_template.h"
#include "schemas/change.h"

namespace freshet::rows {

// The scope of documents whose rule names none.
inline constexpr std::string_view kDefaultScope = "default";

enum class EntityKind : uint8_t { kDocument, kScope, kGroup, kIdentity };

struct EntityKey {
  EntityKind kind = EntityKind::kDocument;
  uint32_t rule = 0;                // of that kind, in the configuration's order
  std::vector<std::string> values;  // of the columns that name the entity
  auto operator<=>(const EntityKey&) const = default;
};

struct Touch {
  enum class What : uint8_t { kUpsert, kFetch, kDelete, kEnteredInError };
  EntityKey key;
  What what = What::kUpsert;  // kUpsert: `change.after` tells all
};

struct ChildRule {
  std::string table;
  std::vector<std::string> parent;
  std::vector<std::string> order;
  Template content;
  std::vector<std::string> columns;  // that a query has to give
};

struct DocumentRule {
  std::string table;
  Template id, content, media_type, title, uri, effective, scope;
  std::vector<std::pair<std::string, Template>> attributes;
  std::vector<Template> patients, allow, deny;
  std::map<std::string, std::vector<std::string>> where, entered_in_error;
  std::vector<ChildRule> children;
  std::vector<std::string> columns;
  bool own_list() const { return !allow.empty() || !deny.empty(); }
};

// A list that the rows of one name make together: a scope's, or a group's members (in `allow`).
struct ListRule {
  std::string table;
  Template name, from, until;
  std::vector<Template> allow, deny;
  std::vector<std::string> columns;
};

struct IdentityRule {
  std::string table;
  Template patient, identity, given, family, prefix, suffix, birth_date, merged_into;
  std::vector<std::pair<std::string, Template>> identifiers;
  std::vector<Template> addresses, telecoms;
  std::vector<std::string> columns;
  std::vector<std::string> key;  // the columns of patient and identity
};

class Mapping {
 public:
  // configuration: a template that is none, a document without columns in its id, a child with another number of
  // parent columns than its document's id has, no documents and nobody else.
  static Result<Mapping> Compile(const MappingOptions& options);

  const std::vector<DocumentRule>& documents() const { return documents_; }
  const std::vector<ListRule>& access() const { return access_; }
  const std::vector<ListRule>& groups() const { return groups_; }
  const std::vector<IdentityRule>& identities() const { return identities_; }
  const std::vector<Principal>& default_access() const { return default_access_; }

  // Sorted, without doubles.
  std::vector<std::string> tables() const;
  // Whether a list's rows count for a time that this column tells.
  bool IsLimit(std::string_view table, const std::string& column) const;
  // Whether some rule asks the source beyond the stream: children, lists of several rows.
  bool needs_source() const;

  // configuration: a column that a rule names is not there, or names an entity and is not part of what identifies a row
  // in an update or delete, so that what the row was before would not be known.
  Status CheckTable(const Table& table) const;

  // In the order of the rules. A truncate touches nothing here: what it emptied is not known.
  std::vector<Touch> TouchedBy(const RowChange& change) const;
  // A row of a snapshot, of a document's rule.
  Touch::What JudgeDocument(const DocumentRule& rule, const Row& row) const;

  // The values that name the scope in the rule that rules it; nothing where no rule does.
  std::optional<EntityKey> ScopeKey(std::string_view scope) const;

  // Equal where the same rows give the same events.
  Hash128 fingerprint() const { return fingerprint_; }

 private:
  void TouchDocuments(const RowChange& change, std::vector<Touch>& out) const;
  void TouchParents(const RowChange& change, std::vector<Touch>& out) const;
  void TouchLists(const RowChange& change, EntityKind kind, std::vector<Touch>& out) const;
  void TouchIdentities(const RowChange& change, std::vector<Touch>& out) const;

  std::vector<DocumentRule> documents_;
  std::vector<ListRule> access_;
  std::vector<ListRule> groups_;
  std::vector<IdentityRule> identities_;
  std::vector<Principal> default_access_;
  Hash128 fingerprint_{};
};

}  // namespace freshet::rows
