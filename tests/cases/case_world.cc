#include "tests/cases/case_world.h"

#include "common/model/factory.h"
#include "schemas/codec.h"

namespace freshet::test {
namespace {

using namespace std::chrono_literals;

constexpr uint32_t kPartitions = 2;
constexpr const char* kKeyFile = "k1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
const TenantName kTenant("cases");
const SourceName kSource("source");
const CollectionName kCollection("notes");
const Time kStart(1'000'000s);

}  // namespace

CaseWorld::CaseWorld(CaseOptions options) : options_(std::move(options)), clock_(kStart), now_(kStart) {}

CaseWorld::~CaseWorld() = default;

Status CaseWorld::Boot() {
  FRESHET_ASSIGN_OR_RETURN(log_, log::EmbeddedLog::Open({.path = "/log", .env = disk_.env(), .clock = &clock_}));
  FRESHET_RETURN_IF_ERROR(log_->CreateTopics(TopicSpecs(kTenant, kPartitions, {})));
  FRESHET_ASSIGN_OR_RETURN(KeyRing keys, KeyRing::Parse(kKeyFile));
  keys_ = std::make_shared<const KeyRing>(std::move(keys));
  FRESHET_ASSIGN_OR_RETURN(embedder_, model::MakeEmbedder({.kind = "hashing"}));
  FRESHET_ASSIGN_OR_RETURN(tokens_, model::MakeTokenCounter({.kind = "hashing"}));
  RuntimeOptions options{
      .tenant = kTenant, .data_dir = "", .partitions = kPartitions, .plan = options_.plan, .env = disk_.env()};
  FRESHET_ASSIGN_OR_RETURN(options.policies[kCollection], deid::FindPolicy(options_.policy));
  options.store.open_directory = CrashDirectories(disk_);
  FRESHET_ASSIGN_OR_RETURN(runtime_, Runtime::Make(std::move(options), {.log = *log_,
                                                                        .keys = keys_,
                                                                        .clock = clock_,
                                                                        .metrics = metrics_,
                                                                        .embedder = embedder_,
                                                                        .tokens = tokens_}));
  engine_ = std::make_unique<query::QueryEngine>(
      query::QueryEngineOptions{.tenant = kTenant,
                                .sources = {{kSource, kCollection, Duration::max()}},
                                .urgent = SinkStream(options_.plan, Lane::kUrgent),
                                .groups = StreamOf(Topic::kGroups),
                                .live = SinkStream(options_.plan, Lane::kLive),
                                .backfill = SinkStream(options_.plan, Lane::kBackfill)},
      [this] { return runtime_->index()->store().CurrentView(); }, *keys_, embedder_, clock_);
  return OkStatus();
}

std::string CaseWorld::Run(const CaseFile& file) {
  const Status booted = Boot();
  if (!booted.ok()) return "boot: " + booted.ToString();
  for (const CaseLine& line : file.lines) {
    const std::string where = "line " + std::to_string(line.number) + ": ";
    if (line.verb != "expect") {
      const Status told = Tell(line);
      if (!told.ok()) return where + told.ToString();
      continue;
    }
    const std::string drained = Drain();
    if (!drained.empty()) return where + drained;
    const auto [expected, found] = Compare(line);
    if (expected == found) continue;
    std::string asked;
    for (const std::string& word : line.words) asked += word + " ";
    return where + asked + "\n  expected: " + expected + "\n  found:    " + found;
  }
  return "";
}

Status CaseWorld::Publish(const Told& told) {
  FRESHET_ASSIGN_OR_RETURN(std::string value, EncodeChange(told.event, *keys_));
  const std::string key = RecordKey(told.event);
  Topic topic = TopicOf(told.event.change, told.lane);
  if (told.partition && told.lane == Lane::kUrgent) topic = Topic::kChangesUrgent;
  const Partition partition = told.partition.value_or(PartitionFor(key, kPartitions));
  const std::vector<log::NewRecord> records = {{TopicName(kTenant, topic), partition, key, std::move(value)}};
  return log_->Append(records).status();
}

Status CaseWorld::PublishOnAll(const ChangeEvent& event, std::initializer_list<Lane> lanes) {
  for (const Lane lane : lanes) {
    for (uint32_t i = 0; i < kPartitions; ++i) {
      told_.push_back({event, lane, Partition(i)});
      FRESHET_RETURN_IF_ERROR(Publish(told_.back()));
    }
  }
  return OkStatus();
}

std::string CaseWorld::Drain() {
  for (int round = 0; round < 5000; ++round) {
    bool worked = false;
    for (const NamedWorker& row : runtime_->workers()) {
      const Result<bool> did = row.worker->Step();
      if (!did.ok()) return row.name + ": " + did.status().ToString();
      worked |= *did;
    }
    if (worked) continue;
    const auto backlog = runtime_->Backlog();
    if (!backlog.ok()) return backlog.status().ToString();
    uint64_t left = 0;
    for (const auto& [lane, count] : *backlog) left += count;
    if (left == 0) return AccountsAreOpen();
    clock_.Advance(200ms);  // a commit of progress may be all that is due
  }
  return "the pipeline does not drain";
}

// DESIGN §4.6.
std::string CaseWorld::AccountsAreOpen() const {
  for (const auto& [where, account] : runtime_->index()->store().Accounts()) {
    uint64_t sum = account.absent;
    for (const auto& [outcome, count] : account.outcomes) sum += count;
    if (sum != account.next.value - account.first.value) return "an account does not close";
  }
  return "";
}

std::pair<std::string, std::string> CaseWorld::Compare(const CaseLine& line) {
  const std::string subject = line.words.empty() ? "" : line.words[0];
  const std::string verb = line.words.size() < 2 ? "" : line.words[1];
  if (verb == "finds") return {line.text, Found(subject, line.words.size() < 3 ? "" : line.words[2])};
  if (verb == "is") return {line.text, StateOf(subject)};
  if (verb == "reads") return {line.text, TextOf(subject)};
  if (subject == "as_of") return {line.text, AsOf()};
  if (subject == "held") {
    uint64_t held = 0;
    for (const store::HeldDeletes& row : runtime_->index()->store().Held()) held += row.documents;
    return {line.text, std::to_string(held)};
  }
  return {"an expectation that is known", "none"};
}

std::string CaseWorld::Found(const std::string& user, const std::string& words) const {
  const query::Caller caller{.user = user, .tenant = kTenant};
  const query::SearchRequest request{.query = words, .top_k = 100, .mode = query::Mode::kLexical};
  const auto answer = engine_->Search(caller, request, "");
  if (!answer.ok()) return answer.status().ToString();
  std::set<std::string> found;
  for (const query::SearchHit& hit : answer->hits) {
    found.insert(hit.document.value + "@" + std::to_string(hit.version.position) + (hit.outdated ? " (outdated)" : ""));
  }
  std::string names;
  for (const std::string& name : found) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "nothing" : names;
}

std::string CaseWorld::StateOf(const std::string& document) const {
  static constexpr const char* kNames[] = {"searchable", "outdated", "withheld", "deleted", "skipped", "pending"};
  const auto rows = engine_->view()->Lookup(kCollection, DocumentId(document));
  if (rows.empty()) return "unknown";
  const store::StoredDocument& row = rows[0];
  std::string state = kNames[static_cast<size_t>(row.state)];
  if (row.skip_code != Code::kOk) state += " by " + std::string(NameOf(row.skip_code));
  return state;
}

std::string CaseWorld::TextOf(const std::string& document) const {
  const auto rows = engine_->view()->Lookup(kCollection, DocumentId(document));
  if (rows.empty() || rows[0].sealed.empty()) return "nothing";
  const auto sealed = DecodeSealedClean(rows[0].sealed);
  if (!sealed.ok()) return sealed.status().ToString();
  const auto clean = DecodeSealed(*sealed, rows[0].origin, *keys_);
  if (!clean.ok()) return clean.status().ToString();
  std::string text = clean->text();
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

// Seconds since the case began.
std::string CaseWorld::AsOf() const {
  const auto times = engine_->view()->Times();
  const auto found = times.find(kSource);
  if (found == times.end()) return "unknown";
  const std::optional<Time> as_of = query::AsOf(found->second, engine_->options());
  return as_of ? FormatDuration(*as_of - kStart) : "unknown";
}

}  // namespace freshet::test
