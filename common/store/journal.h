// The journal: for each commit that touched a collection's chunks, what its lexical index adds and removes. Texts are
// not in it: they are read again from the stored documents. An entry goes once a commit of the lexical index covers it.
//
//   journal entry := 1 count (document count chunk*)* count removed-chunk*
//
// Ordinals ascend and are written as differences. Decoding: corrupt_store.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/base/status.h"

namespace freshet::store {

struct JournalEntry {
  std::map<DocumentOrdinal, std::vector<ChunkOrdinal>> added;
  std::vector<ChunkOrdinal> removed;
};

std::string Encode(const JournalEntry& entry);
Result<JournalEntry> DecodeJournal(std::string_view value);

}  // namespace freshet::store
