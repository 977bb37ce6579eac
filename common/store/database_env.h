// The Env under every Database: what RocksDB 7.8 lacks to lose nothing and to recover while it runs.
//
//   std::unique_ptr<rocksdb::Env> env = NewDatabaseEnv(rocksdb::Env::Default());
//
// Two things it does to the files of its target:
//  - A write-ahead log file never comes into being before the one ahead of it is durable. RocksDB moves on to a new one
//    without syncing the old. Where writes are buffered, power loss may then take the old file's tail and leave the new
//    file's head, and recovery replays the head as though nothing were missing: newer writes without older ones. One
//    sync at each switch (every few megabytes) rules that out.
//  - A failed write, sync or name change is reported as one that may be tried again, and free space as unknown. Else
//    RocksDB takes the first for fatal, until the process ends, and leaves the second to a thread that looks every five
//    seconds. So DB::Resume decides, at once: it flushes what is in memory and gives up the damaged log.
//
// Any thread; one database an Env.
#pragma once

#include <rocksdb/env.h>

#include <memory>

namespace freshet::store {

// `target` (not owned) outlives the result.
std::unique_ptr<rocksdb::Env> NewDatabaseEnv(rocksdb::Env* target);

}  // namespace freshet::store
