#include "connectors/rows/mapping.h"

namespace freshet::rows {
namespace {

enum class Fit : uint8_t { kNo, kYes, kUnknown };

// Whether each of these columns has one of its values; of no columns: yes.
Fit FitOf(const std::map<std::string, std::vector<std::string>>& wanted, const Row& row) {
  for (const auto& [column, values] : wanted) {
    const Cell* const cell = row.Find(column);
    if (cell == nullptr || cell->is_null()) return Fit::kNo;
    if (cell->is_unknown()) return Fit::kUnknown;
    if (std::find(values.begin(), values.end(), cell->text) == values.end()) return Fit::kNo;
  }
  return Fit::kYes;
}

bool IsWhole(const Row& row, const std::vector<std::string>& columns) {
  return std::none_of(columns.begin(), columns.end(), [&row](const std::string& column) {
    const Cell* const cell = row.Find(column);
    return cell != nullptr && cell->is_unknown();
  });
}

// Whether no two rows agree in these columns, as the key is among them.
bool IsAlone(const Table& table, const std::vector<std::string>& columns) {
  if (table.whole_before) return false;
  bool any = false;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (!table.key[i]) continue;
    any = true;
    if (std::find(columns.begin(), columns.end(), table.columns[i]) == columns.end()) return false;
  }
  return any;
}

struct Keys {
  std::optional<std::vector<std::string>> before, after;
};

Keys KeysOf(const RowChange& change, const std::vector<std::string>& columns) {
  Keys keys;
  if (change.before) keys.before = KeyOf(*change.before, columns);
  if (change.after) keys.after = KeyOf(*change.after, columns);
  if (keys.before == keys.after) keys.before.reset();  // named once
  return keys;
}

Status CheckColumns(const Table& table, const std::vector<std::string>& columns) {
  for (const std::string& column : columns) {
    if (table.IndexOf(column) < 0) {
      return Status(Code::kConfiguration, "mapping: table " + table.name + " has no column " + column);
    }
  }
  return OkStatus();
}

Status CheckKey(const Table& table, const std::vector<std::string>& columns) {
  for (const std::string& column : columns) {
    if (table.HasKey(column)) continue;
    return Status(Code::kConfiguration, "mapping: column " + column + " of " + table.name +
                                            " names what a row belongs to and is not in its key: ALTER TABLE " +
                                            table.name + " REPLICA IDENTITY FULL");
  }
  return OkStatus();
}

}  // namespace

std::vector<std::string> Mapping::tables() const {
  std::set<std::string> names;
  for (const DocumentRule& rule : documents_) {
    names.insert(rule.table);
    for (const ChildRule& child : rule.children) names.insert(child.table);
  }
  for (const ListRule& rule : access_) names.insert(rule.table);
  for (const ListRule& rule : groups_) names.insert(rule.table);
  for (const IdentityRule& rule : identities_) names.insert(rule.table);
  return {names.begin(), names.end()};
}

bool Mapping::IsLimit(std::string_view table, const std::string& column) const {
  const auto names = [&column](const Template& text) {
    return std::find(text.columns().begin(), text.columns().end(), column) != text.columns().end();
  };
  const auto limits = [&](const ListRule& rule) {
    return rule.table == table && (names(rule.from) || names(rule.until));
  };
  return std::any_of(access_.begin(), access_.end(), limits) || std::any_of(groups_.begin(), groups_.end(), limits);
}

bool Mapping::needs_source() const {
  return !access_.empty() || !groups_.empty() ||
         std::any_of(documents_.begin(), documents_.end(), [](const DocumentRule& r) { return !r.children.empty(); });
}

Status Mapping::CheckTable(const Table& table) const {
  const auto check = [&table](const std::string& name, const auto& columns, const auto& key) -> Status {
    if (name != table.name) return OkStatus();
    FRESHET_RETURN_IF_ERROR(CheckColumns(table, columns));
    return CheckKey(table, key);
  };
  for (const DocumentRule& rule : documents_) {
    FRESHET_RETURN_IF_ERROR(check(rule.table, rule.columns, rule.id.columns()));
    for (const ChildRule& child : rule.children) {
      FRESHET_RETURN_IF_ERROR(check(child.table, child.columns, child.parent));
    }
  }
  for (const std::vector<ListRule>* const rules : {&access_, &groups_}) {
    for (const ListRule& rule : *rules) {
      FRESHET_RETURN_IF_ERROR(check(rule.table, rule.columns, rule.name.columns()));
    }
  }
  for (const IdentityRule& rule : identities_) FRESHET_RETURN_IF_ERROR(check(rule.table, rule.columns, rule.key));
  return OkStatus();
}

