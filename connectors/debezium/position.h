// Position: how far a run has read each partition, as it is stored.
//
//   position := 1 epoch:64 fingerprint:16 bytes count:32 (topic:text partition:32 next:64 mark:64+64)*
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
