#include "services/freshet/connector_preview.h"

#include <iomanip>
#include <map>
#include <ostream>
#include <thread>

#include "connectors/dry_host.h"
#include "connectors/registry.h"
#include "services/chunk/chunk.h"
#include "services/deid/cleaner.h"
#include "services/deid/deid.h"
#include "services/deid/parse/parser.h"
#include "services/freshet/site_model.h"

namespace freshet {
namespace {

using Counts = std::map<std::string, uint64_t>;

constexpr std::chrono::seconds kLongest(120);
constexpr std::chrono::milliseconds kQuiet(500);  // without an event: the source is at rest

struct Preview {
  uint64_t upserts = 0, mentioned = 0, deletes = 0, access = 0, identities = 0, chunks = 0;
  Counts refused, identifiers;
  uint64_t begun = 0, ended = 0;  // snapshots
  Time complete_up_to;
};

uint64_t SumOf(const Counts& counts) {
  uint64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

// A document's way through the stages, counted.
class Stages {
 public:
  static Result<std::unique_ptr<Stages>> Make(const SiteConfig& site, const SourceConfig& source) {
    auto made = std::make_unique<Stages>();
    const std::string& policy = site.FindCollection(source.collection)->deidentify;
    FRESHET_ASSIGN_OR_RETURN(made->policy_, deid::FindPolicy(site.PolicyPath(policy)));
    FRESHET_ASSIGN_OR_RETURN(KeyRing keys, KeyRing::Parse(KeyRing::NewKeyLine()));  // nothing made by it leaves
    made->state_.keys = std::make_shared<const KeyRing>(std::move(keys));
    made->state_.policies[source.collection] = made->policy_;
    FRESHET_ASSIGN_OR_RETURN(made->cleaner_, deid::Cleaner::Make());
    FRESHET_ASSIGN_OR_RETURN(made->deid_, deid::Deid::Make());
    FRESHET_ASSIGN_OR_RETURN(made->tokens_, MakeSiteTokens(site.embedder));
    FRESHET_ASSIGN_OR_RETURN(made->chunker_, chunk::Chunker::Make({}, *made->tokens_));
    made->origin_ = {.source = source.name, .collection = source.collection};
    return made;
  }

  void Take(const Origin& origin, const Upsert& upsert, Preview& preview) {
    ++preview.upserts;
    CountIdentifiers(upsert, preview);
    Origin full = origin;
    full.source = origin_.source;
    full.collection = origin_.collection;
    const deid::Deid::Input input{full, upsert};
    const auto outcomes = deid_->Process({&input, 1}, state_);
    if (!outcomes.front().ok()) return Refuse(outcomes.front().code(), preview);
    if (const auto* const skipped = std::get_if<Skipped>(&*outcomes.front())) return Refuse(skipped->code, preview);
    const auto chunked = chunker_->Chunked(std::get<Forward<CleanDocument>>(*outcomes.front()).body);
    if (!chunked.ok()) return Refuse(chunked.code(), preview);
    preview.chunks += chunked->chunks->size();
  }

 private:
  static void Refuse(Code code, Preview& preview) { ++preview.refused[std::string(NameOf(code))]; }

  void CountIdentifiers(const Upsert& upsert, Preview& preview) {
    if (!policy_->cleans || upsert.refused != Code::kOk) return;
    const auto parsed = deid::Parse(upsert.media_type, upsert.content);
    if (!parsed.ok()) return;
    const auto cleaned = cleaner_->CleanText(parsed->text, parsed->blocks, {*policy_, {.source = origin_.source}});
    if (!cleaned.ok()) return;
    for (const deid::Finding& finding : cleaned->findings) {
      ++preview.identifiers[std::string(deid::LabelOf(finding.type))];
    }
  }

  Origin origin_;
  std::shared_ptr<const deid::Policy> policy_;
  deid::DeidState state_;
  std::unique_ptr<deid::Cleaner> cleaner_;
  std::unique_ptr<deid::Deid> deid_;
  std::shared_ptr<const model::TokenCounter> tokens_;
  std::unique_ptr<chunk::Chunker> chunker_;
};

// Takes everything, keeps counts.
class CountingHost final : public DryHost {
 public:
  CountingHost(Stages& stages, const Clock& clock) : DryHost(clock), stages_(stages) {}

  Status Publish(std::vector<ChangeEvent> events, Lane) override {
    this->events += events.size();
    for (const ChangeEvent& event : events) Take(event);
    return OkStatus();
  }
  Status PublishHeartbeat(Time time, std::span<const Lane>) override {
    preview.complete_up_to = time;
    return OkStatus();
  }

  Preview preview;
  uint64_t events = 0;

 private:
  void Take(const ChangeEvent& event) {
    const Change& change = event.change;
    if (const auto* const upsert = std::get_if<Upsert>(&change)) stages_.Take(event.origin, *upsert, preview);
    if (const auto* const edge = std::get_if<SnapshotEdge>(&change)) {
      ++(edge->side == SnapshotEdge::Side::kBegin ? preview.begun : preview.ended);
    }
    preview.mentioned += std::holds_alternative<Present>(change);
    preview.deletes += std::holds_alternative<Delete>(change);
    preview.access += std::holds_alternative<AccessChange>(change) || std::holds_alternative<GroupChange>(change);
    preview.identities += std::holds_alternative<IdentityChange>(change);
  }

  Stages& stages_;
};

void PrintCounts(std::string_view name, const Counts& counts, std::ostream& out) {
  out << std::left << std::setw(17) << name << SumOf(counts);
  const char* before = "    ";
  for (const auto& [code, count] : counts) {
    out << before << code << " " << count;
    before = ", ";
  }
  out << "\n";
}

void Print(const Preview& preview, Time now, std::ostream& out) {
  out << std::left << std::setw(17) << "upserts" << preview.upserts << "    mentioned " << preview.mentioned
      << "    deletes " << preview.deletes << "    access lists " << preview.access << "    identities "
      << preview.identities << "\n";
  PrintCounts("refused", preview.refused, out);
  PrintCounts("identifiers", preview.identifiers, out);
  out << std::setw(17) << "chunks to embed" << preview.chunks << "\n" << std::setw(17) << "freshness";
  if (preview.complete_up_to == Time()) {
    out << "not vouched for yet\n";
  } else {
    out << "up to " << FormatTime(preview.complete_up_to) << " (" << std::fixed << std::setprecision(1)
        << ToMillis(now - preview.complete_up_to) / 1000 << " s behind)\n";
  }
}

}  // namespace

Status PreviewSource(const SiteConfig& site, const SourceConfig& source, std::ostream& out) {
  FRESHET_ASSIGN_OR_RETURN(const std::unique_ptr<Stages> stages, Stages::Make(site, source));
  FRESHET_ASSIGN_OR_RETURN(const std::unique_ptr<Connector> connector, MakeConnector(source.connector, source.options));
  FRESHET_RETURN_IF_ERROR(connector->Check());
  const SystemClock clock;
  CountingHost host(*stages, clock);
  const auto end = std::chrono::steady_clock::now() + kLongest;
  auto last = std::chrono::steady_clock::now();  // something was told, or a snapshot was open
  for (auto now = last; now < end && now - last < kQuiet; now = std::chrono::steady_clock::now()) {
    const uint64_t before = host.events;
    FRESHET_ASSIGN_OR_RETURN(const bool did, connector->Step(host));
    if (host.events != before || host.preview.ended != host.preview.begun) last = std::chrono::steady_clock::now();
    if (!did) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  Print(host.preview, host.clock().Now(), out);
  return OkStatus();
}

}  // namespace freshet
