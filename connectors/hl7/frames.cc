#include "connectors/hl7/frames.h"

namespace freshet::hl7 {

std::string Framed(std::string_view message) {
  std::string frame(1, kFrameBegin);
  frame += message;
  frame += kFrameEnd;
  return frame + '\r';
}

std::optional<std::string> FrameReader::Next() {
  if (!inside_) {
    const size_t begin = buffer_.find(kFrameBegin);
    buffer_.erase(0, begin == std::string::npos ? begin : begin + 1);
    searched_ = 0;
    if (begin == std::string::npos) return std::nullopt;
    inside_ = true;
  }
  const size_t end = buffer_.find(kFrameEnd, searched_);
  too_large_ = too_large_ || std::min(end, buffer_.size()) > most_bytes_;
  if (end == std::string::npos) {
    if (too_large_) buffer_.clear();
    searched_ = buffer_.size();
    return std::nullopt;
  }
  std::string message = too_large_ ? std::string() : buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  inside_ = too_large_ = false;
  const size_t restart = message.rfind(kFrameBegin);
  if (restart != std::string::npos) message.erase(0, restart + 1);
  return message;
}

}  // namespace freshet::hl7
