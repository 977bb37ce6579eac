#include "services/query/listen.h"

#include <httplib.h>

#include <atomic>
#include <memory>

namespace freshet::query {

Status ServeOnThread(httplib::Server& http, std::thread& thread) {
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  thread = std::thread([&http, ended] {
    http.listen_after_bind();
    *ended = true;
  });
  while (!http.is_running()) {
    if (*ended) return Status(Code::kUnavailable, "the server ended as soon as it began");
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return OkStatus();
}

}  // namespace freshet::query
