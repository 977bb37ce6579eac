// DebeziumOptions: what a source of `connector: debezium` may set.
//
// A plain value.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/log/kafka/options.h"
#include "connectors/rows/options.h"

namespace freshet::debezium {

// What tells which of two changes of a row is the newer one.
enum class Order : uint8_t {
  kPosition,  // where it stands in PostgreSQL's log: what is delivered again does not win
  kOffset,    // where it stands in its topic: for databases without such a position
};
enum class OnGap : uint8_t { kStop, kGoOn };
enum class OnMissing : uint8_t { kStop, kNull };

struct DebeziumOptions {
  log::KafkaOptions kafka;
  std::string prefix;
  std::map<std::string, std::string> topics;
  std::vector<std::string> witnesses;
  rows::MappingOptions mapping;
  std::vector<std::string> whole_rows;
  std::map<std::string, std::string> types;
  Order order = Order::kPosition;
  OnGap on_gap = OnGap::kStop;
  OnMissing missing_columns = OnMissing::kStop;
  std::string unavailable = "__debezium_unavailable_value";
  std::string connection;
  uint64_t generation = 1;
  bool trust_heartbeats = false;
  Duration settle = std::chrono::milliseconds(500);
  Duration heartbeat = std::chrono::milliseconds(250);
};

// configuration: no broker, a table not written schema.table, a type that is none, children without `connection`, a
// mapping that is none.
Status Validate(const DebeziumOptions& options);

// "public.note" -> "dbs.public.note", or what `topics` says.
std::string TopicOfTable(const DebeziumOptions& options, const std::string& table);

}  // namespace freshet::debezium

namespace freshet {

template <>
struct EnumTable<debezium::Order> {
  static constexpr std::array names = {EnumName{"position", debezium::Order::kPosition},
                                       EnumName{"offset", debezium::Order::kOffset}};
};
template <>
struct EnumTable<debezium::OnGap> {
  static constexpr std::array names = {EnumName{"stop", debezium::OnGap::kStop},
                                       EnumName{"go_on", debezium::OnGap::kGoOn}};
};
template <>
struct EnumTable<debezium::OnMissing> {
  static constexpr std::array names = {EnumName{"stop", debezium::OnMissing::kStop},
                                       EnumName{"null", debezium::OnMissing::kNull}};
};

template <>
struct OptionTable<debezium::DebeziumOptions> {
  using O = debezium::DebeziumOptions;
  static constexpr auto fields = std::tuple{
      Field("kafka", &O::kafka, "The cluster that Debezium writes to.").Required(),
      Field("prefix", &O::prefix, "Debezium's `topic.prefix`; a table's topic is `<prefix>.<schema>.<table>`.")
          .Required(),
      Field("topics", &O::topics, "Topics by table, where a transform has renamed them."),
      Field("witnesses", &O::witnesses,
            "Further topics whose records tell up to when the database has been read: that of a heartbeat table, "
            "`<prefix>.transaction`, `<prefix>.message`."),
      Field("mapping", &O::mapping, "Which rows are documents, access lists, groups, patients.").Required(),
      Field("whole_rows", &O::whole_rows,
            "Tables whose old rows travel whole (REPLICA IDENTITY FULL); of others only the key is believed."),
      Field("types", &O::types,
            "Types of columns (`schema.table.column`) where records come without a schema: date, time, timestamp, "
            "zoned_timestamp, decimal(scale), bytes."),
      Field(
          "order", &O::order,
          "Which of two changes is the newer: by PostgreSQL's log, or `offset` of its topic (not with `connection`)."),
      Field("on_gap", &O::on_gap, "What to do where retention took records that nobody has read: deletes may be lost."),
      Field("missing_columns", &O::missing_columns, "What to do where a record lacks a mapped column: stop, or null."),
      Field("unavailable", &O::unavailable, "Debezium's `unavailable.value.placeholder`."),
      Field("connection", &O::connection,
            "Connection string of libpq; asked for what records leave out. Empty: such documents are refused.")
          .Secret(),
      Field("generation", &O::generation,
            "Another number reads the topics anew: after the database was set up again, so that positions begin again.")
          .Range(1, 1'000'000),
      Field("trust_heartbeats", &O::trust_heartbeats,
            "Debezium's own heartbeats count as witnesses; they do not say that it has no backlog."),
      Field("settle", &O::settle, "What a witness tells holds for other partitions after so long.")
          .Range(Duration(0), std::chrono::minutes(1)),
      Field("heartbeat", &O::heartbeat, "How often the source's watermark moves.")
          .Range(std::chrono::milliseconds(10), std::chrono::minutes(1))};
};

}  // namespace freshet
