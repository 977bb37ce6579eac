#include "connectors/postgres/listing.h"

#include <set>

#include "connectors/postgres/server_source.h"
#include "connectors/postgres/values.h"
#include "connectors/rows/fetch.h"

namespace freshet::postgres {
namespace {

// What tells whether a row is a document, and which.
std::vector<std::string> ColumnsOf(const rows::DocumentRule& rule) {
  std::set<std::string> columns(rule.id.columns().begin(), rule.id.columns().end());
  for (const auto& [column, values] : rule.where) columns.insert(column);
  for (const auto& [column, values] : rule.entered_in_error) columns.insert(column);
  return {columns.begin(), columns.end()};
}

// Lines of one rule's table to ids.
class Lines {
 public:
  Lines(const rows::Mapping& mapping, const rows::DocumentRule& rule, const TakeId& take)
      : mapping_(mapping), rule_(rule), take_(take), shape_(ShapeOf(rule.table, ColumnsOf(rule))) {}

  Status Prepare(SqlClient& sql) {
    FRESHET_ASSIGN_OR_RETURN(const TableInfo info, ServerSource(sql).Describe(rule_.table));
    for (const std::string& column : shape_->columns) {
      const auto type = info.types.find(column);
      if (type == info.types.end()) {
        return Status(Code::kConfiguration, "mapping: table " + rule_.table + " has no column " + column);
      }
      types_.push_back(type->second);
    }
    return OkStatus();
  }
  Status Copy(SqlClient& sql) {
    const std::string query =
        "COPY (SELECT " + ColumnList(shape_->columns) + " FROM " + QuotedTable(rule_.table) + ") TO STDOUT";
    return sql.Copy(query, [this](std::string_view line) { return Take(line); });
  }

 private:
  Status Take(std::string_view line) {
    if (!SplitCopyLine(line, fields_) || fields_.size() != types_.size()) {
      return Status(Code::kCorruptRecord, "PostgreSQL: a line of COPY that is none");
    }
    rows::Row row{shape_, {}};
    for (size_t i = 0; i < fields_.size(); ++i) {
      row.cells.push_back(fields_[i] ? CellOf(types_[i], *fields_[i]) : rows::Cell::Null());
    }
    const auto key = rows::KeyOf(row, rule_.id.columns());
    const rows::Touch::What judged = mapping_.JudgeDocument(rule_, row);
    if (!key || judged == rows::Touch::What::kDelete || judged == rows::Touch::What::kEnteredInError) return OkStatus();
    return take_(rule_.id.RenderKey(*key));
  }

  const rows::Mapping& mapping_;
  const rows::DocumentRule& rule_;
  const TakeId& take_;
  const std::shared_ptr<const rows::Table> shape_;
  std::vector<uint32_t> types_;
  std::vector<std::optional<std::string>> fields_;
};

}  // namespace

Status ListDocuments(const std::string& connection, const rows::Mapping& mapping, const TakeId& take) {
  FRESHET_ASSIGN_OR_RETURN(const auto sql, SqlClient::Connect(connection, SqlClient::Kind::kQueries));
  FRESHET_RETURN_IF_ERROR(sql->Query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").status());
  for (const rows::DocumentRule& rule : mapping.documents()) {
    Lines lines(mapping, rule, take);
    FRESHET_RETURN_IF_ERROR(lines.Prepare(*sql));
    FRESHET_RETURN_IF_ERROR(lines.Copy(*sql));
  }
  return OkStatus();
}

}  // namespace freshet::postgres
