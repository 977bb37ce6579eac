#include "connectors/postgres/sql_client.h"

#include "connectors/postgres/values.h"

namespace freshet::postgres {
namespace {

Code CodeOfState(std::string_view state) {
  const std::string_view state_class = state.substr(0, 2);
  for (const std::string_view halting : {"28", "42", "0A", "3D"}) {
    if (state_class == halting) return Code::kConfiguration;
  }
  return Code::kUnavailable;
}

std::string Doubled(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out.push_back(quote);
    out.push_back(c);
  }
  return out + quote;
}

// Null where the result is no error of the server's.
const char* StateOf(const PGresult* result) {
  return result != nullptr ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
}

}  // namespace

std::string Quoted(std::string_view name) { return Doubled(name, '"'); }
std::string Literal(std::string_view text) { return Doubled(text, '\''); }

std::string QuotedTable(std::string_view table) {
  const size_t dot = table.find('.');
  if (dot == std::string_view::npos) return Quoted(table);
  return Quoted(table.substr(0, dot)) + "." + Quoted(table.substr(dot + 1));
}

Status SqlClient::StatusOf(const PGresult* result, std::string_view what) const {
  const char* const state = StateOf(result);
  std::string message("PostgreSQL: ");
  message.append(what).append(state != nullptr ? ": SQLSTATE " + std::string(state) : ": no answer");
  return Status(state != nullptr ? CodeOfState(state) : Code::kUnavailable, std::move(message));
}

Result<std::unique_ptr<SqlClient>> SqlClient::Connect(const std::string& connection, Kind kind) {
  const bool replicates = kind == Kind::kReplication;
  const char* const keys[] = {"dbname",
                              "options",
                              "client_encoding",
                              "fallback_application_name",
                              "connect_timeout",
                              "keepalives_idle",
                              "tcp_user_timeout",
                              replicates ? "replication" : nullptr,
                              nullptr};
  const char* const values[] = {connection.c_str(),
                                kSessionSettings,
                                "UTF8",
                                "freshet",
                                "10",
                                "30",
                                "60000",
                                replicates ? "database" : nullptr,
                                nullptr};
  std::unique_ptr<SqlClient> client(new SqlClient(PQconnectdbParams(keys, values, 1)));
  if (PQstatus(client->raw()) == CONNECTION_OK) return client;
  // libpq keeps no SQLSTATE of a refused connection: what would never get better is told by the words that libpq itself
  // and the server have used for it since 7.4.
  const std::string_view said = PQerrorMessage(client->raw());
  for (const std::string_view halting :
       {"authentication failed", "does not exist", "no pg_hba.conf entry", "must be superuser", "permission denied",
        "missing \"=\"", "invalid connection option", "invalid URI"}) {
    if (said.find(halting) != std::string_view::npos && said.find("No such file") == std::string_view::npos) {
      return Status(Code::kConfiguration, "PostgreSQL does not let this user connect: " + std::string(halting));
    }
  }
  return Status(Code::kUnavailable, "PostgreSQL does not answer");
}

Result<SqlRows> SqlClient::Query(const std::string& sql, const std::vector<std::string>& values) {
  std::vector<const char*> raw_values;
  for (const std::string& value : values) raw_values.push_back(value.c_str());
  // Without values by the simple protocol, which a connection for replication needs.
  const PgResult result(values.empty() ? PQexec(raw(), sql.c_str())
                                       : PQexecParams(raw(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                                                      raw_values.data(), nullptr, nullptr, 0),
                        &PQclear);
  const char* const state = StateOf(result.get());
  state_ = state != nullptr ? state : "";
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    return StatusOf(result.get(), sql.substr(0, sql.find(' ')));
  }
  SqlRows out;
  const int columns = PQnfields(result.get());
  for (int c = 0; c < columns; ++c) out.types.push_back(PQftype(result.get(), c));
  out.rows.resize(static_cast<size_t>(PQntuples(result.get())));
  for (size_t r = 0; r < out.rows.size(); ++r) {
    for (int c = 0; c < columns; ++c) {
      const int row = static_cast<int>(r);
      auto& value = out.rows[r].emplace_back();
      if (PQgetisnull(result.get(), row, c) != 0) continue;
      value.emplace(PQgetvalue(result.get(), row, c), static_cast<size_t>(PQgetlength(result.get(), row, c)));
    }
  }
  return out;
}

Status SqlClient::Copy(const std::string& sql, const std::function<Status(std::string_view)>& line) {
  PgResult begun(PQexec(raw(), sql.c_str()), &PQclear);
  if (PQresultStatus(begun.get()) != PGRES_COPY_OUT) return StatusOf(begun.get(), "COPY");
  char* buffer = nullptr;
  int size = 0;
  while ((size = PQgetCopyData(raw(), &buffer, 0)) > 0) {
    const std::unique_ptr<char, decltype(&PQfreemem)> owned(buffer, &PQfreemem);
    const Status taken = line(std::string_view(buffer, static_cast<size_t>(size) - 1));
    if (!taken.ok()) return taken;  // in the middle of an answer: the connection is of no further use
  }
  const PgResult ended(PQgetResult(raw()), &PQclear);
  if (size == -2 || PQresultStatus(ended.get()) != PGRES_COMMAND_OK) return StatusOf(ended.get(), "COPY");
  PgResult rest(PQgetResult(raw()), &PQclear);
  return OkStatus();
}

}  // namespace freshet::postgres
