#include "connectors/hl7/connector.h"

#include "common/telemetry/log.h"
#include "connectors/source/source_connector.h"

namespace freshet::hl7 {
namespace {

constexpr size_t kRemembered = 65536;
constexpr size_t kEventBytes = 512;  // of an event besides its content, about
constexpr std::string_view kListNote = "a/";

AccessChange ListOf(const std::string& scope, const std::vector<std::string>& readers) {
  AccessChange list{.scope = ScopeId(scope)};
  for (const std::string& reader : readers) list.allow.emplace_back(Principal(reader));
  return list;
}

}  // namespace

// What came in one frame: a message, or a batch of them. They become durable together.
struct Hl7Source::Frame {
  struct Item {
    std::optional<Message> message;  // nothing: it could not be read
    Code code = Code::kOk;
    bool is_new = false;
  };
  std::vector<Item> items;
  std::vector<ChangeEvent> events;
  size_t bytes = 0;
  std::vector<Hash128> names;
};

Hl7Source::Hl7Source(Hl7Options options)
    : options_(std::move(options)), arrivals_(options_.queue_bytes.bytes), recent_(kRemembered) {}

Status Hl7Source::Check() {
  FRESHET_RETURN_IF_ERROR(Validate(options_));
  if (server_ != nullptr) return OkStatus();
  MllpServer probe(options_, [](const std::string&) { return Reply(); });
  return probe.Start().status();
}

Status Hl7Source::Open(SourceStart start) {
  clock_ = start.clock;
  answers_ = start.epoch << 20;
  told_access_ = false;
  listed_.clear();
  for (const auto& [note, nothing] : start.notes) {
    if (note.starts_with(kListNote)) listed_.insert(note.substr(kListNote.size()));
  }
  arrivals_.Open(start);
  server_ = std::make_unique<MllpServer>(options_, [this](const std::string& frame) { return Handle(frame); });
  FRESHET_ASSIGN_OR_RETURN(port_, server_->Start());
  return OkStatus();
}

void Hl7Source::Close() {
  arrivals_.Close();  // who waits is told before the server goes
  server_.reset();
}

Reply Hl7Source::Handle(const std::string& bytes) {
  Frame frame;
  for (const std::string_view one : SplitMessages(bytes)) Read(one, frame);
  if (frame.items.empty()) {
    frame.items.push_back({.message = {}, .code = bytes.empty() ? Code::kDocumentTooLarge : Code::kMalformedDocument});
  }
  Deliver(frame);
  for (const Frame::Item& item : frame.items) {
    if (item.code != Code::kOk) {
      Log(LogLevel::kWarning, "Message not taken.", {{"code", item.code}, {"bytes", bytes.size()}});
    }
  }
  return AnswerTo(frame);
}

void Hl7Source::Read(std::string_view bytes, Frame& frame) {
  Frame::Item& item = frame.items.emplace_back();
  Result<Message> message = Message::Parse(bytes);
  if (!message.ok()) {
    item.code = message.code();
    return;
  }
  item.message = std::move(*message);
  Result<Decoded> decoded = Decode(*item.message, options_);
  item.code = decoded.code();
  if (!decoded.ok() || decoded->events.empty()) return;
  // Control ids alone are no names: senders use them again.
  const Hash128 name = HashOf(item.message->text());
  const bool named = !decoded->head.control_id.empty();
  if (named && recent_.Contains(name)) return;
  if (named) frame.names.push_back(name);
  item.is_new = true;
  const int64_t now = ToMicros(clock_->Now());
  const bool ordered = decoded->head.micros > 0 && decoded->head.micros <= now + options_.max_ahead.count();
  const int64_t position = ordered ? decoded->head.micros : now;
  for (ChangeEvent& event : decoded->events) {
    event.origin.committed = FromMicros(position);
    event.origin.version = {1, static_cast<uint64_t>(position), 0};
    const auto* const upsert = std::get_if<Upsert>(&event.change);
    frame.bytes += kEventBytes + (upsert == nullptr ? 0 : upsert->content.size());
    frame.events.push_back(std::move(event));
  }
}

void Hl7Source::Deliver(Frame& frame) {
  if (frame.events.empty()) return;
  const Status delivered = arrivals_.Deliver(std::move(frame.events), frame.bytes, options_.ack_timeout);
  for (Frame::Item& item : frame.items) {
    if (item.is_new) item.code = delivered.code();
  }
  if (!delivered.ok()) return;
  for (const Hash128& name : frame.names) recent_.Add(name);
}

Reply Hl7Source::AnswerTo(const Frame& frame) {
  Reply reply{.text = {}, .unasked_for = true};
  for (const Frame::Item& item : frame.items) {
    const Message* const message = item.message ? &*item.message : nullptr;
    const Answer answer{.code = item.code, .now = clock_->Now(), .number = ++answers_};
    reply.text += AckOf(message, answer, options_.acknowledge);
    reply.unasked_for = reply.unasked_for && message != nullptr && WantsNone(*message);
  }
  const size_t count = frame.items.size();
  if (count > 1 && !reply.text.empty()) reply.text = "BHS|^~\\&\r" + reply.text + "BTS|" + std::to_string(count) + "\r";
  return reply;
}

SourceBatch Hl7Source::Lists() {
  SourceBatch batch{.events = {}, .position = "1"};
  const auto add = [&](AccessChange list) {
    batch.notes.emplace_back(std::string(kListNote) + list.scope.value,
                             list.removed ? std::nullopt : std::optional<std::string>(""));
    listed_.erase(list.scope.value);
    batch.events.push_back({.origin = {}, .change = std::move(list)});
  };
  add(ListOf(ScopeOf(""), options_.readers));
  for (const auto& [code, readers] : options_.restricted) add(ListOf(ScopeOf(code), readers));
  for (const std::string& scope : std::set(listed_)) add({.scope = ScopeId(scope), .removed = true});
  return batch;
}

Result<SourceBatch> Hl7Source::Stream(Duration wait) {
  if (!std::exchange(told_access_, true)) return Lists();
  return arrivals_.Stream(wait);
}

Status Hl7Source::Acknowledge(const std::string& position) {
  arrivals_.Acknowledge(position);
  return OkStatus();
}

Result<std::unique_ptr<Connector>> MakeHl7Connector(const ConfigNode& node) {
  FRESHET_ASSIGN_OR_RETURN(Hl7Options options, ParseOptions<Hl7Options>(node));
  FRESHET_RETURN_IF_ERROR(Validate(options));
  return std::unique_ptr<Connector>(std::make_unique<SourceConnector>(std::make_unique<Hl7Source>(std::move(options))));
}

}  // namespace freshet::hl7
