// Download: a file of any size, in pieces as they come: a thread of its own asks for it and waits where nobody takes.
//
//   Download download(client, {.url = url, .accept = "application/fhir+ndjson"});
//   // "": the end; nothing: not yet.
//   FRESHET_ASSIGN_OR_RETURN(std::optional<std::string> bytes, download.Next(100ms));
//
// Holds kMostHeld bytes. Its end cancels what is under way. Codes: those of Client. Next: one thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "connectors/fhir/client.h"

namespace freshet::fhir {

class Download {
 public:
  static constexpr size_t kMostHeld = 4u << 20;

  // With the options and the tokens of that client.
  Download(const Client& like, Request request);
  ~Download();
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  Result<std::optional<std::string>> Next(Duration wait);

 private:
  Status Take(std::string_view bytes);

  Client client_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> pieces_;
  size_t held_ = 0;
  bool ended_ = false, cancelled_ = false;
  Status status_;
  std::thread thread_;
};

}  // namespace freshet::fhir
