// LexicalBytes: a growing run of bytes with the number formats of Lucene's files; and how they are read back.
//
//   LexicalBytes bytes;  bytes.PutVint(300);  bytes.PutBig32(7);
//   const char* at = bytes.view().data();  uint32_t number = ReadVint(at);
//
// VInt: seven bits a byte, the lowest first, the high bit set on all but the last. Not for several threads at once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace freshet::store {

class LexicalBytes {
 public:
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  std::string_view view() const { return {data_.get(), size_}; }

  void PutByte(uint8_t byte) {
    Need(1);
    data_[size_++] = static_cast<char>(byte);
  }
  void PutVint(uint64_t number) {
    Need(kMaxVint);
    char* out = data_.get() + size_;
    while (number >= 0x80) {
      *out++ = static_cast<char>(number | 0x80);
      number >>= 7;
    }
    *out++ = static_cast<char>(number);
    size_ = static_cast<size_t>(out - data_.get());
  }
  void PutBig32(uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) PutByte(static_cast<uint8_t>(number >> shift));
  }
  void PutBig64(uint64_t number) {
    PutBig32(static_cast<uint32_t>(number >> 32));
    PutBig32(static_cast<uint32_t>(number));
  }
  void Put(std::string_view bytes) {
    if (bytes.empty()) return;
    Need(bytes.size());
    std::memcpy(data_.get() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  void Reserve(size_t capacity) {
    if (capacity > capacity_) Grow(capacity);
  }
  // Gives back what is not used.
  void Shrink() {
    if (capacity_ > size_ + size_ / 8) Grow(size_);
  }

 private:
  static constexpr size_t kMaxVint = 10;

  void Need(size_t more) {
    if (size_ + more > capacity_) Grow(std::max(size_ + more, capacity_ + capacity_ / 2 + 64));
  }
  void Grow(size_t capacity) {
    auto grown = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(grown.get(), data_.get(), size_);
    data_ = std::move(grown);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// The VInt at `at`, which moves behind it. The bytes are known to hold one whole.
inline uint32_t ReadVint(const char*& at) {
  uint32_t byte = static_cast<uint8_t>(*at++);
  uint32_t number = byte & 0x7F;
  for (int shift = 7; byte >= 0x80; shift += 7) {
    byte = static_cast<uint8_t>(*at++);
    number |= (byte & 0x7F) << shift;
  }
  return number;
}

// The next of a list of postings: VInts, row delta * 2 + 1, or row delta * 2 and the frequency. Most often both numbers
// are of one byte; which postings have a second one cannot be foreseen, so that to ask would cost more than the rest.
// The last one of a list may be the last byte that there is.
inline void ReadPosting(const char*& at, bool is_last, uint32_t& row, uint32_t& frequency) {
  const uint32_t code = static_cast<uint8_t>(at[0]);
  const uint32_t follows = ~code & 1;
  const uint32_t next = static_cast<uint8_t>(at[is_last ? 0 : 1]);
  if (((code | next * follows) & 0x80) == 0 && !is_last) {
    row += code >> 1;
    frequency = 1 + (next - 1) * follows;
    at += 1 + follows;
  } else {
    const uint32_t whole = ReadVint(at);
    row += whole >> 1;
    frequency = (whole & 1) != 0 ? 1 : ReadVint(at);
  }
}

// What ReadVint reads, and more, of bytes that may hold anything: every call returns false, and `ok` stays false, once
// they end too early.
class LexicalByteReader {
 public:
  explicit LexicalByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  size_t left() const { return rest_.size(); }

  uint64_t Vint() {
    uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return Fail();
      const auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      number |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return number;
    }
    return Fail();
  }
  uint64_t Big(size_t bytes) {
    if (rest_.size() < bytes) return Fail();
    uint64_t number = 0;
    for (size_t i = 0; i < bytes; ++i) number = number << 8 | static_cast<uint8_t>(rest_[i]);
    rest_.remove_prefix(bytes);
    return number;
  }
  std::string_view Bytes(size_t count) {
    if (rest_.size() < count) {
      Fail();
      return {};
    }
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }

 private:
  uint64_t Fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace freshet::store
