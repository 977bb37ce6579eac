// Spool: the messages of one transaction that is under way, until it commits or is undone.
//
//   Spool spool(options.spool_memory);
//   FRESHET_RETURN_IF_ERROR(spool.Append(subtransaction, message));
//   spool.Undo(subtransaction);
//   for (std::string_view message; …; ) { FRESHET_ASSIGN_OR_RETURN(bool more, spool.Next(message)); if (!more) break; }
//
// What does not fit into memory goes to a file without a name in the temporary directory, sealed (AES-256-GCM) with a
// key that only this object has: it is gone with the process, and was never readable.
//
//   message in memory := subtransaction(4) size(4) bytes     block on disk := size(4) sealed messages
//
// Codes: io_error, disk_full. One thread.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "common/base/status.h"
#include "common/crypto/primitives.h"

namespace freshet::postgres {

class Spool {
 public:
  explicit Spool(size_t memory) : memory_(memory) {}
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  Status Append(uint32_t subtransaction, std::string_view message);
  void Undo(uint32_t subtransaction) { undone_.insert(subtransaction); }
  // The next one in order, without those of subtransactions that were undone; false: that was all. It is there until
  // the next call. Nothing is appended any more from the first call on.
  Result<bool> Next(std::string_view& message);

  uint64_t bytes_on_disk() const { return on_disk_; }

 private:
  Status Flush();
  Result<bool> NextBlock();

  const size_t memory_;
  crypto::SecretKey key_;
  int file_ = -1;
  uint64_t on_disk_ = 0;
  std::string block_;        // being filled; read last
  uint64_t read_ = 0;        // of the file
  std::string plain_;        // the block being read
  size_t at_ = 0;            // in it
  bool last_block_ = false;  // it was block_
  std::set<uint32_t> undone_;
};

}  // namespace freshet::postgres
