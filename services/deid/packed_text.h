// Short texts in few bytes: digits in half a byte, letters in five or six bits, a UUID in 16 bytes.
//
//   std::string bytes;   AppendPacked("4b0c9d2e-...", bytes);   AppendVarint(7, bytes);
//   PackedReader reader(bytes);   reader.Text()   /* "4b0c9d2e-..." */   reader.Varint()   /* 7 */
//
// The same text gives the same bytes, another text others.
//   text := head(mode: 3 bits, length: 5 bits) [varint: length - 31, where those bits are all set] body
//   mode 0: bytes as they are; 1: "0-9 -./+("; 2: "0-9a-f"; 3: "a-z" and six more; 4: "a-z0-9" and 28 more; 5: a UUID
//   in lower case, of length 0; in 1 to 4 a character is its place in that alphabet, in 4, 4, 5 and 6 bits, from the
//   left. varint := seven bits a byte, the last ones first, the eighth set where more follow.
// A reader of bytes that nobody wrote so gives something, and never reads beyond them. Plain functions: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace freshet::deid {

void AppendVarint(uint64_t number, std::string& out);
void AppendPacked(std::string_view text, std::string& out);

class PackedReader {
 public:
  explicit PackedReader(std::string_view bytes) : rest_(bytes) {}

  uint64_t Varint();
  std::string Text();
  std::string_view Bytes(size_t count);
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace freshet::deid
