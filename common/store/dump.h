// Dump: what an index holds, a line a record, in an order and by names that depend on nothing else: two indexes that
// took in the same history have the same lines, however it reached them and in whatever order.
//
//   FRESHET_ASSIGN_OR_RETURN(IndexDump dump, DumpIndex({.path = "data/index"}, {}));
//   dump.Digest();                                            // of all lines
//
//   line := "document" collection.generation source/id [content] [chunks] [deleted] [skipped] [held]
//         | "access" source/scope list* | "group" source/group members | "consent" source/patient scope
//
// Left out is what tells of how it got there: stamps and trace contexts, ordinals and commit numbers, progress,
// watermarks and what a snapshot saw. Texts, attributes, vectors and names of people appear as hashes only; ids of
// documents, scopes and groups as they are stored. Reads what the last writer left, also while one writes. Any thread.
// Codes: not_found (there is no index), unavailable (it changes too quickly: again), corrupt_store, io_error.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "common/store/database.h"

namespace freshet::store {

struct DumpOptions {
  // Of documents and access lists. Without them, and without what is deleted, two connectors that saw the same files at
  // different times leave the same lines.
  bool versions = true;
  // What of a stored sealed document is compared: by default all its bytes.
  std::function<Result<std::string>(const std::string& sealed)> content;
};

struct IndexDump {
  std::vector<std::string> lines;  // sorted
  uint64_t documents = 0;          // with a version that is in
  uint64_t chunks = 0;
  uint64_t vectors = 0;

  std::string Digest() const;  // 32 hexadecimal digits
};

// `index`: a directory as IndexStoreOptions::path.
Result<IndexDump> DumpIndex(const std::string& index, const DumpOptions& options, rocksdb::Env* env = nullptr);

}  // namespace freshet::store
