// Frames of MLLP, the minimal lower layer protocol (HL7 v2.5.1 implementation guide, appendix C), out of a stream of
// bytes.
//
//   frame := 0x0B message 0x1C 0x0D
//
//   FrameReader reader(8 << 20);
//   reader.Add(bytes);
//   while (std::optional<std::string> message = reader.Next()) ...
//
// Bytes between frames are skipped; a frame that begins within another is taken for its sender's new attempt. A frame
// over the limit comes out empty, once. It holds at most the limit and what is added at a time. One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace freshet::hl7 {

inline constexpr char kFrameBegin = '\x0B';
inline constexpr char kFrameEnd = '\x1C';

std::string Framed(std::string_view message);

class FrameReader {
 public:
  explicit FrameReader(size_t most_bytes) : most_bytes_(most_bytes) {}

  // Call Next until it has nothing before the next one.
  void Add(std::string_view bytes) { buffer_ += bytes; }
  std::optional<std::string> Next();
  // In the middle of a frame.
  bool busy() const { return inside_; }

 private:
  const size_t most_bytes_;
  std::string buffer_;  // inside: what follows the begin
  size_t searched_ = 0;
  bool inside_ = false;
  bool too_large_ = false;  // the frame that is under way, of which nothing is kept
};

}  // namespace freshet::hl7
