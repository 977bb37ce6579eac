// WalOrderEnv: an Env under which a write-ahead log file never comes into being before the one ahead of it is durable.
//
//   std::unique_ptr<rocksdb::Env> env = NewWalOrderEnv(rocksdb::Env::Default());
//
// Why: RocksDB moves on to a new write-ahead log file without syncing the old one. Where writes are buffered, a power
// loss may then take the old file's tail and leave the new file's head, and recovery replays the head as though nothing
// were missing: newer writes without older ones. One sync at each switch (every few megabytes) rules that out. Any
// thread; one database an Env.
#pragma once

#include <rocksdb/env.h>

#include <memory>

namespace freshet::store {

// `target` (not owned) outlives the result.
std::unique_ptr<rocksdb::Env> NewWalOrderEnv(rocksdb::Env* target);

}  // namespace freshet::store
