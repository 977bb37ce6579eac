#include "connectors/postgres/snapshot_worker.h"

#include "connectors/postgres/values.h"
#include "connectors/rows/fetch.h"

namespace freshet::postgres {
namespace {

using rows::EntityKind;

const rows::ListRule& ListRuleOf(const rows::Mapping& mapping, const SnapshotFamily& family) {
  return family.kind == EntityKind::kScope ? mapping.access()[family.rule] : mapping.groups()[family.rule];
}

bool IsList(const SnapshotFamily& family) {
  return family.kind == EntityKind::kScope || family.kind == EntityKind::kGroup;
}

Status Stopped() { return Status(Code::kUnavailable, "The snapshot is given up"); }

}  // namespace

const std::vector<std::string>& ColumnsOf(const rows::Mapping& mapping, const SnapshotFamily& family) {
  if (IsList(family)) return ListRuleOf(mapping, family).columns;
  if (family.kind == EntityKind::kIdentity) return mapping.identities()[family.rule].columns;
  return mapping.documents()[family.rule].columns;
}

SnapshotWorker::SnapshotWorker(const SnapshotReader::Parts& parts, const SnapshotCursor& at)
    : options_(parts.options),
      mapping_(parts.mapping),
      stamp_{.version = {at.begin.epoch, at.begin.position, kSnapshotPlace + parts.reading}, .committed = at.started} {}

Result<std::unique_ptr<SnapshotWorker>> SnapshotWorker::Open(const SnapshotReader::Parts& parts,
                                                             const SnapshotCursor& at) {
  std::unique_ptr<SnapshotWorker> worker(new SnapshotWorker(parts, at));
  for (std::unique_ptr<SqlClient>* const client : {&worker->copy_, &worker->side_}) {
    FRESHET_ASSIGN_OR_RETURN(*client, SqlClient::Connect(parts.options.connection, SqlClient::Kind::kQueries));
    if (parts.exported.empty()) continue;
    FRESHET_RETURN_IF_ERROR((*client)->Query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").status());
    FRESHET_RETURN_IF_ERROR((*client)->Query("SET TRANSACTION SNAPSHOT " + Literal(parts.exported)).status());
  }
  return worker;
}

Result<std::shared_ptr<const rows::Table>> SnapshotWorker::Prepare(const SnapshotFamily& family) {
  FRESHET_ASSIGN_OR_RETURN(const TableInfo info, ServerSource(*side_).Describe(family.table));
  const std::vector<std::string>& columns = ColumnsOf(mapping_, family);
  types_.clear();
  for (const std::string& column : columns) {
    const auto type = info.types.find(column);
    if (type == info.types.end()) {
      return Status(Code::kConfiguration, "mapping: table " + family.table + " has no column " + column);
    }
    types_.push_back(type->second);
  }
  return ShapeOf(family.table, columns);
}

Status SnapshotWorker::Read(const Range& range, const Emit& emit) {
  rows_.clear();
  bytes_ = 0;
  FRESHET_ASSIGN_OR_RETURN(shape_, Prepare(range.family));
  std::string sql = "COPY (SELECT " + ColumnList(shape_->columns) + " FROM " + range.family.relation;
  if (IsList(range.family)) {
    // The rows of one list side by side.
    sql += " ORDER BY " + ColumnList(ListRuleOf(mapping_, range.family).name.columns());
  } else {
    sql += " WHERE ctid >= '(" + std::to_string(range.from) + ",0)'";
    if (range.to != 0) sql += " AND ctid < '(" + std::to_string(range.to) + ",0)'";
  }
  sql += ") TO STDOUT";
  FRESHET_RETURN_IF_ERROR(copy_->Copy(sql, [&](std::string_view line) { return TakeLine(line, range, emit); }));
  return Flush(range, emit);
}

Status SnapshotWorker::TakeLine(std::string_view line, const Range& range, const Emit& emit) {
  if (!SplitCopyLine(line, fields_) || fields_.size() != types_.size()) {
    return Status(Code::kCorruptRecord, "PostgreSQL: a line of COPY that is none");
  }
  rows::Row row{shape_, {}};
  row.cells.reserve(fields_.size());
  for (size_t i = 0; i < fields_.size(); ++i) {
    row.cells.push_back(fields_[i] ? CellOf(types_[i], *fields_[i]) : rows::Cell::Null());
  }
  const bool full = bytes_ >= kPortionBytes || rows_.size() >= kPortionRows;
  if (full) {
    // A list is never cut in two.
    const bool same_list =
        IsList(range.family) && rows::KeyOf(row, ListRuleOf(mapping_, range.family).name.columns()) ==
                                    rows::KeyOf(rows_.back(), ListRuleOf(mapping_, range.family).name.columns());
    if (!same_list) FRESHET_RETURN_IF_ERROR(Flush(range, emit));
  }
  bytes_ += row.Bytes();
  rows_.push_back(std::move(row));
  return OkStatus();
}

Status SnapshotWorker::AddDocuments(uint32_t index, rows::Resolved& out) {
  const rows::DocumentRule& rule = mapping_.documents()[index];
  std::vector<rows::Key> keys;
  std::vector<const rows::Row*> documents;
  for (const rows::Row& row : rows_) {
    const auto key = rows::KeyOf(row, rule.id.columns());
    const rows::Touch::What judged = mapping_.JudgeDocument(rule, row);
    // What is no document is not mentioned: the end of the snapshot deletes it.
    if (!key || judged == rows::Touch::What::kDelete || judged == rows::Touch::What::kEnteredInError) continue;
    keys.push_back(*key);
    documents.push_back(&row);
  }
  std::map<rows::Key, std::vector<rows::ChildRows>> children;
  if (!rule.children.empty() && !keys.empty()) {
    ServerSource source(*side_);
    FRESHET_ASSIGN_OR_RETURN(children, rows::FetchChildren(rule, keys, source));
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    const auto found = children.find(keys[i]);
    const std::span<const rows::ChildRows> parts =
        found == children.end() ? std::span<const rows::ChildRows>() : std::span<const rows::ChildRows>(found->second);
    AddDocument(mapping_, {.rule = index, .row = *documents[i], .children = parts}, stamp_, out);
  }
  return OkStatus();
}

Status SnapshotWorker::AddLists(const SnapshotFamily& family, rows::Resolved& out) {
  const std::vector<std::string>& by = ListRuleOf(mapping_, family).name.columns();
  for (size_t from = 0; from < rows_.size();) {
    const auto key = rows::KeyOf(rows_[from], by);
    size_t to = from + 1;
    while (to < rows_.size() && rows::KeyOf(rows_[to], by) == key) ++to;
    if (key) {
      const auto rows = std::span(rows_).subspan(from, to - from);
      FRESHET_RETURN_IF_ERROR(AddList(mapping_, {family.kind, family.rule, *key}, rows, stamp_, out));
    }
    from = to;
  }
  return OkStatus();
}

Status SnapshotWorker::Flush(const Range& range, const Emit& emit) {
  rows::Resolved out;
  const SnapshotFamily& family = range.family;
  if (IsList(family)) {
    FRESHET_RETURN_IF_ERROR(AddLists(family, out));
  } else if (family.kind == EntityKind::kIdentity) {
    const rows::IdentityRule& rule = mapping_.identities()[family.rule];
    for (const rows::Row& row : rows_) {
      if (rows::KeyOf(row, rule.key)) AddIdentity(mapping_, rule, row, stamp_, out);
    }
  } else {
    FRESHET_RETURN_IF_ERROR(AddDocuments(family.rule, out));
  }
  rows_.clear();
  const size_t bytes = std::exchange(bytes_, 0);
  return out.size() == 0 || emit(std::move(out), bytes) ? OkStatus() : Stopped();
}

}  // namespace freshet::postgres
