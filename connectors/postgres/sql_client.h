// SqlClient: one connection to PostgreSQL, ordinary or for replication.
//
//   FRESHET_ASSIGN_OR_RETURN(auto client, SqlClient::Connect(options.connection, SqlClient::Kind::kQueries));
//   FRESHET_ASSIGN_OR_RETURN(SqlRows rows, client->Query("SELECT $1::text", {"x"}));
//
// Every value is text, as kSessionSettings has it. A status says the SQLSTATE and what was being done, never the
// server's message, which may quote rows. Codes by SQLSTATE class: 08, 53, 55, 57, 58 and 40 unavailable (it may get
// better); 28, 42, 0A and 3D configuration; the rest unavailable. One thread.
#pragma once

#include <libpq-fe.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/status.h"

namespace freshet::postgres {

using PgResult = std::unique_ptr<PGresult, decltype(&PQclear)>;

struct SqlRows {
  std::vector<uint32_t> types;
  std::vector<std::vector<std::optional<std::string>>> rows;

  // The first row's column; "" where there is none or it is null.
  std::string First(size_t column = 0) const {
    return rows.empty() || !rows[0][column] ? std::string() : *rows[0][column];
  }
};

class SqlClient {
 public:
  enum class Kind : uint8_t { kQueries, kReplication };

  // unavailable: nobody answers; configuration: not let in, no such database.
  static Result<std::unique_ptr<SqlClient>> Connect(const std::string& connection, Kind kind);

  // `what` names the query in errors.
  Result<SqlRows> Query(const std::string& sql, const std::vector<std::string>& values = {});
  // COPY … TO STDOUT: each line without its end. The sink's failure ends it.
  Status Copy(const std::string& sql, const std::function<Status(std::string_view)>& line);

  int server_version() const { return PQserverVersion(connection_.get()); }
  PGconn* raw() { return connection_.get(); }
  // Of the last call that failed on this connection.
  Status StatusOf(const PGresult* result, std::string_view what) const;
  // SQLSTATE of the last Query; empty: it succeeded, or nobody answered.
  const std::string& state() const { return state_; }

 private:
  explicit SqlClient(PGconn* connection) : connection_(connection, &PQfinish) {}

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  std::string state_;
};

// "public.note" -> "\"public\".\"note\"".
std::string QuotedTable(std::string_view table);
std::string Quoted(std::string_view name);
// A text literal.
std::string Literal(std::string_view text);

}  // namespace freshet::postgres
