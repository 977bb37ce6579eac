// ServerSource: rows as the server has them now, and what its tables look like.
//
//   ServerSource source(*client);
//   FRESHET_ASSIGN_OR_RETURN(auto table, source.Describe("public.note"));
//   FRESHET_ASSIGN_OR_RETURN(auto rows, source.Select({.table = "public.note", .columns = {"id", "body"}, …}));
//
// One thread, that of its client.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "connectors/postgres/sql_client.h"
#include "connectors/rows/row.h"

namespace freshet::postgres {

struct TableInfo {
  std::shared_ptr<const rows::Table> table;
  std::map<std::string, uint32_t> types;  // of its columns
  bool published = false;
};

class ServerSource final : public rows::RowSource {
 public:
  // The client outlives this.
  explicit ServerSource(SqlClient& client) : client_(client) {}
  // Rows as they are once these transactions of the stream are seen (visible.h).
  ServerSource(SqlClient& client, std::vector<uint32_t> awaited) : client_(client), awaited_(std::move(awaited)) {}

  Result<std::vector<rows::Row>> Select(const rows::RowQuery& query) override;

  // configuration: there is no such table, or this user does not see it.
  Result<TableInfo> Describe(const std::string& name);

 private:
  SqlClient& client_;
  std::vector<uint32_t> awaited_;
};

// Rows of a result whose columns are named.
std::vector<rows::Row> RowsOf(const SqlRows& result, std::shared_ptr<const rows::Table> table);
// `"a","b"`.
std::string ColumnList(const std::vector<std::string>& columns);
// A table that holds just these columns, in order, for rows that come from a query.
std::shared_ptr<const rows::Table> ShapeOf(const std::string& name, const std::vector<std::string>& columns);

}  // namespace freshet::postgres
