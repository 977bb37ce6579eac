#include "common/store/wire.h"

#include <limits>

namespace freshet::store {

void ValueWriter::Number(uint64_t number) {
  while (number >= 0x80) {
    out_.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  out_.push_back(static_cast<char>(number));
}

void ValueWriter::Bytes(std::string_view bytes) {
  Number(bytes.size());
  out_.append(bytes);
}

void ValueWriter::At(Time time) {
  const int64_t micros = ToMicros(time);
  Number((static_cast<uint64_t>(micros) << 1) ^ static_cast<uint64_t>(micros >> 63));
}

void ValueWriter::Of(const Version& version) {
  Number(version.epoch);
  Number(version.position);
  Number(version.ordinal);
}

void ValueWriter::Of(const Revision& revision) {
  Number(revision.deid_run);
  Number(revision.embed_run);
}

void ValueReader::Fail() {
  failed_ = true;
  rest_ = {};
}

uint64_t ValueReader::Number() {
  uint64_t number = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) break;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    number |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return number;
  }
  Fail();
  return 0;
}

uint32_t ValueReader::Number32() {
  const uint64_t number = Number();
  if (number <= std::numeric_limits<uint32_t>::max()) return static_cast<uint32_t>(number);
  Fail();
  return 0;
}

size_t ValueReader::Count(size_t least) {
  const uint64_t count = Number();
  if (count <= rest_.size() / least) return count;
  Fail();
  return 0;
}

std::string_view ValueReader::Bytes() { return Raw(Number()); }

std::string_view ValueReader::Raw(size_t count) {
  if (count > rest_.size()) {
    Fail();
    return {};
  }
  const std::string_view bytes = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return bytes;
}

Time ValueReader::At() {
  const uint64_t number = Number();
  return FromMicros(static_cast<int64_t>(number >> 1) ^ -static_cast<int64_t>(number & 1));
}

Version ValueReader::ReadVersion() {
  Version version;
  version.epoch = Number();
  version.position = Number();
  version.ordinal = Number();
  return version;
}

Revision ValueReader::ReadRevision() {
  Revision revision;
  revision.deid_run = Number();
  revision.embed_run = Number();
  return revision;
}

Code ValueReader::ReadCode() {
  const uint64_t number = Number();
  if (number < AllCodes().size()) return static_cast<Code>(number);
  Fail();
  return Code::kOk;
}

Step ValueReader::ReadStep() {
  const uint64_t number = Number();
  if (number < kStepCount) return static_cast<Step>(number);
  Fail();
  return Step::kIndex;
}

}  // namespace freshet::store
