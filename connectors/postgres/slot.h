// The server's side of replication: the slot that keeps what we have not taken yet, and the publication that names the
// tables.
//
//   FRESHET_ASSIGN_OR_RETURN(SlotState slot, LookAtSlot(sql, "freshet"));
//   FRESHET_ASSIGN_OR_RETURN(NewSlot made, CreateSlot(replication, "freshet"));    // with a snapshot of that very
//   moment
//
// Codes: those of SqlClient. One thread.
#pragma once

#include "connectors/postgres/history.h"
#include "connectors/postgres/options.h"
#include "connectors/postgres/server_source.h"
#include "connectors/rows/mapping.h"

namespace freshet::postgres {

struct SlotState {
  bool exists = false;
  bool active = false;          // somebody reads it
  bool lost = false;            // the server has given it up, or it is another plugin's or database's
  uint64_t confirmed = 0;       // what was said to be durable
  uint64_t retained_bytes = 0;  // of write-ahead log that it holds back
  uint64_t lag_bytes = 0;       // written and not confirmed
  uint64_t limit_bytes = 0;     // the server gives it up beyond that; 0: never
};
Result<SlotState> LookAtSlot(SqlClient& sql, const std::string& name);
Status DropSlot(SqlClient& sql, const std::string& name);

struct NewSlot {
  uint64_t lsn = 0;
  std::string snapshot;  // to be imported before the replication connection is used for anything else
};
Result<NewSlot> CreateSlot(SqlClient& replication, const std::string& name);

struct ServerIdentity {
  uint64_t system = 0;
  uint32_t timeline = 0;
  std::string history;  // the timeline's history file; empty of the first, and where the server has lost it
  uint64_t lsn = 0;     // the end of its log
};
Result<ServerIdentity> IdentifySystem(SqlClient& replication);

// configuration: this server or user cannot replicate, and the statement that mends it.
Status CheckServer(SqlClient& sql);
// configuration: the publication lacks tables or operations, and the statement that mends it.
Status CheckPublication(SqlClient& sql, const PostgresOptions& options, const rows::Mapping& mapping);
// Makes it, or adds what is missing, where the options allow that.
Status EnsurePublication(SqlClient& sql, const PostgresOptions& options, const rows::Mapping& mapping);
// Every mapped table is there and fits its mapping.
Status CheckTables(SqlClient& sql, const rows::Mapping& mapping);

// What a run needs to go on where the last one was.
//   position := 2 generation(8) system(8) lsn(8) fingerprint(16) timeline(4) landmark
//             | 1 generation(8) system(8) lsn(8) fingerprint(16)      of earlier releases
//   landmark := lsn(8) time_us(8)
struct SlotPosition {
  uint64_t generation = 0;
  uint64_t system = 0;
  uint64_t lsn = 0;
  Hash128 fingerprint{};
  uint32_t timeline = 0;  // 0: not known
  Landmark landmark;
  std::string Encode() const;
  static std::optional<SlotPosition> Decode(std::string_view bytes);
};

// Why the stream cannot go on at this position; empty: it can, where the stream's own proof (history.h) does not say
// otherwise. The slot is gone or was moved past it, the server is another one, has lost what we had, or stands on a
// timeline that left ours before it. One that left ours behind it goes on: a failover that kept the slot.
std::string_view WhyNotResume(const SlotPosition& position, const SlotState& slot, const ServerIdentity& server);

}  // namespace freshet::postgres
