// Directories of the lexical index on a crash disk: what a commit of the index has synced survives a crash, the rest
// may be gone, cut short or back again, as the disk's seed decides (crash_volume.h).
//
//   CrashDisk disk(seed);
//   auto index = LexicalIndex::Open({.path = "/lexical", .open_directory = CrashDirectories(disk)});
//   disk.Crash();
//   auto again = LexicalIndex::Open({.path = "/lexical", .open_directory = CrashDirectories(disk)});
//
// A directory stays with the life of the disk in which it was opened: after a crash its writes fail. `disk` outlives
// both. Any thread.
#pragma once

#include <memory>
#include <string>

#include "common/store/lexical.h"
#include "common/store/lexical_disk.h"
#include "tests/support/crash_fs.h"

namespace freshet::test {

// For LexicalOptions::open_directory and IndexStoreOptions::open_directory.
store::LexicalDirectoryFactory CrashDirectories(CrashDisk& disk);

std::unique_ptr<store::LexicalFiles> NewCrashFiles(CrashVolume& volume, std::string path);

}  // namespace freshet::test
