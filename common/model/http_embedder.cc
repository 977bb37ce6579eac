#include "common/model/http_embedder.h"

#include <httplib.h>

#include <algorithm>
#include <random>
#include <thread>

#include "common/model/http_answer.h"

namespace freshet::model {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// RFC 9110, 5.5: anything else might end the header and begin another.
bool FitsIntoAHeader(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// "http://host:port" and the path behind it, without a slash at its end.
std::pair<std::string, std::string> SplitUrl(const std::string& url) {
  const size_t scheme = url.find("://");
  if (scheme == url.npos) return {};
  const size_t slash = url.find('/', scheme + 3);
  std::string path = slash == url.npos ? std::string() : url.substr(slash);
  while (path.ends_with('/')) path.pop_back();
  return {url.substr(0, slash), std::move(path)};
}

Status StatusOfHttp(int status) {
  const std::string text = "the embedding server answered HTTP " + std::to_string(status);
  if (status == 429 || status >= 500) return Status(Code::kUnavailable, text);
  if (status == 401 || status == 403 || status == 404) return Status(Code::kConfiguration, text);
  return Status(status == 413 ? Code::kDocumentTooLarge : Code::kInternalError, text);
}

Status StatusOf(httplib::Error error) {
  const bool late = error == httplib::Error::Read || error == httplib::Error::ConnectionTimeout;
  return Status(late ? Code::kTimeout : Code::kUnavailable,
                "no answer of the embedding server: " + httplib::to_string(error));
}

}  // namespace

// Connections that are kept for the next call, and the circuit.
struct HttpEmbedder::Wire {
  std::string host, path;
  mutable std::mutex mutex;
  std::vector<std::unique_ptr<httplib::Client>> idle;
  unsigned failed = 0;  // calls in a row
  SteadyTime ask_at{};  // while the circuit is open
  std::mt19937_64 random{std::random_device{}()};

  std::unique_ptr<httplib::Client> Take(const HttpEmbedderOptions& options) {
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        auto client = std::move(idle.back());
        idle.pop_back();
        return client;
      }
    }
    auto client = std::make_unique<httplib::Client>(host);
    client->set_keep_alive(true);
    client->set_tcp_nodelay(true);
    client->set_connection_timeout(options.timeout);
    client->set_read_timeout(options.timeout);
    client->set_write_timeout(options.timeout);
    if (!options.api_key.empty()) client->set_bearer_token_auth(options.api_key);
    return client;
  }

  // One caller at a time is let through an open circuit.
  bool MayAsk(const HttpEmbedderOptions& options) {
    const std::lock_guard lock(mutex);
    if (failed < options.breaker_threshold) return true;
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now < ask_at) return false;
    ask_at = now + options.pause;
    return true;
  }

  void Note(const HttpEmbedderOptions& options, const Status& status) {
    const std::lock_guard lock(mutex);
    // An answer that refuses these texts is an answer.
    failed = DispositionOf(status.code()) == Disposition::kRetry ? failed + 1 : 0;
    if (failed >= options.breaker_threshold) ask_at = std::chrono::steady_clock::now() + options.pause;
  }

  Duration Jittered(Duration longest) {
    const std::lock_guard lock(mutex);
    return Duration(std::uniform_int_distribution<int64_t>(longest.count() / 2, longest.count())(random));
  }
};

HttpEmbedder::HttpEmbedder(HttpEmbedderOptions options, std::string host, std::string path)
    : options_(std::move(options)),
      name_(options_.model + "-" + std::to_string(options_.dimensions)),
      wire_(std::make_unique<Wire>()) {
  wire_->host = std::move(host);
  wire_->path = std::move(path) + "/v1/embeddings";
}

HttpEmbedder::~HttpEmbedder() = default;

Result<std::unique_ptr<HttpEmbedder>> HttpEmbedder::Make(HttpEmbedderOptions options) {
  const auto wrong = [](const char* what) { return Status(Code::kConfiguration, what); };
  if (!options.url.starts_with("http://") && !options.url.starts_with("https://")) {
    return wrong("embedder.url must be http://host:port or https://host");
  }
  if (options.model.empty()) return wrong("embedder.model is missing: the server's name of the model");
  if (options.dimensions == 0) return wrong("embedder.dimensions is missing: how long the model's vectors are");
  if (!FitsIntoAHeader(options.api_key)) return wrong("embedder.api_key has characters that no header may hold");
  auto [host, path] = SplitUrl(options.url);
  if (!httplib::Client(host).is_valid()) return wrong("embedder.url must be http://host:port or https://host");
  return std::unique_ptr<HttpEmbedder>(new HttpEmbedder(std::move(options), std::move(host), std::move(path)));
}

bool HttpEmbedder::circuit_open() const {
  const std::lock_guard lock(wire_->mutex);
  return wire_->failed >= options_.breaker_threshold;
}

Result<EmbeddingBatch> HttpEmbedder::Compute(std::span<const std::string_view> texts, Priority) const {
  if (texts.empty()) return EmbeddingBatch{options_.dimensions, {}};
  const std::string request = EmbeddingRequest(options_.model, texts);
  Duration backoff = options_.backoff;
  Status last(Code::kUnavailable, "the embedding server does not answer, and is asked again soon");
  for (unsigned attempt = 0; attempt < std::max(options_.attempts, 1u); ++attempt) {
    if (!wire_->MayAsk(options_)) return last;
    if (attempt > 0) std::this_thread::sleep_for(wire_->Jittered(std::exchange(backoff, backoff * 2)));
    Result<EmbeddingBatch> batch = Call(request, texts.size());
    wire_->Note(options_, batch.status());
    if (batch.ok() || DispositionOf(batch.code()) != Disposition::kRetry) return batch;
    last = batch.status();
  }
  return last;
}

Result<EmbeddingBatch> HttpEmbedder::Call(const std::string& request, size_t texts) const {
  const auto begin = std::chrono::steady_clock::now();
  auto client = wire_->Take(options_);
  const auto answer = client->Post(wire_->path, request, "application/json");
  HttpAnswer parsed;
  const Status status = [&]() -> Status {
    if (!answer) return StatusOf(answer.error());
    if (answer->status != 200) return StatusOfHttp(answer->status);
    FRESHET_ASSIGN_OR_RETURN(parsed, ParseEmbeddings(answer->body, texts, options_.dimensions));
    return OkStatus();
  }();
  if (options_.on_call) {
    const auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin);
    options_.on_call({status.code(), took, parsed.tokens});
  }
  if (!status.ok()) return status;
  const std::lock_guard lock(wire_->mutex);
  wire_->idle.push_back(std::move(client));
  return std::move(parsed.batch);
}

}  // namespace freshet::model
