#include "connectors/debezium/database.h"

#include "common/telemetry/log.h"

namespace freshet::debezium {

Result<std::vector<rows::Row>> Database::Select(const rows::RowQuery& query) {
  if (!awaited_.empty()) FRESHET_RETURN_IF_ERROR(AwaitThem());
  return source_.Select(query);
}

Status Database::AwaitThem() {
  const std::vector<uint32_t> transactions(awaited_.begin(), awaited_.end());
  const Duration limit = given_up_ ? Duration(0) : limit_;
  FRESHET_ASSIGN_OR_RETURN(const bool seen, postgres::AwaitVisible(*client_, transactions, limit));
  if (!seen && !given_up_) {
    Log(LogLevel::kWarning,
        "Database does not show a transaction that Debezium has told; what is asked of it may be older.");
  }
  given_up_ = !seen;
  awaited_.clear();
  return OkStatus();
}

}  // namespace freshet::debezium
