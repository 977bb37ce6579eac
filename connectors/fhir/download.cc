#include "connectors/fhir/download.h"

namespace freshet::fhir {

Download::Download(const Client& like, Request request) : client_(like.options(), like.tokens()) {
  thread_ = std::thread([this, request = std::move(request)] {
    Answer answer;
    const Status status = client_.Get(request, answer, [this](std::string_view bytes) { return Take(bytes); });
    const std::lock_guard lock(mutex_);
    status_ = status;
    ended_ = true;
    changed_.notify_all();
  });
}

Download::~Download() {
  client_.Cancel();
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Status Download::Take(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return cancelled_ || held_ == 0 || held_ + bytes.size() <= kMostHeld; });
  if (cancelled_) return Status(Code::kUnavailable, "Cancelled");
  pieces_.emplace_back(bytes);
  held_ += bytes.size();
  changed_.notify_all();
  return OkStatus();
}

Result<std::optional<std::string>> Download::Next(Duration wait) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [&] { return ended_ || !pieces_.empty(); });
  if (!pieces_.empty()) {
    std::string piece = std::move(pieces_.front());
    pieces_.pop_front();
    held_ -= piece.size();
    changed_.notify_all();
    return std::optional<std::string>(std::move(piece));
  }
  if (!ended_) return std::optional<std::string>();
  FRESHET_RETURN_IF_ERROR(status_);
  return std::optional<std::string>("");
}

}  // namespace freshet::fhir
