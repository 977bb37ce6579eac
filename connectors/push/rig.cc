#include "connectors/push/rig.h"

#include <httplib.h>

#include <nlohmann/json.hpp>

#include "connectors/kit/sender.h"
#include "connectors/push/connector.h"
#include "connectors/source/source_connector.h"

namespace freshet::push {
namespace {

using Json = nlohmann::json;

constexpr const char* kUpserted = "org.freshet.document.upserted.v1";
constexpr size_t kBatch = 8;

class PushRig final : public kit::Rig {
 public:
  explicit PushRig(PushOptions options)
      : options_(std::move(options)),
        client_("127.0.0.1", options_.listen.port),
        sender_([this](const std::string&) { return Deliver(); }) {
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.set_bearer_token_auth(options_.tokens);
  }

  bool Can(kit::Ability ability) const override {
    using A = kit::Ability;
    // Too large and broken requests are refused to their sender; a push has no listing, and no outage but silence.
    return ability == A::kAccess || ability == A::kDelete || ability == A::kDuplicate || ability == A::kReorder ||
           ability == A::kSchema;
  }
  Result<std::unique_ptr<Connector>> Start() override {
    return std::unique_ptr<Connector>(std::make_unique<SourceConnector>(std::make_unique<PushSource>(options_)));
  }
  std::string DocumentOf(const std::string& name) const override { return name; }
  bool Settled() override { return sender_.idle(); }

  // A scope has its list before its first document.
  Status Put(const std::string& name, const std::string& text) override {
    if (listed_.insert(name).second) FRESHET_RETURN_IF_ERROR(SetReaders(name, {}));
    return Send(name, Document(name, text, Tick()));
  }
  Status Remove(const std::string& name) override {
    return Send(name, Event(name, "org.freshet.document.deleted.v1", Tick()));
  }
  Status SetReaders(const std::string& name, const std::vector<std::string>& readers) override {
    listed_.insert(name);
    Json event = Event(name, "org.freshet.access.changed.v1", Tick());
    event["data"] = {{"allow", readers}};
    Enqueue(event.dump());
    return OkStatus();
  }
  Status Repeat(const std::string& name) override {
    Enqueue(last_.at(name));
    return OkStatus();
  }
  Status PutSwapped(const std::string& name, const std::string& older, const std::string& newer) override {
    if (listed_.insert(name).second) FRESHET_RETURN_IF_ERROR(SetReaders(name, {}));
    const Json before = Document(name, older, Tick());
    FRESHET_RETURN_IF_ERROR(Send(name, Document(name, newer, Tick())));
    Enqueue(before.dump());
    return OkStatus();
  }
  // From batches to structured and on to binary mode: the same events in another form.
  Status ChangeSchema() override {
    ++form_;
    return OkStatus();
  }

 private:
  // The sender's clock: every event has a time of its own.
  Time Tick() {
    last_time_ = std::max(SystemClock().Now(), last_time_ + Duration(1));
    return last_time_;
  }
  static std::string Exact(Time time) {
    const std::string seconds = FormatTime(time).substr(0, 19);
    std::string micros = std::to_string(ToMicros(time) % 1'000'000);
    return seconds + "." + std::string(6 - micros.size(), '0') + micros + "Z";
  }
  Json Event(const std::string& name, const char* type, Time time) {
    return {{"specversion", "1.0"}, {"id", std::to_string(++events_)},
            {"source", "/rig"},     {"type", type},
            {"subject", name},      {"time", Exact(time)}};
  }
  Json Document(const std::string& name, const std::string& text, Time time) {
    Json event = Event(name, kUpserted, time);
    event["datacontenttype"] = "text/plain";
    event["scope"] = name;
    event["data"] = text;
    return event;
  }
  Status Send(const std::string& name, const Json& event) {
    last_[name] = event.dump();
    Enqueue(last_[name]);
    return OkStatus();
  }

  void Enqueue(std::string event) {
    {
      std::lock_guard lock(mutex_);
      pending_.push_back(std::move(event));
    }
    sender_.Send("more");
  }
  // Batches at first; later one by one, structured and binary.
  bool Deliver() {
    const int form = form_ % 3;
    std::vector<std::string> events;
    {
      std::lock_guard lock(mutex_);
      const size_t count = std::min(pending_.size(), form == 0 ? kBatch : size_t{1});
      events.assign(pending_.begin(), pending_.begin() + static_cast<ptrdiff_t>(count));
    }
    if (events.empty()) return true;
    if (!Post(events, form)) return false;
    std::lock_guard lock(mutex_);
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<ptrdiff_t>(events.size()));
    return true;
  }
  bool Post(const std::vector<std::string>& events, int form) {
    const httplib::Result answer = Request(events, form);
    return answer && answer->status == 202;
  }
  httplib::Result Request(const std::vector<std::string>& events, int form) {
    const Json event = Json::parse(events.front());
    if (form == 0) {
      std::string batch;
      for (const std::string& one : events) batch += (batch.empty() ? "[" : ",") + one;
      return client_.Post(options_.path, batch + "]", "application/cloudevents-batch+json");
    }
    if (form == 2 && event["type"] == kUpserted) {
      httplib::Headers headers;
      for (const char* name : {"specversion", "id", "source", "type", "subject", "time", "scope"}) {
        headers.emplace(std::string("ce-") + name, event[name].get<std::string>());
      }
      return client_.Post(options_.path, headers, event["data"].get<std::string>(), "text/plain");
    }
    return client_.Post(options_.path, events.front(), "application/cloudevents+json");
  }

  const PushOptions options_;
  std::atomic<int> form_ = 0;
  uint64_t events_ = 0;
  Time last_time_;
  std::map<std::string, std::string> last_;
  std::set<std::string> listed_;
  std::mutex mutex_;
  std::deque<std::string> pending_;
  httplib::Client client_;  // the sender's
  kit::Sender sender_;      // goes first
};

}  // namespace

Result<std::unique_ptr<kit::Rig>> MakePushRig(const ConfigNode& node) {
  PushOptions options;
  if (node.kind == ConfigNode::Kind::kMap) {
    FRESHET_ASSIGN_OR_RETURN(options, ParseOptions<PushOptions>(node));
  }
  options.listen = {"127.0.0.1", static_cast<uint16_t>(kit::FreePort())};
  options.tokens = "kit-token";
  options.tls_certificate.clear();
  options.tls_key.clear();
  options.tls_client_ca.clear();
  options.ack_timeout = std::chrono::seconds(5);
  return std::unique_ptr<kit::Rig>(std::make_unique<PushRig>(std::move(options)));
}

}  // namespace freshet::push
