// What a transaction of the stream wrote, as other connections see it.
//
//   FRESHET_RETURN_IF_ERROR(AwaitVisible(*sql, {711, 712}));      // then SELECT sees what 711 and 712 wrote
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

// unavailable: not within the limit; the same is to be tried again.
Status AwaitVisible(SqlClient& client, std::span<const uint32_t> transactions, Duration limit = kVisibleLimit);

}  // namespace freshet::postgres
