#include "connectors/postgres/slot.h"

#include "connectors/postgres/pgoutput.h"

namespace freshet::postgres {
namespace {

constexpr std::string_view kUndefinedFile = "58P01";  // PostgreSQL 15, appendix A

uint64_t NumberOf(const std::optional<std::string>& text) {
  return text ? std::strtoull(text->c_str(), nullptr, 10) : 0;
}

std::string TableList(const std::vector<std::string>& tables) {
  std::string text;
  for (const std::string& table : tables) text += (text.empty() ? "" : ", ") + QuotedTable(table);
  return text;
}

struct PublicationState {
  bool exists = false;
  bool publishes_all = false;
  std::vector<std::string> missing;  // tables
};

Result<PublicationState> LookAtPublication(SqlClient& sql, const std::string& name,
                                           const std::vector<std::string>& tables) {
  PublicationState state{.missing = tables};
  FRESHET_ASSIGN_OR_RETURN(
      const SqlRows found,
      sql.Query("SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate FROM pg_publication WHERE pubname = $1",
                {name}));
  if (found.rows.empty()) return state;
  state.exists = true;
  state.publishes_all = found.First() == "t";
  FRESHET_ASSIGN_OR_RETURN(
      const SqlRows published,
      sql.Query("SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = $1", {name}));
  for (const auto& row : published.rows) std::erase(state.missing, *row[0]);
  return state;
}

std::string CreateStatement(const PostgresOptions& options, const std::vector<std::string>& tables) {
  return "CREATE PUBLICATION " + Quoted(options.publication) + " FOR TABLE " + TableList(tables) +
         " WITH (publish_via_partition_root = true)";
}

}  // namespace

Result<SlotState> LookAtSlot(SqlClient& sql, const std::string& name) {
  FRESHET_ASSIGN_OR_RETURN(
      const SqlRows found,
      sql.Query(
          "SELECT active, plugin, database = current_database(), coalesce(wal_status, ''), confirmed_flush_lsn, "
          "greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint, "
          "greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::bigint, "
          "(SELECT greatest(setting::bigint, 0) * 1048576 FROM pg_settings WHERE name = 'max_slot_wal_keep_size') "
          "FROM pg_replication_slots WHERE slot_name = $1",
          {name}));
  SlotState state;
  if (found.rows.empty()) return state;
  const auto& row = found.rows[0];
  state.exists = true;
  state.active = row[0] == "t";
  state.lost = row[1] != "pgoutput" || row[2] != "t" || row[3] == "lost" || !row[4];
  if (row[4]) {
    FRESHET_ASSIGN_OR_RETURN(state.confirmed, ParseLsn(*row[4]));
  }
  state.retained_bytes = NumberOf(row[5]);
  state.lag_bytes = NumberOf(row[6]);
  state.limit_bytes = NumberOf(row[7]);
  return state;
}

Status DropSlot(SqlClient& sql, const std::string& name) {
  return sql.Query("SELECT pg_drop_replication_slot($1)", {name}).status();
}

Result<NewSlot> CreateSlot(SqlClient& replication, const std::string& name) {
  FRESHET_ASSIGN_OR_RETURN(const SqlRows made, replication.Query("CREATE_REPLICATION_SLOT " + Quoted(name) +
                                                                 " LOGICAL pgoutput EXPORT_SNAPSHOT"));
  NewSlot slot{.snapshot = made.First(2)};
  FRESHET_ASSIGN_OR_RETURN(slot.lsn, ParseLsn(made.First(1)));
  return slot;
}

Result<ServerIdentity> IdentifySystem(SqlClient& replication) {
  FRESHET_ASSIGN_OR_RETURN(const SqlRows found, replication.Query("IDENTIFY_SYSTEM"));
  ServerIdentity identity{.system = std::strtoull(found.First(0).c_str(), nullptr, 10)};
  FRESHET_ASSIGN_OR_RETURN(identity.lsn, ParseLsn(found.First(2)));
  identity.timeline = static_cast<uint32_t>(NumberOf(found.First(1)));
  if (identity.timeline <= 1) return identity;
  const Result<SqlRows> history = replication.Query("TIMELINE_HISTORY " + std::to_string(identity.timeline));
  if (!history.ok() && replication.state() != kUndefinedFile) return history.status();
  if (history.ok()) identity.history = history->First(1);
  return identity;
}

Status CheckServer(SqlClient& sql) {
  if (sql.server_version() < 140000) return Status(Code::kConfiguration, "PostgreSQL 14 or newer is needed");
  FRESHET_ASSIGN_OR_RETURN(const SqlRows found,
                           sql.Query("SELECT current_setting('wal_level'), rolreplication OR rolsuper FROM pg_roles "
                                     "WHERE rolname = current_user"));
  if (found.First(0) != "logical") {
    return Status(Code::kConfiguration, "ALTER SYSTEM SET wal_level = 'logical', then restart the server");
  }
  if (found.First(1) != "t")
    return Status(Code::kConfiguration, "the user may not replicate: ALTER ROLE … REPLICATION");
  return OkStatus();
}

Status CheckPublication(SqlClient& sql, const PostgresOptions& options, const rows::Mapping& mapping) {
  FRESHET_ASSIGN_OR_RETURN(const PublicationState state, LookAtPublication(sql, options.publication, mapping.tables()));
  if (!state.exists) {
    if (options.create_publication) return OkStatus();
    return Status(Code::kConfiguration, CreateStatement(options, mapping.tables()));
  }
  if (!state.publishes_all) {
    return Status(Code::kConfiguration, "ALTER PUBLICATION " + Quoted(options.publication) +
                                            " SET (publish = 'insert, update, delete, truncate')");
  }
  if (state.missing.empty() || options.create_publication) return OkStatus();
  return Status(Code::kConfiguration,
                "ALTER PUBLICATION " + Quoted(options.publication) + " ADD TABLE " + TableList(state.missing));
}

Status EnsurePublication(SqlClient& sql, const PostgresOptions& options, const rows::Mapping& mapping) {
  FRESHET_RETURN_IF_ERROR(CheckPublication(sql, options, mapping));
  FRESHET_ASSIGN_OR_RETURN(const PublicationState state, LookAtPublication(sql, options.publication, mapping.tables()));
  if (!state.exists) return sql.Query(CreateStatement(options, mapping.tables())).status();
  if (state.missing.empty()) return OkStatus();
  return sql.Query("ALTER PUBLICATION " + Quoted(options.publication) + " ADD TABLE " + TableList(state.missing))
      .status();
}

Status CheckTables(SqlClient& sql, const rows::Mapping& mapping) {
  ServerSource source(sql);
  for (const std::string& name : mapping.tables()) {
    FRESHET_ASSIGN_OR_RETURN(const TableInfo info, source.Describe(name));
    FRESHET_RETURN_IF_ERROR(mapping.CheckTable(*info.table));
  }
  return OkStatus();
}

std::string SlotPosition::Encode() const {
  std::string out(1, '\2');
  AppendBig64(out, generation);
  AppendBig64(out, system);
  AppendBig64(out, lsn);
  out.append(AsBytes(fingerprint));
  AppendBig32(out, timeline);
  AppendBig64(out, landmark.lsn);
  AppendBig64(out, static_cast<uint64_t>(ToMicros(landmark.time)));
  return out;
}

std::optional<SlotPosition> SlotPosition::Decode(std::string_view bytes) {
  SlotPosition out;
  ByteReader reader(bytes);
  uint8_t format = 0;
  uint64_t time = 0;
  std::string_view hash;
  const bool good = reader.Byte(format) && (format == 1 || format == 2) && reader.Big64(out.generation) &&
                    reader.Big64(out.system) && reader.Big64(out.lsn) && reader.Bytes(out.fingerprint.size(), hash);
  const bool whole =
      format == 1 || (reader.Big32(out.timeline) && reader.Big64(out.landmark.lsn) && reader.Big64(time));
  if (!good || !whole || !reader.rest().empty()) return std::nullopt;
  out.landmark.time = FromMicros(static_cast<int64_t>(time));
  std::copy(hash.begin(), hash.end(), out.fingerprint.begin());
  return out;
}

std::string_view WhyNotResume(const SlotPosition& position, const SlotState& slot, const ServerIdentity& server) {
  if (!slot.exists) return "the slot is gone";
  if (slot.lost) return "the server has given the slot up";
  if (position.system != server.system) return "it is another server";
  if (position.lsn > server.lsn) return "the server has lost what was read";
  if (position.timeline != 0 && position.timeline != server.timeline) {
    const auto end = EndOfTimeline(server.history, position.timeline);
    if (!end) return "it is another timeline";
    if (position.lsn > *end) return "its timeline began before what was read";
  }
  if (slot.confirmed > position.lsn) return "the slot was moved past what was read";
  return {};
}

}  // namespace freshet::postgres
