#include "services/probe/sql_place.h"

namespace freshet::probe {

Status SqlPlace::Run(const std::string& statement, const std::string& value) {
  if (client_ == nullptr) {
    FRESHET_ASSIGN_OR_RETURN(client_,
                             postgres::SqlClient::Connect(options_.connection, postgres::SqlClient::Kind::kQueries));
  }
  std::vector<std::string> values;
  if (statement.find("$1") != statement.npos) values.push_back(value);
  const Status done = client_->Query(statement, values).status();
  if (!done.ok()) client_.reset();
  return done;
}

}  // namespace freshet::probe
