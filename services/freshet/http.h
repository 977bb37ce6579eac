// A caller of Freshet's HTTP interface.
//
//   HttpClient client(url, token);
//   Result<std::string> body = client.Post("/v1/search", request.dump());
//
// An answer that is not 2xx is an error with the code of its problem (RFC 9457), unavailable where nothing
// answers, invalid_argument where the URL is none or the token holds what no header may. One thread at a time.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/base/status.h"

namespace freshet {

class HttpClient {
 public:
  // url: "http://127.0.0.1:8080" or https.
  // answer_limit: how long it waits for an answer.
  HttpClient(const std::string& url, const std::string& token,
             std::chrono::milliseconds answer_limit = std::chrono::seconds(60));
  ~HttpClient();

  Result<std::string> Get(const std::string& path);
  Result<std::string> Post(const std::string& path, const std::string& json);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace freshet
