// HttpEmbedder: a model behind an OpenAI-compatible `/v1/embeddings`.
//
//   HttpEmbedder embedder({.url = "http://127.0.0.1:8000", .model = "bge-m3", .dimensions = 1024});
//   Result<EmbeddingBatch> batch = embedder.Embed(texts);
//
//   request  := POST {url}/v1/embeddings {"model", "input": [text...], "encoding_format": "float"}
//   response := {"data": [{"index", "embedding": [number...]}...], "usage": {"total_tokens"}}
//
// (platform.openai.com/docs/api-reference/embeddings.) Each call has a limit of time and is tried again a few times,
// with jittered backoff. After some calls in a row that failed the circuit is open: calls fail at once, without asking,
// but for one a `pause` that finds out whether the server is back. Vectors are brought to length 1.
//
// Codes: unavailable (no connection, 429, 5xx, circuit open), timeout; configuration (401, 403, 404; vectors of other
// dimensions than configured), which halts the embed stage and loses nothing; document_too_large (413);
// internal_error (another answer that the interface does not allow). Status messages hold no text of a document. The
// server sees clean texts, and the questions of callers as they ask them. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/model/embedder.h"

namespace freshet::model {

// What became of one call, for metrics.
struct HttpEmbedderCall {
  Code code = Code::kOk;
  Duration took{};
  uint64_t tokens = 0;  // as the server counts them
};

struct HttpEmbedderOptions {
  std::string url;                              // http://host:port or https, and a path before /v1 if there is one
  std::string model;                            // the server's name of it; vectors are stored under it
  uint32_t dimensions = 0;                      // known before the server is, so that a process starts without it
  std::string api_key;                          // sent as a bearer token; empty: none
  Duration timeout = std::chrono::seconds(10);  // of one call; longer waits for slower servers, and for dead ones
  unsigned attempts = 3;                        // of one call of Embed
  Duration backoff = std::chrono::milliseconds(100);     // before the second; doubles
  unsigned breaker_threshold = 5;                        // failed calls in a row that open the circuit
  Duration pause = std::chrono::seconds(2);              // while it is open, from one question to the next
  std::function<void(const HttpEmbedderCall&)> on_call;  // from any thread; may be empty
};

class HttpEmbedder final : public Embedder {
 public:
  // configuration: a URL that is none, no model, no dimensions, a key that no header may hold.
  static Result<std::unique_ptr<HttpEmbedder>> Make(HttpEmbedderOptions options);
  ~HttpEmbedder() override;

  std::string_view name() const override { return name_; }
  uint32_t dimensions() const override { return options_.dimensions; }
  bool circuit_open() const;

 protected:
  Result<EmbeddingBatch> Compute(std::span<const std::string_view> texts, Priority priority) const override;

 private:
  struct Wire;
  HttpEmbedder(HttpEmbedderOptions options, std::string host, std::string path);
  Result<EmbeddingBatch> Call(const std::string& request, size_t texts) const;

  const HttpEmbedderOptions options_;
  const std::string name_;
  const std::unique_ptr<Wire> wire_;
};

}  // namespace freshet::model
