// Reranker: how well passages answer a question, by a cross-encoder that another server runs, within a time budget.
//
//   auto reranker = HttpReranker::Make({.url = "http://127.0.0.1:8081/rerank", .budget = 150ms});
//   Result<std::vector<float>> scores = (*reranker)->Score("contact precautions", passages);   // higher is better
//
// Two forms are spoken. Without a model's name, that of Hugging Face's text-embeddings-inference:
//   {"query", "texts", "truncate": true}  ->  [{"index", "score"}, ...]
// with one, that of Cohere's API, which Jina, vLLM and Infinity speak too:
//   {"model", "query", "documents"}       ->  {"results": [{"index", "relevance_score"}, ...]}
// Either answer is read from either. What is sent are passages that the caller may see, de-identified by their
// collection's policy, and the question as it was asked: so whoever runs that server must be trusted with questions.
//
// Score returns when the budget is over, whatever the server, or its name server, does. Where three calls in a row have
// failed, none is made for `pause`. Codes of Score: timeout, unavailable (no connection, a status that is not 200, or
// the pause), backpressure (too many calls are under way), malformed_document (the answer is not one score for each
// passage). Of Make: configuration. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/status.h"

namespace freshet::query {

class Reranker {
 public:
  virtual ~Reranker() = default;
  // One score for each passage, in their order.
  virtual Result<std::vector<float>> Score(std::string_view question, std::span<const std::string> passages) const = 0;
  // As many as it should be asked about at most.
  virtual size_t passages() const = 0;
};

struct HttpRerankerOptions {
  std::string url;    // http://host:port/path or https://…; without a path: /rerank
  std::string model;  // empty: the server has one
  std::string token;  // sent as a bearer token, where there is one
  Duration budget = std::chrono::milliseconds(150);
  size_t passages = 32;  // what such servers take in one call by default
  Duration pause = std::chrono::seconds(5);
};

class HttpReranker final : public Reranker {
 public:
  static Result<std::unique_ptr<HttpReranker>> Make(HttpRerankerOptions options);
  ~HttpReranker() override;  // waits for calls under way, whose connections it closes

  Result<std::vector<float>> Score(std::string_view question, std::span<const std::string> passages) const override;
  size_t passages() const override { return options_.passages; }

 private:
  struct Call;
  struct Calls;
  HttpReranker(HttpRerankerOptions options, std::string host, std::string path);
  Result<std::string> Post(std::string body) const;
  bool IsPaused() const;
  void Note(const Status& status) const;

  const HttpRerankerOptions options_;
  const std::string host_;  // "http://127.0.0.1:8081"
  const std::string path_;
  const std::shared_ptr<Calls> calls_;
  mutable std::atomic<int> failures_ = 0;          // in a row
  mutable std::atomic<int64_t> paused_until_ = 0;  // steady clock, microseconds
};

}  // namespace freshet::query
