// Database: rows as the database behind the topics has them, once it shows what Debezium has told.
//
//   Database database(std::move(sql));
//   database.Await({711});                // a change was of transaction 711
//   database.Select(query);               // rows as 711 left them, or later
//
// Debezium hears of a commit a moment before others see it (postgres/visible.h). A transaction that is not to be seen
// within the limit is told to the log, and rows are as they are: a server that is not Debezium's, or was restored, may
// never show it. From then on what is awaited is looked for once, until it is seen again. One thread.
#pragma once

#include <memory>
#include <set>

#include "connectors/postgres/server_source.h"
#include "connectors/postgres/visible.h"

namespace freshet::debezium {

class Database final : public rows::RowSource {
 public:
  explicit Database(std::unique_ptr<postgres::SqlClient> client, Duration limit = postgres::kVisibleLimit)
      : client_(std::move(client)), source_(*client_), limit_(limit) {}

  // Instead of those before. By the low halves of their numbers, as the stream has them.
  void Await(std::set<uint32_t> transactions) { awaited_ = std::move(transactions); }
  Result<std::vector<rows::Row>> Select(const rows::RowQuery& query) override;
  // The last that was awaited was not seen within the limit.
  bool has_given_up() const { return given_up_; }

 private:
  Status AwaitThem();

  const std::unique_ptr<postgres::SqlClient> client_;
  postgres::ServerSource source_;
  const Duration limit_;
  std::set<uint32_t> awaited_;
  bool given_up_ = false;
};

}  // namespace freshet::debezium
