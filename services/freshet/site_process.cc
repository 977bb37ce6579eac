#include "services/freshet/site_process.h"

#include <filesystem>

#include "common/telemetry/log.h"
#include "connectors/registry.h"
#include "connectors/signals.h"
#include "schemas/codec.h"
#include "services/freshet/citation_desk.h"
#include "services/freshet/disk_keeper.h"
#include "services/freshet/log_keeper.h"
#include "services/freshet/promises.h"
#include "services/freshet/quarantine_desk.h"
#include "services/freshet/recall_keeper.h"
#include "services/freshet/site_log.h"
#include "services/freshet/slo_keeper.h"
#include "services/runtime/change_record.h"

namespace freshet {
namespace {

constexpr Duration kBacklogEvery = std::chrono::milliseconds(200);
constexpr Duration kBacklogPatience = std::chrono::milliseconds(500);

}  // namespace

Result<std::unique_ptr<SiteProcess>> SiteProcess::Open(SiteConfig config, Roles roles, const Clock& clock) {
  auto site = std::unique_ptr<SiteProcess>(new SiteProcess(std::move(config), std::move(roles), clock));
  FRESHET_ASSIGN_OR_RETURN(KeyRing keys, KeyRing::Parse(site->config_.keys.tenant));
  FRESHET_RETURN_IF_ERROR(keys.Require({KeyPurpose::kPayload, KeyPurpose::kSeal, KeyPurpose::kId}));
  site->keys_ = std::make_shared<const KeyRing>(std::move(keys));
  FRESHET_RETURN_IF_ERROR(site->MakeDirectory());
  FRESHET_RETURN_IF_ERROR(site->OpenTelemetry());
  if (site->roles_.needs_log()) FRESHET_RETURN_IF_ERROR(site->OpenLog());
  if (!site->roles_.steps.empty()) FRESHET_RETURN_IF_ERROR(site->OpenPipeline());
  if (site->roles_.follows) FRESHET_RETURN_IF_ERROR(site->OpenFollower());
  if (site->roles_.serves()) FRESHET_RETURN_IF_ERROR(site->OpenQuery());
  return site;
}

SiteProcess::~SiteProcess() {
  if (!stopped_) (void)Stop(Duration(0));
}

// Whichever process of a site is the first.
Status SiteProcess::MakeDirectory() {
  std::error_code error;
  std::filesystem::create_directories(config_.data_dir, error);
  if (error == std::errc::no_space_on_device) return Status(Code::kDiskFull, "data_dir cannot be made");
  if (error) return Status(Code::kConfiguration, "data_dir cannot be made: " + error.message());
  return OkStatus();
}

Status SiteProcess::OpenLog() {
  FRESHET_ASSIGN_OR_RETURN(log_, OpenLogOf(config_, clock_));
  log_keeper_ = std::make_unique<LogKeeper>(*log_, clock_);
  const TopicRetention retention{config_.log.retention_time, config_.log.retention_bytes.bytes};
  return log_->CreateTopics(TopicSpecs(config_.tenant, config_.log.partitions, retention));
}

namespace {

// Of whoever writes the index, and of whoever only reads it.
void SetStoreOptions(const SiteConfig& config, store::IndexStoreOptions& options) {
  // A delete is remembered for longer than what it buries can come by.
  options.tombstone_keep = std::max(options.tombstone_keep, 2 * config.log.retention_time);
  options.resident_list_bytes = config.index.vector_bytes.bytes;
  options.block_cache_bytes = config.index.block_cache_bytes.bytes;
  for (const SourceConfig& source : config.sources) {
    options.mass_delete_of[source.name] = {source.mass_delete.documents, source.mass_delete.share};
  }
  for (const CollectionConfig& collection : config.collections) {
    if (collection.withhold_outdated) options.withhold_outdated.insert(collection.name);
  }
}

}  // namespace

Result<std::shared_ptr<const deid::Policy>> SiteProcess::PolicyOf(const CollectionConfig& collection) const {
  return deid::FindPolicy(config_.PolicyPath(collection.deidentify));
}

Status SiteProcess::OpenPipeline() {
  FRESHET_ASSIGN_OR_RETURN(model_, MakeSiteModel(config_.embedder, NeedsOf(roles_), metrics_.get()));
  RuntimeOptions options{.tenant = config_.tenant,
                         .data_dir = config_.data_dir,
                         .partitions = config_.log.partitions,
                         .plan = config_.plan(),
                         .steps = roles_.steps,
                         .queue_bytes = config_.pipeline.queue_bytes.bytes};
  options.chunk = {config_.chunk.target_tokens, config_.chunk.max_tokens};
  options.embed.forward_without_vectors_after = config_.embedder.forward_without_vectors_after;
  SetStoreOptions(config_, options.store);
  for (const CollectionConfig& collection : config_.collections) {
    FRESHET_ASSIGN_OR_RETURN(options.policies[collection.name], PolicyOf(collection));
  }
  if (roles_.steps.contains(Step::kIndex)) {
    for (const auto& [collection, policy] : config_.BesidePolicies()) {
      FRESHET_ASSIGN_OR_RETURN(options.beside_policies[collection], deid::FindPolicy(policy));
    }
  }
  options.on_effect = TellOfChanges();
  options.on_source_halted = [this](const SourceName& source) { PauseSource(source); };
  RuntimeParts parts{.log = *log_,
                     .keys = keys_,
                     .clock = clock_,
                     .metrics = *metrics_,
                     .embedder = model_.embedder,
                     .tokens = model_.tokens};
  FRESHET_RETURN_IF_ERROR(OpenBeside(parts));
  FRESHET_ASSIGN_OR_RETURN(runtime_, Runtime::Make(std::move(options), std::move(parts)));
  backlog_probe_ = std::make_unique<BacklogProbe>([this] { return runtime_->Backlog(); });
  return OkStatus();
}

// A second generation is made where the index is.
Status SiteProcess::OpenBeside(RuntimeParts& parts) {
  if (!config_.beside || !roles_.steps.contains(Step::kIndex)) return OkStatus();
  beside_ = model_;
  if (config_.beside->embedder) {
    FRESHET_ASSIGN_OR_RETURN(beside_, MakeSiteModel(*config_.beside->embedder, {}, metrics_.get()));
  }
  const chunk::ChunkOptions chunk{config_.BesideChunk().target_tokens, config_.BesideChunk().max_tokens};
  parts.beside = std::make_shared<const GenerationRecipe>(
      GenerationRecipe{RecipeName(*beside_.embedder, chunk), beside_.embedder, beside_.tokens, chunk});
  return OkStatus();
}

// As `freshet connector pause` does, wherever the connector runs on this machine; an operator resumes it.
void SiteProcess::PauseSource(const SourceName& source) {
  halts_.Add("source " + source.value, Status(Code::kQuarantined, "identifiers were left in too many clean documents"));
  const std::filesystem::path file = SignalFileOf(config_.data_dir, source);
  Result<SignalState> state = ReadSignals(file);
  if (state.ok()) state->paused = true;
  const Status written = state.ok() ? WriteSignals(file, *state) : state.status();
  if (!written.ok()) Log(LogLevel::kWarning, "Source not paused.", {{"source", source}, {"error", written}});
}

Status SiteProcess::OpenFollower() {
  FRESHET_ASSIGN_OR_RETURN(model_, MakeSiteModel(config_.embedder, NeedsOf(roles_), metrics_.get()));
  RuntimeOptions options{.data_dir = config_.data_dir, .partitions = config_.log.partitions};
  if (config_.beside && config_.beside->embedder) {
    FRESHET_ASSIGN_OR_RETURN(beside_, MakeSiteModel(*config_.beside->embedder, NeedsOf(roles_), metrics_.get()));
  }
  SetStoreOptions(config_, options.store);
  follower_ = std::make_unique<index::Follower>(IndexOptionsOf(options), *keys_);
  return OkStatus();
}

const store::IndexReader* SiteProcess::index() const {
  if (follower_ != nullptr) return follower_.get();
  return runtime_ == nullptr || runtime_->index() == nullptr ? nullptr : &runtime_->index()->store();
}

// Each process its own: a chain of lines has one writer.
std::filesystem::path SiteProcess::AuditPath() const {
  if (!roles_.follows) return config_.data_dir / "audit.jsonl";
  const uint16_t port = config_.query.listen.port;
  return config_.data_dir / (port == 0 ? "audit-query.jsonl" : "audit-query-" + std::to_string(port) + ".jsonl");
}

Status SiteProcess::OpenConnectors() {
  for (const SourceConfig& source : config_.sources) {
    if (!roles_.only_source.value.empty() && source.name != roles_.only_source) continue;
    FRESHET_ASSIGN_OR_RETURN(std::unique_ptr<Connector> connector, MakeConnector(source.connector, source.options));
    const Status works = connector->Check();
    if (!works.ok()) Log(LogLevel::kWarning, "Source does not work yet.", {{"source", source.name}, {"error", works}});
    const CollectionConfig* const collection = config_.FindCollection(source.collection);
    NativeNames::Options names{.tenant = config_.tenant,
                               .source = source.name,
                               .collection = source.collection,
                               .policy = collection->deidentify,
                               .opaque = collection->deidentify != "none",
                               .own_principals = source.principals == PrincipalSpace::kOwn};
    auto host = std::make_unique<LogConnectorHost>(
        LogConnectorHost::Parts{*log_, *keys_, clock_},
        LogConnectorHost::Options{.names = std::move(names),
                                  .partitions = config_.log.partitions,
                                  .rate = source.rate,
                                  .signals = SignalFileOf(config_.data_dir, source.name),
                                  .trace_sample = config_.telemetry.sample()});
    const std::lock_guard lock(connectors_mutex_);
    connectors_.push_back(std::make_unique<ConnectorThread>(
        std::move(connector), std::move(host),
        ConnectorThread::Options{.source = source.name,
                                 .metrics = metrics_.get(),
                                 .on_halt = [this, name = source.name](const Status& status) {
                                   halts_.Add("the connector of source " + name.value, status);
                                 }}));
  }
  return OkStatus();
}

// Kept by whoever has the sink, which measures; read by others.
Status SiteProcess::OpenSlos() {
  const slo::HistoryOptions options{.path = (config_.data_dir / "freshness").string()};
  if (!config_.telemetry.enabled) return OkStatus();
  if (follower_ != nullptr) {
    slos_ = std::make_unique<slo::SloBook>(PromisesOf(config_), slo::LatencyHistory::Follow(options), nullptr, clock_);
    return OkStatus();
  }
  FRESHET_ASSIGN_OR_RETURN(auto history, slo::LatencyHistory::Open(options));
  slos_ = std::make_unique<slo::SloBook>(PromisesOf(config_), std::move(history), metrics_.get(), clock_);
  slo_keeper_ = std::make_unique<SloKeeper>(*slos_, clock_);
  return OkStatus();
}

// Which policy is in force where a collection has generations of two of them.
Status SiteProcess::OpenPolicies(query::QueryEngineOptions& options) {
  GenerationPolicies::Names known;
  for (const auto& [collection, path] : config_.BesidePolicies()) {
    FRESHET_ASSIGN_OR_RETURN(const auto policy, deid::FindPolicy(path));
    known[collection] = {policy->name, options.policies[collection]};
  }
  if (known.empty()) return OkStatus();
  generation_policies_ = std::make_unique<GenerationPolicies>(*index(), clock_, std::move(known));
  options.policy_of = [policies = generation_policies_.get()](const CollectionName& collection, uint32_t generation) {
    return policies->Of(collection, generation);
  };
  return OkStatus();
}

Status SiteProcess::OpenQuery() {
  const PipelinePlan plan = config_.plan();
  query::QueryEngineOptions options{.tenant = config_.tenant,
                                    .urgent = SinkStream(plan, Lane::kUrgent),
                                    .groups = StreamOf(Topic::kGroups),
                                    .live = SinkStream(plan, Lane::kLive),
                                    .backfill = SinkStream(plan, Lane::kBackfill)};
  for (const CollectionConfig& collection : config_.collections) {
    FRESHET_ASSIGN_OR_RETURN(const auto policy, PolicyOf(collection));
    options.policies[collection.name] = policy->name;  // a file's own, as its documents are stamped with
  }
  options.beside = beside_.query_embedder;
  FRESHET_RETURN_IF_ERROR(OpenPolicies(options));
  for (const SourceConfig& source : config_.sources) {
    options.sources.push_back({source.name, source.collection, source.access.max_staleness});
  }
  if (const auto& rerank = config_.query.rerank) {
    FRESHET_ASSIGN_OR_RETURN(options.reranker, query::HttpReranker::Make({.url = rerank->url,
                                                                          .model = rerank->model,
                                                                          .token = rerank->token,
                                                                          .budget = rerank->budget,
                                                                          .passages = rerank->passages}));
  }
  const store::IndexReader* store = index();
  engine_ = std::make_unique<query::QueryEngine>(
      std::move(options), [store] { return store->CurrentView(); }, *keys_, model_.query_embedder, clock_);
  FRESHET_RETURN_IF_ERROR(OpenSlos());
  FRESHET_ASSIGN_OR_RETURN(query::TokenFile callers, query::TokenFile::Parse(config_.query.tokens));
  callers_ = std::make_unique<query::TokenFile>(std::move(callers));
  FRESHET_ASSIGN_OR_RETURN(audit_, query::FileAuditLog::Open(AuditPath(), {config_.query.audit_file_bytes.bytes,
                                                                           config_.query.audit_old_files}));
  query::ServerParts parts{
      .engine = engine_.get(), .callers = callers_.get(), .audit = audit_.get(), .metrics = metrics_.get()};
  parts.freshness = {.engine = engine_.get(), .metrics = metrics_.get(), .store = store, .slos = slos_.get()};
  if (runtime_ != nullptr) {
    parts.freshness.backlog = [this] { return RecentBacklog(); };
    parts.freshness.backfill_stood_still = [this](const SourceName& name) {
      return runtime_->BackfillStoodStill(name);
    };
  }
  parts.unready = [this] { return Unready(); };
  if (log_ != nullptr) {
    OpenRepair();
    parts.repair = [this](const query::RepairCall& call) { return Repair(call); };
    parts.confirm_deletes = [this](const store::HeldDeletes& held) { return ConfirmDeletes(held); };
  }
  parts.spans = spans_.get();
  parts.trace_sample = config_.telemetry.sample();
  if (runtime_ != nullptr && runtime_->review() != nullptr) {
    parts.quarantine = DeskOf(*runtime_->review(), clock_);
    parts.citations = DeskOf(*runtime_->citations());
  }
  server_ = std::make_unique<query::Server>(query::ServerOptions{.listen = config_.query.listen.ToString()}, parts);
  return OkStatus();
}

Result<std::string> SiteProcess::Start(const HostPort& status) {
  const auto on_halt = [this](const std::string& name, const Status& status) {
    Log(LogLevel::kError, "Worker halted; an operator is needed.", {{"worker", Coordinate(name)}, {"error", status}});
    halts_.Add("the worker " + name, status);
  };
  for (const NamedWorker& row : runtime_ ? runtime_->workers() : std::vector<NamedWorker>()) {
    workers_.push_back(std::make_unique<WorkerThread>(*row.worker, row.name, on_halt));
  }
  disk_keeper_ = std::make_unique<DiskKeeper>(config_.data_dir, clock_);
  workers_.push_back(std::make_unique<WorkerThread>(*disk_keeper_, "disk", on_halt));
  if (log_keeper_ != nullptr) workers_.push_back(std::make_unique<WorkerThread>(*log_keeper_, "log", on_halt));
  if (slo_keeper_ != nullptr) workers_.push_back(std::make_unique<WorkerThread>(*slo_keeper_, "slo", on_halt));
  if (runtime_ != nullptr && runtime_->index() != nullptr && metrics_->records()) {
    recall_keeper_ = std::make_unique<RecallKeeper>([this] { return runtime_->index()->store().CurrentView(); },
                                                    *metrics_, clock_, RecallKeeper::Options{});
    workers_.push_back(std::make_unique<WorkerThread>(*recall_keeper_, "recall", on_halt));
  }
  if (follower_ != nullptr) follower_->Start();
  if (metrics_->records()) collect_ = metrics_->OnCollect([this](MetricSamples& samples) { Collect(samples); });
  if (roles_.connectors) FRESHET_RETURN_IF_ERROR(OpenConnectors());
  if (server_ != nullptr) return server_->Start();
  status_ = std::make_unique<StatusServer>(
      status, StatusServer::Parts{.metrics = metrics_.get(), .unready = [this] { return Unready(); }});
  return status_->Start();
}

// Only where this process has both ends: else others go on with what is under way.
void SiteProcess::Drain(Duration limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (roles_.all() && !workers_.empty() && !halts_.any() && std::chrono::steady_clock::now() < end) {
    const auto backlog = Backlog(limit);
    if (backlog && backlog->urgent + backlog->live + backlog->backfill == 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Status SiteProcess::Stop(Duration drain) {
  stopped_ = true;
  for (auto& connector : connectors_) connector->Stop();
  if (server_ != nullptr) server_->Stop();
  if (status_ != nullptr) status_->Stop();
  Drain(drain);
  workers_.clear();
  const Status flushed = runtime_ != nullptr ? runtime_->Flush() : OkStatus();
  if (slo_keeper_ != nullptr) {
    Status counted = slos_->Roll();
    if (counted.ok()) counted = slos_->Sync();
    if (!counted.ok()) Log(LogLevel::kWarning, "Latencies counted last are not stored.", {{"error", counted}});
  }
  server_.reset();
  desk_.reset();
  status_.reset();
  collect_ = {};
  connectors_.clear();
  engine_.reset();
  generation_policies_.reset();
  slo_keeper_.reset();
  slos_.reset();
  follower_.reset();
  backlog_probe_.reset();
  recall_keeper_.reset();
  runtime_.reset();
  log_keeper_.reset();
  log_.reset();
  spans_.reset();
  return flushed;
}

std::optional<query::LaneBacklog> SiteProcess::Backlog(Duration patience) {
  return backlog_probe_ != nullptr ? backlog_probe_->Ask(patience) : std::nullopt;
}

// However many pages and scrapes ask: each look is a question to the log for every partition.
std::optional<query::LaneBacklog> SiteProcess::RecentBacklog() {
  const std::lock_guard lock(backlog_mutex_);
  const Time now = clock_.Now();
  if (IsDue(backlog_at_ + kBacklogEvery, now, kBacklogEvery)) {
    recent_backlog_ = Backlog(kBacklogPatience);
    backlog_at_ = clock_.Now();
  }
  return recent_backlog_;
}

std::vector<std::string> SiteProcess::Unready() const {
  std::vector<std::string> reasons;
  if (runtime_ != nullptr && !runtime_->caught_up())
    reasons.push_back("catching_up: deletes and access changes in the log are not applied yet");
  if (follower_ != nullptr) {
    for (std::string& reason : follower_->Unready()) reasons.push_back(std::move(reason));
  }
  const Status audited = audit_ != nullptr ? audit_->Check(clock_.Now()) : OkStatus();
  if (!audited.ok()) reasons.push_back(audited.ToString() + ", and no call is answered without one");
  for (std::string& reason : halts_.Reasons()) reasons.push_back(std::move(reason));
  return reasons;
}

Status SiteProcess::ConfirmDeletes(const store::HeldDeletes& held) {
  const Time now = clock_.Now();
  ChangeEvent event{
      .origin = {.source = held.source, .collection = held.collection, .version = held.begin, .committed = now},
      .change = Confirm{}};
  event.origin.StampOf(Step::kCaptured) = now;
  FRESHET_ASSIGN_OR_RETURN(const log::NewRecord record,
                           ChangeRecord(event, Lane::kUrgent, {config_.tenant, config_.log.partitions, *keys_}));
  return log_->Append({&record, 1}).status();
}

}  // namespace freshet
