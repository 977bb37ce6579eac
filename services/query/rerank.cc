#include "services/query/rerank.h"

#include <httplib.h>

#include <cmath>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <system_error>
#include <thread>

namespace freshet::query {
namespace {

using nlohmann::json;

constexpr size_t kMaxCalls = 64;
constexpr size_t kMaxAnswerBytes = 1 << 20;
constexpr int kFailuresBeforePause = 3;

int64_t SteadyMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string BodyOf(const HttpRerankerOptions& options, std::string_view question, std::span<const std::string> texts) {
  json body = {{"query", question}};
  if (options.model.empty()) {
    body["texts"] = std::vector<std::string>(texts.begin(), texts.end());
    body["truncate"] = true;
  } else {
    body["model"] = options.model;
    body["documents"] = std::vector<std::string>(texts.begin(), texts.end());
  }
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Of one row: index and score; nothing where it has neither.
std::optional<std::pair<size_t, float>> RowOf(const json& row) {
  if (!row.is_object() || !row.contains("index") || !row["index"].is_number_unsigned()) return std::nullopt;
  const auto score = row.contains("score") ? row.find("score") : row.find("relevance_score");
  if (score == row.end() || !score->is_number() || !std::isfinite(score->get<float>())) return std::nullopt;
  return std::pair(row["index"].get<size_t>(), score->get<float>());
}

Result<std::vector<float>> ScoresOf(const std::string& text, size_t count) {
  const Status malformed(Code::kMalformedDocument, "the reranker's answer is not one score for each passage");
  const json answer = json::parse(text, nullptr, false);
  const json* const rows = answer.is_object() && answer.contains("results") ? &answer["results"] : &answer;
  if (!rows->is_array() || rows->size() != count) return malformed;
  std::vector<std::optional<float>> scores(count);
  for (const json& each : *rows) {
    const auto row = RowOf(each);
    if (!row || row->first >= count || scores[row->first]) return malformed;
    scores[row->first] = row->second;
  }
  std::vector<float> found;
  for (const std::optional<float>& score : scores) found.push_back(*score);
  return found;
}

}  // namespace

// One call, on a thread of its own: whoever waits for it may give up.
struct HttpReranker::Call {
  Call(const std::string& host, const HttpRerankerOptions& options) : client(host) {
    // Longer than anybody waits: what is late is a timeout to them, not a connection that fails.
    const auto limit = std::chrono::duration_cast<std::chrono::microseconds>(2 * options.budget);
    client.set_connection_timeout(limit);
    client.set_read_timeout(limit);
    client.set_write_timeout(limit);
    if (!options.token.empty()) client.set_bearer_token_auth(options.token);
  }

  void Run(const std::string& path, const std::string& body) {
    std::string answer;
    const auto take = [&](const char* data, size_t size) {
      answer.append(data, size);
      return answer.size() <= kMaxAnswerBytes;
    };
    httplib::Request request;
    request.method = "POST";
    request.path = path;
    request.body = body;
    request.set_header("Content-Type", "application/json");
    request.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) { return take(data, size); };
    const httplib::Result result = client.send(request);
    const std::lock_guard lock(mutex);
    done = true;
    if (!result) {
      status = Status(Code::kUnavailable, "the reranker gives no answer: " + httplib::to_string(result.error()));
    } else if (result->status != 200) {
      status = Status(Code::kUnavailable, "the reranker answers with HTTP status " + std::to_string(result->status));
    } else {
      text = std::move(answer);
    }
    ended.notify_all();
  }

  httplib::Client client;
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;
  Status status;
  std::string text;
};

struct HttpReranker::Calls {
  std::mutex mutex;
  std::condition_variable ended;
  std::set<std::shared_ptr<Call>> running;
};

Result<std::unique_ptr<HttpReranker>> HttpReranker::Make(HttpRerankerOptions options) {
  const Status wrong(Code::kConfiguration, "the reranker's url must be http://host:port/path or https://host/path");
  const size_t scheme = options.url.starts_with("http://") ? 7 : options.url.starts_with("https://") ? 8 : 0;
  if (scheme == 0) return wrong;
  const size_t slash = options.url.find('/', scheme);
  std::string host = options.url.substr(0, slash);
  std::string path =
      slash == std::string::npos || slash + 1 == options.url.size() ? "/rerank" : options.url.substr(slash);
  if (host.size() == scheme || !httplib::Client(host).is_valid()) return wrong;
  for (const char c : options.token) {
    if (c <= ' ' || c > '~') return Status(Code::kConfiguration, "the reranker's token has characters no token has");
  }
  return std::unique_ptr<HttpReranker>(new HttpReranker(std::move(options), std::move(host), std::move(path)));
}

HttpReranker::HttpReranker(HttpRerankerOptions options, std::string host, std::string path)
    : options_(std::move(options)), host_(std::move(host)), path_(std::move(path)), calls_(std::make_shared<Calls>()) {}

HttpReranker::~HttpReranker() {
  std::unique_lock lock(calls_->mutex);
  // More than once: a connection that was not there yet has nothing to close.
  while (!calls_->running.empty()) {
    for (const std::shared_ptr<Call>& call : calls_->running) call->client.stop();
    calls_->ended.wait_for(lock, std::chrono::milliseconds(20));
  }
}

bool HttpReranker::IsPaused() const { return SteadyMicros() < paused_until_.load(); }

void HttpReranker::Note(const Status& status) const {
  if (status.ok()) {
    failures_ = 0;
  } else if (++failures_ >= kFailuresBeforePause) {
    paused_until_ = SteadyMicros() + std::chrono::duration_cast<std::chrono::microseconds>(options_.pause).count();
  }
}

Result<std::string> HttpReranker::Post(std::string body) const {
  const auto deadline = std::chrono::steady_clock::now() + options_.budget;
  auto call = std::make_shared<Call>(host_, options_);
  {
    const std::lock_guard lock(calls_->mutex);
    if (calls_->running.size() >= kMaxCalls) return Status(Code::kBackpressure, "too many calls are under way");
    calls_->running.insert(call);
  }
  const auto end = [call, calls = calls_] {
    const std::lock_guard lock(calls->mutex);
    calls->running.erase(call);
    calls->ended.notify_all();
  };
  try {
    std::thread([call, end, path = path_, body = std::move(body)] {
      call->Run(path, body);
      end();
    }).detach();
  } catch (const std::system_error&) {
    end();
    return Status(Code::kBackpressure, "the machine has no thread for the call");
  }
  std::unique_lock lock(call->mutex);
  if (!call->ended.wait_until(lock, deadline, [&] { return call->done; })) {
    lock.unlock();
    call->client.stop();
    return Status(Code::kTimeout, "the reranker does not answer within its budget");
  }
  if (!call->status.ok()) return call->status;
  return std::move(call->text);
}

Result<std::vector<float>> HttpReranker::Score(std::string_view question, std::span<const std::string> passages) const {
  if (passages.empty()) return std::vector<float>();
  if (IsPaused()) return Status(Code::kUnavailable, "the reranker failed several times and is given a pause");
  const Result<std::string> answer = Post(BodyOf(options_, question, passages));
  Result<std::vector<float>> scores =
      answer.ok() ? ScoresOf(*answer, passages.size()) : Result<std::vector<float>>(answer.status());
  Note(scores.ok() ? OkStatus() : scores.status());
  return scores;
}

}  // namespace freshet::query
