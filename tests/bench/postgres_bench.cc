// What the PostgreSQL connector takes in, told by postgres.py on standard input, a line of JSON for each command:
//
//   postgres_bench CONFIG [LOG_FOLDER]      the options of a source of `connector: postgres`; a durable log, else
//   nothing snapshot 3            {"seconds": [2.1, 1.9, 1.9], "documents": 900000, "bytes": ..., "cpu": ...,
//   "peak_mb": [...]} stream 200000         the same, from a new connection on until so many changes have been
//   published
//
// Its peak of memory is that of each snapshot alone. Between two commands nothing is connected.
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "common/config/yaml.h"
#include "common/log/embedded_log.h"
#include "connectors/log_host.h"
#include "connectors/postgres/connector.h"

namespace freshet {
namespace {

using Steady = std::chrono::steady_clock;

double SecondsSince(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

double PeakMegabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

void ForgetPeak() { std::ofstream("/proc/self/clear_refs") << 5; }

// Counts what goes out, and ends the run where it has seen enough.
class CountingHost final : public ConnectorHost {
 public:
  explicit CountingHost(LogConnectorHost* log) : log_(log) {}

  Status Publish(std::vector<ChangeEvent> events, Lane lane) override {
    for (const ChangeEvent& event : events) Count(event.change);
    return log_ == nullptr ? OkStatus() : log_->Publish(std::move(events), lane);
  }
  Status PublishHeartbeat(Time time, std::span<const Lane> lanes) override {
    return log_ == nullptr ? OkStatus() : log_->PublishHeartbeat(time, lanes);
  }
  Result<std::map<std::string, std::string>> LoadPositions() override {
    return log_ == nullptr ? positions_ : log_->LoadPositions();
  }
  Status SavePositions(const PositionTopic::Changes& changes) override {
    if (log_ != nullptr) return log_->SavePositions(changes);
    for (const auto& [key, value] : changes) value ? void(positions_[key] = *value) : void(positions_.erase(key));
    return OkStatus();
  }
  const Clock& clock() const override { return clock_; }
  bool stopping() const override { return enough; }
  uint64_t snapshot_request() const override { return requests; }
  void Sleep(Duration limit) override { StopSignal().Sleep(limit); }

  void Expect(uint64_t snapshots, uint64_t changes_wanted) {
    snapshots_left_ = snapshots;
    changes_wanted_ = changes_wanted;
    documents = changes = bytes = 0;
    seconds.clear();
    peaks.clear();
    enough = false;
    ForgetPeak();
    begin_ = Steady::now();
  }

  uint64_t requests = 0, documents = 0, changes = 0, bytes = 0;
  std::vector<double> seconds, peaks;
  bool enough = false;

 private:
  void Count(const Change& change) {
    if (const auto* const upsert = std::get_if<Upsert>(&change)) {
      ++documents;
      ++changes;
      bytes += upsert->content.size();
    }
    if (std::holds_alternative<Delete>(change)) ++changes;
    if (changes_wanted_ > 0 && changes >= changes_wanted_) End();
    const auto* const edge = std::get_if<SnapshotEdge>(&change);
    if (edge == nullptr || edge->side != SnapshotEdge::Side::kEnd || snapshots_left_ == 0) return;
    End();
    if (--snapshots_left_ == 0) return;
    enough = false;
    ++requests;
    begin_ = Steady::now();
  }
  void End() {
    if (enough) return;
    seconds.push_back(SecondsSince(begin_));
    peaks.push_back(PeakMegabytes());
    ForgetPeak();
    enough = true;
  }

  const SystemClock clock_;
  LogConnectorHost* const log_;
  std::map<std::string, std::string> positions_;
  uint64_t snapshots_left_ = 0, changes_wanted_ = 0;
  Steady::time_point begin_;
};

struct DurableLog {
  std::unique_ptr<log::EmbeddedLog> log;
  std::unique_ptr<KeyRing> keys;
  SystemClock clock;
  std::unique_ptr<LogConnectorHost> host;
};

Status OpenLog(const std::string& folder, DurableLog& out) {
  FRESHET_ASSIGN_OR_RETURN(out.log, log::EmbeddedLog::Open({.path = folder}));
  FRESHET_ASSIGN_OR_RETURN(KeyRing keys, KeyRing::Parse(KeyRing::NewKeyLine()));
  out.keys = std::make_unique<KeyRing>(std::move(keys));
  const NativeNames::Options names{
      .tenant = TenantName("bench"), .source = SourceName("notes"), .collection = CollectionName("notes")};
  std::vector<log::TopicSpec> specs;
  for (const TopicRow& row : AllTopics())
    specs.push_back({.name = TopicName(names.tenant, row.topic), .partitions = 8});
  FRESHET_RETURN_IF_ERROR(out.log->CreateTopics(specs));
  out.host = std::make_unique<LogConnectorHost>(LogConnectorHost::Parts{*out.log, *out.keys, out.clock},
                                                LogConnectorHost::Options{.names = names});
  return OkStatus();
}

Status Obey(const std::string& command, Connector& connector, CountingHost& host) {
  const bool snapshot = command.starts_with("snapshot ");
  if (!snapshot && !command.starts_with("stream ")) return Status(Code::kInvalidArgument, "snapshot N or stream N");
  const uint64_t count = std::stoull(command.substr(command.find(' ') + 1));
  host.Expect(snapshot ? count : 0, snapshot ? 0 : count);
  const double cpu = CpuSeconds();
  FRESHET_RETURN_IF_ERROR(connector.Run(host));
  std::cout << nlohmann::json{{"seconds", host.seconds}, {"documents", host.documents}, {"changes", host.changes},
                              {"bytes", host.bytes},     {"cpu", CpuSeconds() - cpu},   {"peak_mb", host.peaks}}
            << std::endl;
  return OkStatus();
}

Status Main(const std::string& config, const std::string& folder) {
  FRESHET_ASSIGN_OR_RETURN(const ConfigNode node, LoadConfigFile(config));
  FRESHET_ASSIGN_OR_RETURN(const std::unique_ptr<Connector> connector, postgres::MakePostgresConnector(node));
  DurableLog log;
  if (!folder.empty()) FRESHET_RETURN_IF_ERROR(OpenLog(folder, log));
  CountingHost host(log.host.get());
  for (std::string command; std::getline(std::cin, command);) {
    FRESHET_RETURN_IF_ERROR(Obey(command, *connector, host));
  }
  return OkStatus();
}

}  // namespace
}  // namespace freshet

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "postgres_bench CONFIG [LOG_FOLDER]\n";
    return 2;
  }
  const freshet::Status status = freshet::Main(argv[1], argc > 2 ? argv[2] : "");
  if (!status.ok()) std::cerr << status.ToString() << "\n";
  return status.ok() ? 0 : 1;
}
