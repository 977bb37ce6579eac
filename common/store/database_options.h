// How every Database sets RocksDB up. Internal to database_open.cc and database_follow.cc.
#pragma once

#include <vector>

#include "common/store/database.h"

namespace freshet::store {

// Of the process that writes.
rocksdb::DBOptions ServerOptions(const DatabaseOptions& options, DatabaseEnv* env,
                                 std::shared_ptr<rocksdb::WriteBufferManager> memory);
// "default" first.
std::vector<rocksdb::ColumnFamilyDescriptor> Families(const DatabaseOptions& options);

}  // namespace freshet::store
