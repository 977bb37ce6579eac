// Position: how far a run has read each partition, as it is stored.
//
//   position := 2 epoch:64 fingerprint:16 bytes count:32 (topic:text partition:32 next:64 mark)*
//   mark     := position:64 ordinal:64 snapshot:64 deleted:16 bytes
//             | position:64 ordinal:64                                in form 1, which is read and not written
//
// Plain values.
#pragma once

#include "common/base/bytes.h"
#include "connectors/debezium/decoder.h"

namespace freshet::debezium {

struct Position {
  uint64_t epoch = 0;
  Hash128 fingerprint{};  // of what makes versions and events; another one begins anew
  std::map<log::TopicPartition, Offset> next;
  Marks marks;

  std::string Encode() const;
  // Nothing where the bytes are not what Encode writes.
  static std::optional<Position> Decode(std::string_view bytes);
};

}  // namespace freshet::debezium
