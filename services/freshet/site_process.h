// SiteProcess: what one process does of a site, by its roles: connectors, steps, and with the index (its own, or one
// that it follows) the query service;
// what `freshet run`, `freshet deid` and the like run.
//
//   auto site = SiteProcess::Open(config, AllRoles(), clock);   // opens stores, checks keys: errors come from here
//   Result<std::string> url = (*site)->Start(status_address);   // "http://127.0.0.1:8080", serving
//   (*site)->Stop(drain);                                       // connectors first, then drains, then closes
//
// A worker that halts (a code that needs an operator) makes the process unready, with the reason; the rest goes on
// serving what is there.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/log/log.h"
#include "common/slo/slo_book.h"
#include "connectors/connector_thread.h"
#include "services/freshet/backlog_probe.h"
#include "services/freshet/generation_policies.h"
#include "services/freshet/halts.h"
#include "services/freshet/roles.h"
#include "services/freshet/site_model.h"
#include "services/freshet/status_server.h"
#include "services/index/follower.h"
#include "services/query/server.h"
#include "services/repair/operator_desk.h"
#include "services/runtime/runtime.h"

namespace freshet {

class SiteProcess {
 public:
  static Result<std::unique_ptr<SiteProcess>> Open(SiteConfig config, Roles roles, const Clock& clock);
  ~SiteProcess();

  // The address of the query service, or where there is none, of /metrics and health at `status`.
  Result<std::string> Start(const HostPort& status);
  // What was read from the sources is worked off, up to `drain`; then threads end and stores are closed. Called once.
  Status Stop(Duration drain);

 private:
  SiteProcess(SiteConfig config, Roles roles, const Clock& clock)
      : config_(std::move(config)), roles_(std::move(roles)), clock_(clock) {}

  Status MakeDirectory();
  Status OpenTelemetry();
  std::function<void(const Origin&, store::Operation, Time)> TellOfChanges();
  Result<std::shared_ptr<const deid::Policy>> PolicyOf(const CollectionConfig& collection) const;
  Status OpenLog();
  Status OpenPipeline();
  Status OpenBeside(RuntimeParts& parts);
  Status OpenConnectors();
  Status OpenFollower();
  Status OpenSlos();
  Status OpenQuery();
  Status OpenPolicies(query::QueryEngineOptions& options);
  void OpenRepair();
  Result<query::RepairAnswer> Repair(const query::RepairCall& call);
  // site_generations.cc
  Result<query::RepairAnswer> Generations(const query::RepairCall& call);
  Result<query::RepairAnswer> Promote(const query::RepairCall& call);
  Result<query::RepairAnswer> DropGeneration(const query::RepairCall& call);
  Result<store::GenerationInfo> GenerationOf(const CollectionName& collection, uint32_t number) const;
  bool IsKept(const store::GenerationInfo& row) const;
  Status ServeGeneration(const store::GenerationInfo& row);
  // What queries are answered from; null where this process has no index.
  const store::IndexReader* index() const;
  std::filesystem::path AuditPath() const;
  void Collect(MetricSamples& samples);
  void CollectConnectors(MetricSamples& samples);
  void CollectStages(MetricSamples& samples);
  void CollectIndex(MetricSamples& samples);
  void CollectFreshness(MetricSamples& samples, const store::View& view);
  void CollectDisk(MetricSamples& samples) const;
  void Drain(Duration limit);
  std::vector<std::string> Unready() const;
  void PauseSource(const SourceName& source);
  Status ConfirmDeletes(const store::HeldDeletes& held);
  // Nothing where it is not known, or not soon.
  std::optional<query::LaneBacklog> Backlog(Duration patience);
  std::optional<query::LaneBacklog> RecentBacklog();

  const SiteConfig config_;
  const Roles roles_;
  const Clock& clock_;
  std::shared_ptr<const KeyRing> keys_;
  std::unique_ptr<MetricRegistry> metrics_;
  MetricRegistry::CollectHandle collect_;
  std::unique_ptr<SpanSink> spans_;  // null: nobody collects traces; outlives whoever tells it
  Halts halts_;                      // outlives the threads that tell it
  std::unique_ptr<log::Log> log_;
  SiteModel model_;
  SiteModel beside_;  // null parts where the configuration names none
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<BacklogProbe> backlog_probe_;  // asks the runtime
  std::unique_ptr<index::Follower> follower_;
  std::vector<std::unique_ptr<WorkerThread>> workers_;
  std::unique_ptr<Worker> log_keeper_;
  std::unique_ptr<Worker> disk_keeper_;
  std::mutex connectors_mutex_;  // a scrape may come while they are opened
  std::vector<std::unique_ptr<ConnectorThread>> connectors_;
  std::unique_ptr<slo::SloBook> slos_;
  std::unique_ptr<Worker> slo_keeper_;
  std::unique_ptr<Worker> recall_keeper_;  // null where this process does not write the index
  std::unique_ptr<GenerationPolicies> generation_policies_;  // null: no collection has two policies
  std::unique_ptr<query::QueryEngine> engine_;
  std::unique_ptr<query::TokenFile> callers_;
  std::unique_ptr<query::FileAuditLog> audit_;
  std::unique_ptr<repair::OperatorDesk> desk_;
  std::unique_ptr<query::Server> server_;
  std::unique_ptr<StatusServer> status_;
  bool stopped_ = false;
  std::mutex backlog_mutex_;
  std::optional<query::LaneBacklog> recent_backlog_;
  Time backlog_at_;
};

}  // namespace freshet
