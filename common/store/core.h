// Core: what the index store and all its views share, and what therefore lives until the last of them is gone.
#pragma once

#include <memory>

#include "common/store/database.h"
#include "common/store/state.h"

namespace freshet::store {

struct Core {
  IndexStoreOptions options;
  std::unique_ptr<Database> database;
  State state;
};

}  // namespace freshet::store
