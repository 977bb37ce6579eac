// What a transaction of the stream wrote, as other connections see it.
//
//   FRESHET_ASSIGN_OR_RETURN(const bool seen, AwaitVisible(*sql, transactions));   // SELECT sees what they wrote
//
// A commit is sent to replication once it is in the write-ahead log, and seen by others a moment later, when its
// backend has left the list of running ones: on a busy server that may be long after. Who looks meanwhile finds what
// was there before. Numbers are the stream's: the low half of the server's. Any thread, as its client.
#pragma once

#include <cstdint>
#include <span>

#include "common/base/clock.h"
#include "connectors/postgres/sql_client.h"

namespace freshet::postgres {

inline constexpr Duration kVisibleLimit = std::chrono::seconds(10);

// false: not within the limit; a limit of 0 looks once. unavailable: nobody answers.
Result<bool> AwaitVisible(SqlClient& client, std::span<const uint32_t> transactions, Duration limit = kVisibleLimit);

}  // namespace freshet::postgres
