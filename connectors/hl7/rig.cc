#include "connectors/hl7/rig.h"

#include "connectors/hl7/client_testing.h"
#include "connectors/hl7/connector.h"
#include "connectors/kit/sender.h"
#include "connectors/source/source_connector.h"

namespace freshet::hl7 {
namespace {

class Hl7Rig final : public kit::Rig {
 public:
  Hl7Rig(Hl7Options options, int port)
      : options_(std::move(options)),
        port_(port),
        sender_([this](const std::string& message) { return Deliver(message); }) {}

  bool Can(kit::Ability ability) const override {
    using A = kit::Ability;
    // Messages carry no access lists; what is too large or broken is rejected to its sender.
    return ability == A::kDelete || ability == A::kDuplicate || ability == A::kReorder || ability == A::kSchema;
  }
  Result<std::unique_ptr<Connector>> Start() override {
    return std::unique_ptr<Connector>(std::make_unique<SourceConnector>(std::make_unique<Hl7Source>(options_)));
  }
  std::string DocumentOf(const std::string& name) const override { return "mdm/" + name + "^EHR"; }
  bool Settled() override { return sender_.idle(); }

  Status Put(const std::string& name, const std::string& text) override { return Send(name, Note("T02", name, text)); }
  Status Remove(const std::string& name) override { return Send(name, Note("T11", name, "")); }
  Status Repeat(const std::string& name) override {
    sender_.Send(last_.at(name));
    return OkStatus();
  }
  Status PutSwapped(const std::string& name, const std::string& older, const std::string& newer) override {
    const std::string before = Note("T02", name, older);
    FRESHET_RETURN_IF_ERROR(Send(name, Note("T08", name, newer)));
    sender_.Send(before);
    return OkStatus();
  }
  // A newer version of the standard, other line ends, segments of the site's own.
  Status ChangeSchema() override {
    new_form_ = true;
    return OkStatus();
  }

 private:
  Status Send(const std::string& name, std::string message) {
    last_[name] = message;
    sender_.Send(std::move(message));
    return OkStatus();
  }

  // The sender's clock: every message has a time of its own.
  std::string Note(const std::string& trigger, const std::string& name, const std::string& text) {
    last_time_ = std::max(SystemClock().Now(), last_time_ + std::chrono::milliseconds(1));
    std::string stamp = FormatTime(last_time_);
    const std::string fraction = stamp.substr(20, 3);
    std::erase_if(stamp, [](char c) { return c < '0' || c > '9'; });
    stamp = stamp.substr(0, 14) + "." + fraction + "+0000";
    const std::string id = std::to_string(++messages_);
    const std::string end = new_form_ ? "\r\n" : "\r";
    std::string message = "MSH|^~\\&|EHR|WARD|FRESHET|HERE|" + stamp + "||MDM^" + trigger + "|" + id + "|P|" +
                          (new_form_ ? "2.8" : "2.3") + end + "EVN|" + trigger + "|" + stamp + end + "PID|1||" + name +
                          "^^^WARD^MR||QUILL^ADA||19610304|F" + end;
    if (new_form_) message += "ZXX|1|a segment of the site's own" + end;
    message += "TXA|1|DS|TX|||||||||" + name + "^EHR|||||LA" + end;
    if (trigger != "T11") message += "OBX|1|TX|NOTE||" + text + "||||||F" + end;
    return message;
  }

  bool Deliver(const std::string& message) const {
    return TestSender(port_).Exchange(message).find("MSA|AA|") != std::string::npos;
  }

  const Hl7Options options_;
  const int port_;
  std::atomic<bool> new_form_ = false;
  uint64_t messages_ = 0;
  Time last_time_;
  std::map<std::string, std::string> last_;
  kit::Sender sender_;  // goes first
};

}  // namespace

Result<std::unique_ptr<kit::Rig>> MakeHl7Rig(const ConfigNode& node) {
  Hl7Options options;
  if (node.kind == ConfigNode::Kind::kMap) {
    FRESHET_ASSIGN_OR_RETURN(options, ParseOptions<Hl7Options>(node));
  }
  const int port = kit::FreePort();
  options.listen = {"127.0.0.1", static_cast<uint16_t>(port)};
  options.tls_certificate.clear();
  options.tls_key.clear();
  options.tls_client_ca.clear();
  options.patient_authority.clear();
  options.readers = {"group:staff"};
  options.ack_timeout = std::chrono::seconds(5);
  return std::unique_ptr<kit::Rig>(std::make_unique<Hl7Rig>(std::move(options), port));
}

}  // namespace freshet::hl7
