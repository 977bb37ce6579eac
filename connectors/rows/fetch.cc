#include "connectors/rows/fetch.h"

namespace freshet::rows {

Result<std::map<Key, std::vector<ChildRows>>> FetchChildren(const DocumentRule& rule, const std::vector<Key>& keys,
                                                            RowSource& source) {
  std::map<Key, std::vector<ChildRows>> found;
  for (const Key& key : keys) found[key].resize(rule.children.size());
  for (size_t i = 0; i < rule.children.size(); ++i) {
    const ChildRule& child = rule.children[i];
    FRESHET_ASSIGN_OR_RETURN(
        std::vector<Row> rows,
        source.Select(
            {.table = child.table, .columns = child.columns, .by = child.parent, .keys = keys, .order = child.order}));
    for (Row& row : rows) {
      const auto key = KeyOf(row, child.parent);
      const auto at = key ? found.find(*key) : found.end();
      if (at != found.end()) at->second[i].push_back(std::move(row));
    }
  }
  return found;
}

Result<std::map<Key, WholeDocument>> FetchDocuments(const DocumentRule& rule, const std::vector<Key>& keys,
                                                    RowSource& source) {
  const std::vector<std::string>& by = rule.id.columns();
  FRESHET_ASSIGN_OR_RETURN(std::vector<Row> rows,
                           source.Select({.table = rule.table, .columns = rule.columns, .by = by, .keys = keys}));
  std::map<Key, WholeDocument> found;
  for (Row& row : rows) {
    auto key = KeyOf(row, by);
    if (key) found.insert_or_assign(std::move(*key), WholeDocument{.row = std::move(row)});
  }
  if (rule.children.empty() || found.empty()) return found;
  std::vector<Key> parents;
  for (const auto& [key, document] : found) parents.push_back(key);
  FRESHET_ASSIGN_OR_RETURN(auto children, FetchChildren(rule, parents, source));
  for (auto& [key, document] : found) document.children = std::move(children[key]);
  return found;
}

Result<std::map<Key, std::vector<Row>>> FetchLists(const ListRule& rule, const std::vector<Key>& keys,
                                                   RowSource& source) {
  const std::vector<std::string>& by = rule.name.columns();
  FRESHET_ASSIGN_OR_RETURN(std::vector<Row> rows,
                           source.Select({.table = rule.table, .columns = rule.columns, .by = by, .keys = keys}));
  std::map<Key, std::vector<Row>> found;
  for (const Key& key : keys) found[key];
  for (Row& row : rows) {
    const auto key = KeyOf(row, by);
    if (key) found[*key].push_back(std::move(row));
  }
  return found;
}

Result<std::map<Key, Row>> FetchIdentities(const IdentityRule& rule, const std::vector<Key>& keys, RowSource& source) {
  FRESHET_ASSIGN_OR_RETURN(std::vector<Row> rows,
                           source.Select({.table = rule.table, .columns = rule.columns, .by = rule.key, .keys = keys}));
  std::map<Key, Row> found;
  for (Row& row : rows) {
    auto key = KeyOf(row, rule.key);
    if (key) found.insert_or_assign(std::move(*key), std::move(row));
  }
  return found;
}

Result<Upsert> FetchDocument(const Mapping& mapping, const DocumentId& document, RowSource& source) {
  for (const DocumentRule& rule : mapping.documents()) {
    const auto key = rule.id.Match(document.value);
    if (!key) continue;
    FRESHET_ASSIGN_OR_RETURN(const auto found, FetchDocuments(rule, {*key}, source));
    const auto at = found.find(*key);
    if (at == found.end()) continue;
    const Touch::What judged = mapping.JudgeDocument(rule, at->second.row);
    if (judged == Touch::What::kDelete || judged == Touch::What::kEnteredInError) continue;
    return Assembler(mapping).Document(rule, at->second.row, at->second.children);
  }
  return Status(Code::kNotFound, "No row is this document");
}

}  // namespace freshet::rows
