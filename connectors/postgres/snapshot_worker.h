// SnapshotWorker: two connections that read ranges of pages of a snapshot: one that copies, one that asks for children
// meanwhile. Behind snapshot.h; look there first.
//
// One thread.
#pragma once

#include "connectors/postgres/snapshot.h"

namespace freshet::postgres {

class SnapshotWorker {
 public:
  using Emit = std::function<bool(rows::Resolved events, size_t bytes)>;  // false: stop

  struct Range {
    const SnapshotFamily& family;
    uint64_t from = 0, to = 0;  // pages; to 0: to the end
  };

  static Result<std::unique_ptr<SnapshotWorker>> Open(const SnapshotReader::Parts& parts, const SnapshotCursor& at);

  // Everything of the range, in portions of about a MiB.
  Status Read(const Range& range, const Emit& emit);

 private:
  static constexpr size_t kPortionBytes = 1u << 20;
  static constexpr size_t kPortionRows = 500;

  SnapshotWorker(const SnapshotReader::Parts& parts, const SnapshotCursor& at);
  Result<std::shared_ptr<const rows::Table>> Prepare(const SnapshotFamily& family);
  Status TakeLine(std::string_view line, const Range& range, const Emit& emit);
  Status Flush(const Range& range, const Emit& emit);
  Status AddDocuments(uint32_t rule, rows::Resolved& out);
  Status AddLists(const SnapshotFamily& family, rows::Resolved& out);

  const PostgresOptions& options_;
  const rows::Mapping& mapping_;
  const rows::Stamp stamp_;
  std::unique_ptr<SqlClient> copy_, side_;
  // Of the range that is being read.
  std::shared_ptr<const rows::Table> shape_;
  std::vector<uint32_t> types_;
  std::vector<std::optional<std::string>> fields_;
  std::vector<rows::Row> rows_;
  size_t bytes_ = 0;
};

// The columns that the rule of a family needs, and those that name its entities.
const std::vector<std::string>& ColumnsOf(const rows::Mapping& mapping, const SnapshotFamily& family);

}  // namespace freshet::postgres
