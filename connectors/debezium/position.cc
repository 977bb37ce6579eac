#include "connectors/debezium/position.h"

namespace freshet::debezium {
namespace {

constexpr uint8_t kForm = 1;

}  // namespace

std::string Position::Encode() const {
  std::string out(1, static_cast<char>(kForm));
  AppendBig64(out, epoch);
  out += AsBytes(fingerprint);
  AppendBig32(out, static_cast<uint32_t>(next.size()));
  for (const auto& [partition, offset] : next) {
    const auto found = marks.find(partition);
    const Mark mark = found == marks.end() ? Mark() : found->second;
    AppendText(out, partition.topic);
    AppendBig32(out, partition.partition.value);
    for (const uint64_t number : {offset.value, mark.position, mark.ordinal}) AppendBig64(out, number);
  }
  return out;
}

std::optional<Position> Position::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  Position position;
  uint8_t form = 0;
  uint32_t count = 0;
  std::string_view hash;
  if (!reader.Byte(form) || form != kForm || !reader.Big64(position.epoch)) return std::nullopt;
  if (!reader.Bytes(position.fingerprint.size(), hash) || !reader.Big32(count)) return std::nullopt;
  std::copy(hash.begin(), hash.end(), position.fingerprint.begin());
  for (; count > 0; --count) {
    log::TopicPartition partition;
    uint64_t next = 0;
    Mark mark;
    if (!reader.Text(partition.topic) || !reader.Big32(partition.partition.value) || !reader.Big64(next) ||
        !reader.Big64(mark.position) || !reader.Big64(mark.ordinal)) {
      return std::nullopt;
    }
    position.next[partition] = Offset(next);
    position.marks[partition] = mark;
  }
  return reader.rest().empty() ? std::optional(std::move(position)) : std::nullopt;
}

}  // namespace freshet::debezium