Touch::What Mapping::JudgeDocument(const DocumentRule& rule, const Row& row) const {
  const Fit wanted = FitOf(rule.where, row);
  if (wanted == Fit::kNo) return Touch::What::kDelete;
  const Fit error = rule.entered_in_error.empty() ? Fit::kNo : FitOf(rule.entered_in_error, row);
  if (wanted == Fit::kUnknown || error == Fit::kUnknown) return Touch::What::kFetch;
  if (error == Fit::kYes) return Touch::What::kEnteredInError;
  return rule.children.empty() && IsWhole(row, rule.columns) ? Touch::What::kUpsert : Touch::What::kFetch;
}

void Mapping::TouchDocuments(const RowChange& change, std::vector<Touch>& out) const {
  for (uint32_t i = 0; i < documents_.size(); ++i) {
    const DocumentRule& rule = documents_[i];
    if (rule.table != change.table->name) continue;
    Keys keys = KeysOf(change, rule.id.columns());
    const auto add = [&](std::vector<std::string> values, Touch::What what) {
      out.push_back({{EntityKind::kDocument, i, std::move(values)}, what});
    };
    if (keys.before) add(std::move(*keys.before), Touch::What::kDelete);
    if (keys.after) add(std::move(*keys.after), JudgeDocument(rule, *change.after));
  }
}

void Mapping::TouchParents(const RowChange& change, std::vector<Touch>& out) const {
  for (uint32_t i = 0; i < documents_.size(); ++i) {
    for (const ChildRule& child : documents_[i].children) {
      if (child.table != change.table->name) continue;
      // Before and after alike: a row that is deleted belongs to a document that goes on.
      for (const std::optional<Row>* const row : {&change.before, &change.after}) {
        if (!*row) continue;
        auto values = KeyOf(**row, child.parent);
        if (values) out.push_back({{EntityKind::kDocument, i, std::move(*values)}, Touch::What::kFetch});
      }
    }
  }
}

void Mapping::TouchLists(const RowChange& change, EntityKind kind, std::vector<Touch>& out) const {
  const std::vector<ListRule>& rules = kind == EntityKind::kScope ? access_ : groups_;
  for (uint32_t i = 0; i < rules.size(); ++i) {
    if (rules[i].table != change.table->name) continue;
    Keys keys = KeysOf(change, rules[i].name.columns());
    const bool alone = IsAlone(*change.table, rules[i].name.columns());
    if (keys.before) {
      out.push_back({{kind, i, std::move(*keys.before)}, alone ? Touch::What::kDelete : Touch::What::kFetch});
    }
    if (!keys.after) continue;
    const bool tells = alone && IsWhole(*change.after, rules[i].columns);
    out.push_back({{kind, i, std::move(*keys.after)}, tells ? Touch::What::kUpsert : Touch::What::kFetch});
  }
}

void Mapping::TouchIdentities(const RowChange& change, std::vector<Touch>& out) const {
  for (uint32_t i = 0; i < identities_.size(); ++i) {
    const IdentityRule& rule = identities_[i];
    if (rule.table != change.table->name) continue;
    Keys keys = KeysOf(change, rule.key);
    const auto add = [&](std::vector<std::string> values, Touch::What what) {
      out.push_back({{EntityKind::kIdentity, i, std::move(values)}, what});
    };
    if (keys.before) add(std::move(*keys.before), Touch::What::kDelete);
    if (!keys.after) continue;
    add(std::move(*keys.after), IsWhole(*change.after, rule.columns) ? Touch::What::kUpsert : Touch::What::kFetch);
  }
}

std::vector<Touch> Mapping::TouchedBy(const RowChange& change) const {
  std::vector<Touch> out;
  TouchDocuments(change, out);
  TouchParents(change, out);
  TouchLists(change, EntityKind::kScope, out);
  TouchLists(change, EntityKind::kGroup, out);
  TouchIdentities(change, out);
  return out;
}

std::optional<EntityKey> Mapping::ScopeKey(std::string_view scope) const {
  for (uint32_t i = 0; i < access_.size(); ++i) {
    auto values = access_[i].name.Match(scope);
    if (values) return EntityKey{EntityKind::kScope, i, std::move(*values)};
  }
  return std::nullopt;
}

}  // namespace freshet::rows
