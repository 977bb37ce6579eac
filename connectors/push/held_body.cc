#include "connectors/push/held_body.h"

namespace freshet::push {

Status HeldBody::Read(const httplib::ContentReader& reader) {
  size_t bytes = 0;
  Status problem;
  const bool whole = reader([&](const char* data, size_t size) {
    bytes += size;
    if (problem.ok()) problem = Take(std::string_view(data, size));
    return bytes <= kDrained * limits_.body;
  });
  if (problem.ok() && !whole) return Status(Code::kInvalidArgument, "The body broke off");
  return problem;
}

Status HeldBody::Take(std::string_view piece) {
  if (text_.size() + piece.size() > limits_.body) return Status(Code::kDocumentTooLarge, "The body is over max_body");
  counted_ += piece.size();
  if (held_.fetch_add(piece.size()) + piece.size() > limits_.all) {
    return Status(Code::kBackpressure, "Too much is under way");
  }
  text_ += piece;
  return OkStatus();
}

}  // namespace freshet::push
