// The messages of pgoutput, PostgreSQL's own output plugin for logical replication, protocol versions 1 and 2.
//
//   Result<PgMessage> message = DecodePgMessage(bytes, in_stream);
//   if (const auto* insert = std::get_if<PgInsert>(&*message)) ...
//
// Source of the grammar: PostgreSQL 15, "Logical Replication Message Formats" (chapter 55.9). Numbers are big-endian,
// a text ends with a zero byte:
//   message  := 'B' final_lsn(8) time(8) xid(4)                       begin
//             | 'C' flags(1) lsn(8) end_lsn(8) time(8)                commit
//             | 'R' [xid(4)] oid(4) schema:text name:text identity(1) count(2) column*count
//             | 'I' [xid(4)] oid(4) 'N' tuple                         insert
//             | 'U' [xid(4)] oid(4) (('K'|'O') tuple)? 'N' tuple      update
//             | 'D' [xid(4)] oid(4) ('K'|'O') tuple                   delete
//             | 'T' [xid(4)] count(4) options(1) oid(4)*count         truncate
//             | 'M' [xid(4)] flags(1) lsn(8) prefix:text size(4) bytes
//             | 'S' xid(4) first(1) | 'E'                             a part of a transaction that is under way begins,
//             ends | 'c' xid(4) flags(1) lsn(8) end_lsn(8) time(8)         such a transaction commits | 'A' xid(4)
//             subxid(4)                                  or it, or a part of it, is undone | 'Y' … | 'O' … a type, an
//             origin: not looked at
//   column   := flags(1) name:text type_oid(4) type_modifier(4)       flags 1: part of the key
//   tuple    := count(2) ('n' | 'u' | 't' size(4) bytes)*count        null, unchanged TOASTed value, text
// Between 'S' and 'E' (in_stream) the messages with [xid] have it. Times are microseconds since 2000-01-01 UTC.
//
// Views point into the bytes. corrupt_record where the bytes are not such a message. Pure: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/clock.h"
#include "common/base/status.h"

namespace freshet::postgres {

struct PgBegin {
  uint64_t final_lsn = 0;
  Time time;
  uint32_t xid = 0;
};
struct PgCommit {
  uint32_t xid = 0;  // 0: of the transaction that began last
  uint64_t lsn = 0;  // of the commit itself: what PgBegin calls final_lsn
  uint64_t end_lsn = 0;
  Time time;
};
struct PgColumn {
  bool key = false;
  std::string_view name;
  uint32_t type = 0;
};
struct PgRelation {
  uint32_t oid = 0;
  std::string_view schema, name;
  char identity = 'd';  // 'd' default, 'f' full, 'i' index, 'n' nothing
  std::vector<PgColumn> columns;
};
struct PgValue {
  char kind = 'n';  // 'n' null, 'u' unchanged, 't' text
  std::string_view text;
};
using PgTuple = std::vector<PgValue>;
struct PgInsert {
  uint32_t xid = 0, oid = 0;
  PgTuple row;
};
struct PgUpdate {
  uint32_t xid = 0, oid = 0;
  std::optional<PgTuple> before;
  bool before_is_key = false;
  PgTuple row;
};
struct PgDelete {
  uint32_t xid = 0, oid = 0;
  bool before_is_key = false;
  PgTuple before;
};
struct PgTruncate {
  uint32_t xid = 0;
  std::vector<uint32_t> oids;
};
struct PgLogicalMessage {
  uint64_t lsn = 0;
  std::string_view prefix, content;
};
struct PgStreamStart {
  uint32_t xid = 0;
};
struct PgStreamStop {};
struct PgStreamAbort {
  uint32_t xid = 0, subxid = 0;
};
struct PgIgnored {};

using PgMessage = std::variant<PgIgnored, PgBegin, PgCommit, PgRelation, PgInsert, PgUpdate, PgDelete, PgTruncate,
                               PgLogicalMessage, PgStreamStart, PgStreamStop, PgStreamAbort>;

Result<PgMessage> DecodePgMessage(std::string_view bytes, bool in_stream);

// Microseconds since 2000-01-01 UTC, as PostgreSQL counts them on the wire.
Time FromPgMicros(int64_t micros);
int64_t ToPgMicros(Time time);

// "16/B374D848" <-> number. invalid_argument.
std::string FormatLsn(uint64_t lsn);
Result<uint64_t> ParseLsn(std::string_view text);

}  // namespace freshet::postgres
