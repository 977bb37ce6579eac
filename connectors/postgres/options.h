// PostgresOptions: what a source of `connector: postgres` may set.
//
// A plain value.
#pragma once

#include <string>

#include "connectors/rows/options.h"

namespace freshet::postgres {

struct PostgresOptions {
  std::string connection;
  std::string slot = "freshet";
  std::string publication = "freshet";
  bool create_publication = true;
  rows::MappingOptions mapping;
  uint32_t snapshot_readers = 1;
  uint64_t snapshot_blocks = 512;
  bool stream_large = true;
  ByteSize spool_memory{8u << 20};
  Duration heartbeat = std::chrono::milliseconds(250);
  Duration wal_heartbeat = std::chrono::seconds(30);
  ByteSize max_retained_wal{0};
};

// configuration: a name of a slot or publication that PostgreSQL does not take; a mapping that is none.
Status Validate(const PostgresOptions& options);

}  // namespace freshet::postgres

namespace freshet {

template <>
struct OptionTable<postgres::PostgresOptions> {
  using O = postgres::PostgresOptions;
  static constexpr auto fields = std::tuple{
      Field("connection", &O::connection, "Connection string of libpq, URI or key=value; its user may replicate.")
          .Required()
          .Secret(),
      Field("slot", &O::slot, "Name of the replication slot, made where it is not there; one for each source."),
      Field("publication", &O::publication, "Name of the publication of the mapped tables."),
      Field("create_publication", &O::create_publication,
            "Make the publication, or add tables to it, where they are missing; needs the tables' owner."),
      Field("mapping", &O::mapping, "Which rows are documents, access lists, groups, patients."),
      Field("snapshot_readers", &O::snapshot_readers, "Connections that read a snapshot side by side.").Range(1, 16),
      Field("snapshot_blocks", &O::snapshot_blocks, "Pages of 8 KiB that one query of a snapshot reads.")
          .Range(1, 1'000'000),
      Field("stream_large", &O::stream_large, "Take large transactions while they are under way, not at their commit."),
      Field("spool_memory", &O::spool_memory,
            "What transactions under way may take in memory; more lies sealed in an unnamed file.")
          .Range(64_KiB, 1_GiB),
      Field("heartbeat", &O::heartbeat, "How often the source's watermark moves; a query each.")
          .Range(std::chrono::milliseconds(10), std::chrono::minutes(1)),
      Field("wal_heartbeat", &O::wal_heartbeat,
            "How often a logical message is written, so that a quiet database holds no log back.")
          .Range(std::chrono::seconds(1), std::chrono::hours(1)),
      Field("max_retained_wal", &O::max_retained_wal,
            "Beyond this the slot is given up and a new snapshot taken, so that the server's disk does not fill; 0: "
            "never.")};
};

}  // namespace freshet
