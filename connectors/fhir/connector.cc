#include "connectors/fhir/connector.h"

#include <pthread.h>

#include <thread>

#include "common/telemetry/log.h"
#include "connectors/fhir/export_pages.h"
#include "connectors/fhir/folder_source.h"
#include "connectors/source/source_connector.h"

namespace freshet::fhir {
namespace {

constexpr Duration kClockDoubt = std::chrono::minutes(1);        // of a server that sends no date
constexpr Duration kServerWait = std::chrono::milliseconds(50);  // how long a stop may go unnoticed
constexpr Duration kTellEvery = std::chrono::minutes(1);         // a position of which nothing but the time has moved

// While it runs every trouble of the server's may pass.
Status Passing(const Status& status) {
  return DispositionOf(status.code()) == Disposition::kRetry ? status : Status(Code::kUnavailable, status.message());
}

Time TimeOf(uint64_t micros) { return FromMicros(static_cast<int64_t>(micros)); }

}  // namespace

FhirSource::FhirSource(FhirOptions options)
    : options_(std::move(options)), client_(options_), listing_(options_, client_) {}

FhirSource::~FhirSource() { Close(); }

// By the server's clock, when it was asked.
Result<Time> FhirSource::AskTime() {
  FRESHET_ASSIGN_OR_RETURN(const Url url, client_.base().Resolve("metadata?_summary=true"));
  Answer answer;
  const auto begin = Steady::now();
  FRESHET_RETURN_IF_ERROR(client_.Get({.url = url}, answer, [](std::string_view) { return OkStatus(); }));
  const auto took = std::chrono::ceil<Duration>(Steady::now() - begin);
  return answer.date ? *answer.date - took : clock_->Now() - kClockDoubt;
}

std::string FhirSource::Position() const {
  std::string position(AsBytes(FingerprintOf(options_)));
  AppendBig64(position, static_cast<uint64_t>(ToMicros(since_)));
  AppendBig64(position, static_cast<uint64_t>(ToMicros(listed_)));
  return position;
}

Status FhirSource::Open(SourceStart start) {
  clock_ = start.clock;
  client_.Go();
  Watch(std::move(start.stopping));
  reader_ = std::make_unique<Reader>(options_, client_, start);
  listing_.SetBegun(start.begun);
  ByteReader position(start.position);
  std::string_view fingerprint;
  uint64_t since = 0, listed = 0;
  const bool known = position.Bytes(16, fingerprint) && position.Big64(since) && position.Big64(listed);
  relist_ = known && fingerprint != AsBytes(FingerprintOf(options_));
  if (relist_) Log(LogLevel::kWarning, "Configuration says something else: everything is listed anew.");
  untold_ = !known || relist_;
  since_ = TimeOf(since);
  listed_ = known ? TimeOf(listed) : clock_->Now();
  if (!known) {
    Result<Time> now = AskTime();
    if (!now.ok()) return Passing(now.status());
    since_ = *now - options_.settle;
  }
  told_since_ = since_;
  next_poll_ = {};
  if (!options_.listen) return OkStatus();
  webhook_ = std::make_unique<Webhook>(options_, [this] { Wake(); });
  FRESHET_ASSIGN_OR_RETURN(webhook_port_, webhook_->Start());
  return OkStatus();
}

// A stop does not wait for an answer.
void FhirSource::Watch(std::function<bool()> stopping) {
  watcher_ = std::jthread([this, stopping = std::move(stopping)](const std::stop_token& enough) {
    pthread_setname_np(pthread_self(), "fhir-stop");
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any woken;
    while (!enough.stop_requested() && !stopping()) woken.wait_for(lock, enough, kServerWait, [] { return false; });
    if (!enough.stop_requested()) client_.Cancel();
  });
}

void FhirSource::Close() {
  watcher_ = {};
  webhook_.reset();
  poll_.reset();
  listing_.Close();
  reader_.reset();
}

std::unique_ptr<Pages> FhirSource::Changes() {
  if (options_.changes == Changes::kExport) return std::make_unique<ExportPages>(client_, options_, since_);
  LinkedRules rules{.paths = {}, .count = options_.page, .most_resource = options_.max_resource.bytes};
  rules.history = options_.changes != Changes::kSearch;
  const std::string since = PercentEncoded(FormatTime(since_));
  if (options_.changes == Changes::kHistory) {
    rules.paths = {"_history?_since=" + since};
  } else {
    for (const std::string& type : options_.types) {
      rules.paths.push_back(type + (rules.history ? "/_history?_since=" : "?_lastUpdated=ge") + since);
    }
  }
  return std::make_unique<LinkedPages>(client_, std::move(rules));
}

Result<SourceBatch> FhirSource::Snapshot(const std::string& cursor) {
  SourceBatch batch;
  if (cursor.empty() || !listing_.GoesOn(clock_->Now())) {
    const Result<Time> there = AskTime();
    if (!there.ok()) return Passing(there.status());
    listing_.Open(cursor, {.here = clock_->Now(), .there = *there}, batch);
  }
  reader_->AddKnownLists(batch);
  const Result<bool> more = listing_.Read(*reader_, batch);
  if (!more.ok()) return Passing(more.status());
  if (listing_.waits()) std::this_thread::sleep_for(kServerWait);
  return batch;
}

void FhirSource::Wake() {
  {
    const std::lock_guard lock(mutex_);
    wake_ = true;
  }
  woken_.notify_all();
}

bool FhirSource::WaitUntilDue(Duration wait) {
  const Duration pause = client_.pause();
  std::unique_lock lock(mutex_);
  const auto until = std::min(Steady::now() + wait, std::max(next_poll_, Steady::now() + pause));
  woken_.wait_until(lock, until, [&] { return wake_; });
  const bool due = std::exchange(wake_, false) || Steady::now() >= next_poll_;
  return due && client_.pause() == Duration(0);
}

Result<SourceBatch> FhirSource::Stream(Duration wait) {
  SourceBatch batch;
  reader_->AddKnownLists(batch);
  const bool stale = options_.list_every > Duration(0) && clock_->Now() >= listed_ + options_.list_every;
  relist_ |= stale && !listing_.is_open();
  if (std::exchange(relist_, false)) {
    batch.snapshot_wanted = true;
    listed_ = clock_->Now();
    untold_ = true;
  }
  if (std::exchange(untold_, false)) batch.position = Position();
  if (!batch.position.empty() || !batch.events.empty()) return batch;
  if (!poll_) {
    if (!WaitUntilDue(wait)) return batch;
    poll_begun_ = clock_->Now();
    next_poll_ = Steady::now() + options_.every;
    poll_.emplace();
    poll_->pages = Changes();
  }
  const Result<bool> more = reader_->Read(*poll_, batch);
  if (!more.ok()) return Passing(more.status());
  if (poll_->waits) std::this_thread::sleep_for(std::min(wait, kServerWait));
  if (!*more) EndPoll(batch);
  return batch;
}

// All that the server committed before it was asked has been read, but for what shows up later.
void FhirSource::EndPoll(SourceBatch& batch) {
  const Time reached = poll_->pages->as_of().value_or(poll_->newest);
  if (reached > Time()) since_ = reached - options_.settle;
  const bool moved = since_ < told_since_ || since_ > told_since_ + kTellEvery;
  if (!batch.events.empty() || moved) {
    batch.position = Position();
    told_since_ = since_;
  }
  batch.complete_up_to = poll_begun_ - options_.settle;
  reader_->Vouch(*batch.complete_up_to);
  poll_.reset();
}

Result<std::unique_ptr<Connector>> MakeFhirConnector(const ConfigNode& node) {
  FRESHET_ASSIGN_OR_RETURN(FhirOptions options, ParseOptions<FhirOptions>(node));
  FRESHET_RETURN_IF_ERROR(Validate(options));
  std::unique_ptr<Source> source;
  if (options.folder.empty()) {
    source = std::make_unique<FhirSource>(std::move(options));
  } else {
    source = std::make_unique<FhirFolderSource>(std::move(options));
  }
  return std::unique_ptr<Connector>(std::make_unique<SourceConnector>(std::move(source)));
}

}  // namespace freshet::fhir
