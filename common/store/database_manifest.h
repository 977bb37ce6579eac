// The manifest of a RocksDB whose end a power loss tore: RocksDB appends a record when it has made or dropped a file,
// and a file system may have made the file longer before it wrote the bytes. RocksDB 7.8 reads past an end that is cut,
// but takes one of zeros for damage, and does not open.
//
//   file->NewSequentialFile(...)  ->  OpenManifest(*target, path, options, &file)     // in DatabaseEnv
//   WithoutTornEnd(bytes)                                        // how many of these bytes are there to be read
//
// Nothing is lost by leaving a torn record out: RocksDB drops no file and no write-ahead log before the record that
// says so is durable, and begins a new manifest whenever it opens. Damage with anything but zeros behind it stays
// damage.
//
// manifest :=              RocksDB wiki, "Write Ahead Log File Format"; blocks of 32 KiB, the last may be short
//    block := record*  trailer: fewer than 7 zeros
//    record := sum: fixed32 (CRC-32C of type and data, masked)  size: fixed16  type: u8 (1 to 4)  data: u8[size]
//
// Any thread.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>
#include <string_view>

namespace freshet::store {

size_t WithoutTornEnd(std::string_view manifest);

// As NewSequentialFile of `target`, but that a torn end is not there.
rocksdb::IOStatus OpenManifest(rocksdb::FileSystem& target, const std::string& path,
                               const rocksdb::FileOptions& options, std::unique_ptr<rocksdb::FSSequentialFile>* file);

}  // namespace freshet::store
