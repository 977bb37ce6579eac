// What a follower reads again to be where the writer is: of each record that a commit touched, its value of now.
//
//   Result<std::optional<Touched>> touched = ReadTouched(core, commit);     // since the state's commit
//   Result<Changes> changes = ReadChanges(core, *touched, commit);   Publish(*changes, core.state);
//
// RocksDB must be as of `commit`. Several commits become one: chunks that came and went in between never were. Only the
// thread that changes the state. Codes: corrupt_store, io_error.
#pragma once

#include <optional>

#include "common/store/core.h"
#include "common/store/touched.h"

namespace freshet::store {

// Nothing where what one of the commits touched is not kept any more.
Result<std::optional<Touched>> ReadTouched(Core& core, uint64_t commit);
Result<Changes> ReadChanges(Core& core, const Touched& touched, uint64_t commit);

}  // namespace freshet::store
