// How the store writes its values: fields one after another, numbers as varints, bytes with their length before them.
//
//   std::string out;  ValueWriter writer(out);  writer.Number(7);  writer.Bytes("policies");
//   ValueReader reader(out);  uint64_t n = reader.Number();  std::string_view name = reader.Bytes();
//   if (!reader.AtEnd()) ...                     // also where anything before it could not be read
//
// varint := base-128 groups, least significant first, high bit on all but the last · bytes := varint length, the bytes
// version := epoch position ordinal, varints · time := microseconds since 1970, zigzag varint
//
// A reader that fails stays failed and gives zeroes: callers ask once, at the end. Not for concurrent use.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/origin.h"

namespace freshet::store {

class ValueWriter {
 public:
  explicit ValueWriter(std::string& out) : out_(out) {}

  void Number(uint64_t number);
  void Flag(bool flag) { Number(flag ? 1 : 0); }
  void Bytes(std::string_view bytes);
  void Raw(std::string_view bytes) { out_.append(bytes); }  // no length: the reader knows it
  void At(Time time);
  void Of(const Version& version);
  void Of(const Revision& revision);

 private:
  std::string& out_;
};

class ValueReader {
 public:
  explicit ValueReader(std::string_view bytes) : rest_(bytes) {}

  uint64_t Number();
  uint32_t Number32();
  bool Flag() { return Number() != 0; }
  // A number of things that follow, each of at least `least` bytes: fails where the value is too short for them.
  size_t Count(size_t least = 1);
  std::string_view Bytes();
  std::string_view Raw(size_t count);
  Time At();
  Version ReadVersion();
  Revision ReadRevision();
  Code ReadCode();
  Step ReadStep();

  std::string_view rest() const { return rest_; }
  bool failed() const { return failed_; }
  bool AtEnd() const { return !failed_ && rest_.empty(); }

 private:
  void Fail();
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace freshet::store
