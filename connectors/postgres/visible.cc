#include "connectors/postgres/visible.h"

#include <algorithm>
#include <string>
#include <thread>

namespace freshet::postgres {
namespace {

constexpr auto kFirstWait = std::chrono::milliseconds(1);
constexpr auto kLongestWait = std::chrono::milliseconds(50);

// With the upper half that is nearest to the numbers given out now.
constexpr const char* kSeen =
    "SELECT bool_and(txid_visible_in_snapshot(CASE WHEN number - top > 2147483648 THEN number - 4294967296 "
    "WHEN top - number > 2147483648 THEN number + 4294967296 ELSE number END, txid_current_snapshot())) "
    "FROM (SELECT top, top / 4294967296 * 4294967296 + low AS number FROM "
    "(SELECT txid_snapshot_xmax(txid_current_snapshot()) AS top) AS now, unnest(ARRAY[";

std::string SeenQuery(std::span<const uint32_t> transactions) {
  std::string sql = kSeen;
  for (size_t i = 0; i < transactions.size(); ++i) sql += (i == 0 ? "" : ",") + std::to_string(transactions[i]);
  return sql + "]::bigint[]) AS low) AS each";
}

}  // namespace

Result<bool> AwaitVisible(SqlClient& client, std::span<const uint32_t> transactions, Duration limit) {
  if (transactions.empty()) return true;
  const std::string sql = SeenQuery(transactions);
  const auto end = std::chrono::steady_clock::now() + limit;
  for (Duration wait = kFirstWait;; wait = std::min<Duration>(2 * wait, kLongestWait)) {
    FRESHET_ASSIGN_OR_RETURN(const SqlRows seen, client.Query(sql));
    if (seen.First(0) == "t") return true;
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(wait);
  }
}

}  // namespace freshet::postgres
