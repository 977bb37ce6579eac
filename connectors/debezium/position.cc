#include "connectors/debezium/position.h"

namespace freshet::debezium {
namespace {

constexpr uint8_t kForm = 2;
constexpr uint8_t kShortForm = 1;

bool ReadHash(ByteReader& reader, Hash128& hash) {
  std::string_view bytes;
  if (!reader.Bytes(hash.size(), bytes)) return false;
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return true;
}

bool ReadMark(ByteReader& reader, uint8_t form, Mark& mark) {
  if (!reader.Big64(mark.position) || !reader.Big64(mark.ordinal)) return false;
  return form == kShortForm || (reader.Big64(mark.snapshot) && ReadHash(reader, mark.deleted));
}

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
    for (const uint64_t number : {offset.value, mark.position, mark.ordinal, mark.snapshot}) AppendBig64(out, number);
    out += AsBytes(mark.deleted);
  }
  return out;
}

std::optional<Position> Position::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  Position position;
  uint8_t form = 0;
  uint32_t count = 0;
  if (!reader.Byte(form) || (form != kForm && form != kShortForm)) return std::nullopt;
  if (!reader.Big64(position.epoch) || !ReadHash(reader, position.fingerprint) || !reader.Big32(count)) {
    return std::nullopt;
  }
  for (; count > 0; --count) {
    log::TopicPartition partition;
    uint64_t next = 0;
    Mark mark;
    if (!reader.Text(partition.topic) || !reader.Big32(partition.partition.value) || !reader.Big64(next) ||
        !ReadMark(reader, form, mark)) {
      return std::nullopt;
    }
    position.next[partition] = Offset(next);
    position.marks[partition] = mark;
  }
  return reader.rest().empty() ? std::optional(std::move(position)) : std::nullopt;
}

}  // namespace freshet::debezium
