#include "services/probe/push_place.h"

#include <httplib.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/telemetry/trace.h"

namespace freshet::probe {
namespace {

using Json = nlohmann::json;

constexpr const char* kName = "freshet-probe";
constexpr const char* kMediaType = "application/cloudevents+json";
constexpr Duration kPatience = std::chrono::seconds(30);  // longer than a source waits for its log

// RFC 9110, 5.5: anything else might end the header and begin another.
bool FitsIntoAHeader(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Status StatusOf(int status) {
  const std::string message = "the source answers the prober's event with " + std::to_string(status);
  if (status == 202) return OkStatus();
  if (status == 401 || status == 403) return Status(Code::kUnauthenticated, message);
  if (status == 429 || status >= 500) return Status(Code::kUnavailable, message);
  return Status(Code::kConfiguration, message);
}

}  // namespace

struct PushPlace::Event {
  const char* type;
  Json data;
};

struct PushPlace::Wire {
  explicit Wire(const std::string& host) : client(host) {}
  httplib::Client client;
  std::string path;
  const uint64_t run = SystemRandomBits();  // of ids: two probers never use the same
};

Result<std::unique_ptr<PushPlace>> PushPlace::Make(const PushPlaceOptions& options, std::string reader,
                                                   const Clock& clock) {
  const Status wrong(Code::kConfiguration, "a push place's url must be http://host:port/path or https://host/path");
  if (!options.url.starts_with("http://") && !options.url.starts_with("https://")) return wrong;
  if (!FitsIntoAHeader(options.token)) {
    return Status(Code::kConfiguration, "a push place's token has characters that no header may hold");
  }
  const size_t slash = options.url.find('/', options.url.find("://") + 3);
  auto wire = std::make_unique<Wire>(options.url.substr(0, slash));
  if (!wire->client.is_valid() || slash == std::string::npos) return wrong;
  wire->path = options.url.substr(slash);
  wire->client.set_keep_alive(true);
  wire->client.set_connection_timeout(kPatience);
  wire->client.set_read_timeout(kPatience);
  wire->client.set_write_timeout(kPatience);
  wire->client.set_bearer_token_auth(options.token);
  return std::unique_ptr<PushPlace>(new PushPlace(std::move(wire), std::move(reader), clock));
}

PushPlace::PushPlace(std::unique_ptr<Wire> wire, std::string reader, const Clock& clock)
    : wire_(std::move(wire)), reader_(std::move(reader)), clock_(clock) {}

PushPlace::~PushPlace() = default;

Status PushPlace::Write(const std::string& text) { return Push({"document.upserted", text}); }

Status PushPlace::Permit(bool permitted) {
  const Json allow = permitted ? Json::array({reader_}) : Json::array();
  return Push({"access.changed", {{"allow", allow}, {"deny", Json::array()}}});
}

Status PushPlace::Remove() {
  FRESHET_RETURN_IF_ERROR(Push({"document.deleted", nullptr}));
  return Permit(false);
}

Status PushPlace::Push(const Event& event) {
  last_ = std::max(clock_.Now(), last_ + std::chrono::milliseconds(1));
  Json json = {{"specversion", "1.0"},       {"id", std::to_string(wire_->run) + "-" + std::to_string(++events_)},
               {"source", "/freshet/probe"}, {"type", std::string("org.freshet.") + event.type + ".v1"},
               {"subject", kName},           {"time", FormatTime(last_)}};
  if (event.data.is_string()) {
    json["datacontenttype"] = "text/plain";
    json["scope"] = kName;
  }
  if (!event.data.is_null()) json["data"] = event.data;
  const httplib::Result answer = wire_->client.Post(wire_->path, json.dump(), kMediaType);
  if (!answer) return Status(Code::kUnavailable, "the source does not take the prober's event");
  return StatusOf(answer->status);
}

}  // namespace freshet::probe
