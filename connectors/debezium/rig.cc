#include "connectors/debezium/rig.h"

#include "connectors/debezium/connector.h"
#include "connectors/debezium/memory_topics.h"

namespace freshet::debezium {
namespace {

constexpr char kTopic[] = "kit.public.doc";
constexpr char kWitnessTopic[] = "kit.public.heartbeat";
constexpr size_t kOversized = 16u << 20;
constexpr uint32_t kPartitions = 3;
constexpr auto kBeat = std::chrono::milliseconds(20);
constexpr uint64_t kPollsABeat = 8;

DebeziumOptions OptionsOfRig() {
  DebeziumOptions options{.prefix = "kit", .witnesses = {kWitnessTopic}};
  rows::DocumentOptions document{
      .table = "public.doc", .id = "{name}", .content = "{body}", .allow = {"{readers}"}, .deny = {}};
  options.mapping.documents = {document};
  options.settle = Duration(0);
  options.heartbeat = std::chrono::milliseconds(10);
  return options;
}

class DebeziumRig final : public kit::Rig {
 public:
  DebeziumRig() : topics_(std::make_shared<MemoryTopics>()) {
    topics_->before_poll = [this](MemoryTopics&) { Beat(); };
  }

  bool Can(kit::Ability ability) const override { return ability != kit::Ability::kListing; }
  Result<std::unique_ptr<Connector>> Start() override {
    DebeziumOptions options = OptionsOfRig();
    FRESHET_ASSIGN_OR_RETURN(rows::Mapping mapping, rows::Mapping::Compile(options.mapping));
    const SourceConnector::Options driver{.heartbeat = options.heartbeat};
    auto source = std::make_unique<DebeziumSource>(std::move(options), std::move(mapping),
                                                   std::make_unique<MemoryTopicReader>(topics_));
    return std::unique_ptr<Connector>(std::make_unique<SourceConnector>(std::move(source), driver));
  }
  std::string DocumentOf(const std::string& name) const override { return name; }

  Status Put(const std::string& name, const std::string& text) override {
    rows_[name]["body"] = text;
    return Append(name, Changed(name, NextPlace()));
  }
  Status Remove(const std::string& name) override {
    rows_.erase(name);
    const Json before = {{"name", name}, {"body", ""}, {"readers", nullptr}};
    FRESHET_RETURN_IF_ERROR(Append(name, Envelope("d", before, nullptr, NextPlace())));
    return Append(name, std::nullopt);
  }
  Status SetReaders(const std::string& name, const std::vector<std::string>& readers) override {
    rows_[name]["readers"] = readers;
    return Append(name, Changed(name, NextPlace()));
  }
  Status Repeat(const std::string& name) override { return Append(name, last_[name]); }
  Status PutSwapped(const std::string& name, const std::string& older, const std::string& newer) override {
    rows_[name]["body"] = older;
    const std::string first = Changed(name, NextPlace());
    FRESHET_RETURN_IF_ERROR(Put(name, newer));
    return Append(name, first);
  }
  Status SetOutage(bool down) override {
    topics_->gone = down;
    return OkStatus();
  }
  Status ChangeSchema() override {
    new_form_ = true;
    return OkStatus();
  }
  Status PutOversized(const std::string& name) override { return Put(name, std::string(kOversized, 'x')); }
  Status PutBroken(const std::string& name) override { return Append(name, "{\"before\":null,\"after\":{\"na"); }

 private:
  // Places of a log, eight apart; a transaction each, which ends where the next begins.
  uint64_t NextPlace() { return place_ += 64; }

  static std::string Envelope(const char* op, const Json& before, const Json& after, uint64_t place) {
    const int64_t now = ToMicros(SystemClock().Now());
    const Json sequence = {std::to_string(place - 32), std::to_string(place)};
    const Json source = {{"connector", "postgresql"},   {"ts_ms", now / 1000}, {"ts_us", now},   {"snapshot", "false"},
                         {"sequence", sequence.dump()}, {"schema", "public"},  {"table", "doc"}, {"lsn", place}};
    return Json{{"before", before}, {"after", after}, {"source", source}, {"op", op}, {"ts_ms", now / 1000}}.dump();
  }
  std::string Changed(const std::string& name, uint64_t place) {
    const Json& known = rows_[name];
    Json after = {
        {"name", name}, {"body", known.value("body", "")}, {"readers", known.value("readers", Json::array())}};
    new_form_ ? after["added"] = 1 : after["note"] = "n";
    return Envelope("u", nullptr, after, place);
  }
  Status Append(const std::string& name, std::optional<std::string> value) {
    const auto partition = static_cast<uint32_t>(std::hash<std::string>()(name) % kPartitions);
    if (value) last_[name] = *value;
    topics_->Append({kTopic, partition, Json{{"name", name}}.dump(), std::move(value)});
    return OkStatus();
  }
  // What a heartbeat.action.query makes: a row that changes.
  void Beat() {
    const Time now = SystemClock().Now();
    // Between two beats there are polls with nothing, however slow the machine is.
    if (++polls_ % kPollsABeat != 0 || now - last_beat_ < kBeat) return;
    last_beat_ = now;
    Json record = Json::parse(Envelope("u", nullptr, {{"id", 1}}, NextPlace()));
    record["source"]["table"] = "heartbeat";
    topics_->Append({kWitnessTopic, 0, "{\"id\":1}", record.dump()});
  }

  const std::shared_ptr<MemoryTopics> topics_;
  std::map<std::string, Json> rows_;
  std::map<std::string, std::string> last_;
  uint64_t place_ = 1024;
  bool new_form_ = false;
  Time last_beat_;
  uint64_t polls_ = 0;
};

}  // namespace

Result<std::unique_ptr<kit::Rig>> MakeDebeziumRig(const ConfigNode&) {
  return std::unique_ptr<kit::Rig>(std::make_unique<DebeziumRig>());
}

}  // namespace freshet::debezium
