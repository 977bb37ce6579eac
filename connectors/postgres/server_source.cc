#include "connectors/postgres/server_source.h"

#include "connectors/postgres/values.h"
#include "connectors/postgres/visible.h"

namespace freshet::postgres {
namespace {

// Keys as rows of literals: "(1,'x'),(2,'y')". The server reads them as the columns' own types.
std::string KeyRows(const rows::RowQuery& query) {
  std::string text;
  for (const std::vector<std::string>& key : query.keys) {
    text += text.empty() ? "(" : ",(";
    for (size_t i = 0; i < key.size(); ++i) text += (i == 0 ? "" : ",") + Literal(key[i]);
    text += ")";
  }
  return text;
}

constexpr const char* kDescribe =
    "SELECT a.attname, a.atttypid, c.relreplident, "
    "c.relreplident = 'f' OR EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey) "
    "AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END) "
    "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
    "WHERE c.oid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum";

}  // namespace

std::string ColumnList(const std::vector<std::string>& columns) {
  std::string text;
  for (const std::string& column : columns) text += (text.empty() ? "" : ",") + Quoted(column);
  return text;
}

std::shared_ptr<const rows::Table> ShapeOf(const std::string& name, const std::vector<std::string>& columns) {
  return std::make_shared<const rows::Table>(
      rows::Table{.name = name, .columns = columns, .key = std::vector<bool>(columns.size())});
}

std::vector<rows::Row> RowsOf(const SqlRows& result, std::shared_ptr<const rows::Table> table) {
  std::vector<rows::Row> out;
  out.reserve(result.rows.size());
  for (const auto& values : result.rows) {
    rows::Row& row = out.emplace_back(rows::Row{table, {}});
    row.cells.reserve(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      row.cells.push_back(values[i] ? CellOf(result.types[i], *values[i]) : rows::Cell::Null());
    }
  }
  return out;
}

Result<std::vector<rows::Row>> ServerSource::Select(const rows::RowQuery& query) {
  if (query.keys.empty()) return std::vector<rows::Row>();
  FRESHET_ASSIGN_OR_RETURN(const bool seen, AwaitVisible(client_, awaited_));
  if (!seen) return Status(Code::kUnavailable, "a transaction that was sent is not to be seen yet");
  awaited_.clear();
  std::string sql = "SELECT " + ColumnList(query.columns) + " FROM " + QuotedTable(query.table) + " WHERE (" +
                    ColumnList(query.by) + ") IN (" + KeyRows(query) + ")";
  if (!query.order.empty()) sql += " ORDER BY " + ColumnList(query.order);
  FRESHET_ASSIGN_OR_RETURN(const SqlRows result, client_.Query(sql));
  return RowsOf(result, ShapeOf(query.table, query.columns));
}

Result<TableInfo> ServerSource::Describe(const std::string& name) {
  FRESHET_ASSIGN_OR_RETURN(const SqlRows columns, client_.Query(kDescribe, {QuotedTable(name)}));
  if (columns.rows.empty()) return Status(Code::kConfiguration, "mapping: there is no table " + name);
  rows::Table table{.name = name};
  TableInfo info;
  for (const auto& row : columns.rows) {
    table.columns.push_back(*row[0]);
    table.key.push_back(*row[3] == "t");
    table.whole_before = *row[2] == "f";
    info.types[*row[0]] = static_cast<uint32_t>(std::strtoul(row[1]->c_str(), nullptr, 10));
  }
  info.table = std::make_shared<const rows::Table>(std::move(table));
  return info;
}

}  // namespace freshet::postgres
