// ReplicationStream: what a logical replication slot sends, message by message.
//
//   FRESHET_ASSIGN_OR_RETURN(auto stream, ReplicationStream::Start(std::move(client), {.slot = "freshet", …}));
//   FRESHET_ASSIGN_OR_RETURN(std::optional<WalMessage> message, stream->Receive());     // never waits
//   FRESHET_RETURN_IF_ERROR(stream->Confirm(lsn));                                      // the server may forget up to
//   here
//
// Source of the grammar: PostgreSQL 15, "Streaming Replication Protocol" (chapter 55.4), inside CopyData:
//   from the server := 'w' start(8) end(8) time(8) message | 'k' wal_end(8) time(8) reply_wanted(1)
//   to the server   := 'r' written(8) flushed(8) applied(8) time(8) reply_wanted(1)
// Codes: unavailable where the connection ends, or the slot is taken; corrupt_record where a frame is none. One thread.
#pragma once

#include <optional>

#include "common/base/clock.h"
#include "connectors/postgres/sql_client.h"

namespace freshet::postgres {

struct WalMessage {
  // Of a message: where it lies. Of a keepalive: everything up to here has been sent.
  uint64_t lsn = 0;
  bool keepalive = false;
  std::string_view payload;  // until the next Receive
};

class ReplicationStream {
 public:
  struct Options {
    std::string slot, publication;
    uint64_t start = 0;
    bool stream_large = true;
  };
  static Result<std::unique_ptr<ReplicationStream>> Start(std::unique_ptr<SqlClient> client, const Options& options);

  // Nothing: no message is there now.
  Result<std::optional<WalMessage>> Receive();
  // Waits until something may be there, at the latest until then.
  void Wait(Duration limit);

  // Says what is durable, and remembers it; `ask`: wants to hear how far the server has sent.
  Status Confirm(uint64_t lsn, bool ask);
  // The same again where the last time is long ago, so that the server does not take us for dead.
  Status KeepAlive();
  uint64_t confirmed() const { return confirmed_; }

 private:
  ReplicationStream(std::unique_ptr<SqlClient> client, uint64_t start)
      : client_(std::move(client)), confirmed_(start) {}
  Result<std::optional<WalMessage>> Parse(std::string_view frame);

  std::unique_ptr<SqlClient> client_;
  std::unique_ptr<char, decltype(&PQfreemem)> frame_{nullptr, &PQfreemem};
  uint64_t confirmed_ = 0;
  std::chrono::steady_clock::time_point said_;
};

}  // namespace freshet::postgres
