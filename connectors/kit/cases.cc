#include "connectors/kit/cases.h"

#include <random>

#include "connectors/source/source.h"

namespace freshet::kit {
namespace {

using namespace std::chrono_literals;

constexpr CaseRow kCases[] = {
    {"check", "Check says ok of a source that works, not of one that is gone, and takes nothing", std::nullopt,
     &CaseCheck},
    {"insert", "a new document is found", std::nullopt, &CaseInsert},
    {"update", "the newest state is found, no older one", std::nullopt, &CaseUpdate},
    {"delete", "a deleted document is not found, its neighbours are", Ability::kDelete, &CaseDelete},
    {"access_narrowed", "who lost access is not on the list", Ability::kAccess, &CaseAccessNarrowed},
    {"access_widened", "who gained access is on the list; lists precede their content", Ability::kAccess,
     &CaseAccessWidened},
    {"duplicate", "what the source says twice changes nothing", Ability::kDuplicate, &CaseDuplicate},
    {"reorder", "what the source says late does not win over what is newer", Ability::kReorder, &CaseReorder},
    {"any_order", "published changes in any order make the same index", std::nullopt, &CaseAnyOrder},
    {"schema_change", "documents survive a new form of the source's data", Ability::kSchema, &CaseSchemaChange},
    {"oversized", "too large a document is refused visibly, and taken once it is smaller", Ability::kOversized,
     &CaseOversized},
    {"broken", "a document that cannot be read is refused visibly, and taken once it can", Ability::kBroken,
     &CaseBroken},
    {"bounded_memory", "no call holds more than a batch, however much there is", std::nullopt, &CaseBoundedMemory},
    {"heartbeat", "a quiet source is vouched for, up to now and no further", std::nullopt, &CaseHeartbeat},
    {"fetch", "a document as it is now, not_found for none; or unsupported_change", std::nullopt, &CaseFetch},
    {"restart", "what changed while nobody looked is found", std::nullopt, &CaseRestart},
    {"crash", "killed before and after every write of a run: nothing is lost", std::nullopt, &CaseCrash},
    {"log_outage", "while the log takes nothing nothing is lost, and no position moves", std::nullopt, &CaseLogOutage},
    {"source_outage", "a source that is gone deletes nothing; what changed is found when it is back", Ability::kOutage,
     &CaseSourceOutage},
    {"empty_listing", "a listing that is empty for no reason makes the connector delete nothing", Ability::kListing,
     &CaseEmptyListing},
    {"snapshot_request", "asked for a snapshot it mentions every document, or it has none", std::nullopt,
     &CaseSnapshotRequest},
    {"clock_backwards", "versions grow under a clock that is set back", std::nullopt, &CaseClockBackwards},
    {"stop", "told to stop, Run returns ok", std::nullopt, &CaseStop},
    {"histories", "random histories with kills end as the source", std::nullopt, &CaseHistories},
};

}  // namespace

std::span<const CaseRow> AllCases() { return kCases; }

std::string CaseCheck(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  const auto check = [&] {
    trial->Restart();
    return trial->connector() == nullptr ? Status(Code::kUnavailable, "no connector") : trial->connector()->Check();
  };
  Status checked = check();
  trial->Put("a");
  std::string wrong = checked.ok() ? trial->Settle() : checked.ToString();
  trial->Stop();
  trial->Put("b");
  if (wrong.empty()) checked = check();  // beside what nobody has read yet
  if (wrong.empty()) wrong = checked.ok() ? trial->Verdict() : checked.ToString();
  if (!wrong.empty() || !trial->rig().Can(Ability::kOutage)) return wrong;
  trial->Stop();
  trial->SetOutage(true);
  checked = check();
  trial->SetOutage(false);
  return checked.ok() ? "Check says ok of a source that is gone" : trial->Verdict();
}

std::string CaseInsert(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  trial->Put("a");
  trial->Put("b");
  std::string wrong = trial->Settle();
  trial->Put("c");
  return wrong.empty() ? trial->Verdict() : wrong;
}

std::string CaseUpdate(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  trial->Put("a");
  trial->Put("b");
  std::string wrong = trial->Settle();
  for (int i = 0; i < 5; ++i) trial->Put("a");
  return wrong.empty() ? trial->Verdict() : wrong;
}

std::string CaseDelete(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  for (const char* name : {"a", "b", "c"}) trial->Put(name);
  std::string wrong = trial->Settle();
  trial->Remove("b");
  if (wrong.empty()) wrong = trial->Verdict();
  trial->Put("b");  // comes back as a new one
  return wrong.empty() ? trial->Verdict() : wrong;
}

std::string CaseAccessNarrowed(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  trial->Put("a");
  trial->SetReaders("a", {"group:staff", "user:ada"});
  std::string wrong = trial->Settle();
  trial->SetReaders("a", {"user:ada"});
  if (wrong.empty()) wrong = trial->Settle();
  trial->SetReaders("a", {});
  return wrong.empty() ? trial->Verdict() : wrong;
}

namespace {

bool LetsIn(const ModelSink& sink, const std::string& id, const std::string& who) {
  const auto document = sink.documents.find(id);
  if (document == sink.documents.end()) return false;
  const auto scope = sink.scopes.find(document->second.upsert.access_scope.value);
  if (scope == sink.scopes.end()) return false;
  const AccessChange& list = scope->second.change;
  // A list that names its content waits for that.
  if (list.content_version && document->second.content_version < *list.content_version) return false;
  return std::any_of(list.allow.begin(), list.allow.end(),
                     [&](const Listed& one) { return one.principal.value == who; });
}

// Whoever a list lets in does not find what is replaced beside that.
std::string ShownTooEarly(const KitHost& host, const std::string& document, const std::string& older) {
  ModelSink sink;
  for (const Published& one : host.published) {
    sink.Apply(one.event);
    if (!LetsIn(sink, document, "user:bob")) continue;
    const auto contents = sink.Contents();
    const auto shown = contents.find(document);
    if (shown != contents.end() && shown->second == older) return "a widening came before the content it goes with";
  }
  return "";
}

}  // namespace

std::string CaseAccessWidened(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  trial->Put("a");
  trial->SetReaders("a", {"user:ada"});
  std::string wrong = trial->Settle();
  trial->SetReaders("a", {"user:ada", "user:bob"});
  trial->Put("b");
  if (wrong.empty()) wrong = trial->Verdict();
  trial->SetReaders("a", {"user:ada"});
  if (wrong.empty()) wrong = trial->Settle();
  trial->Put("a");
  if (wrong.empty()) wrong = trial->Verdict();
  if (!wrong.empty()) return wrong;
  const std::string document = trial->rig().DocumentOf("a"), older = trial->sink().Contents().at(document);
  trial->Put("a");
  trial->SetReaders("a", {"user:ada", "user:bob"});
  wrong = trial->Verdict();
  return wrong.empty() ? ShownTooEarly(trial->host, document, older) : wrong;
}

std::string CaseDuplicate(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  trial->Put("a");
  trial->Put("a");
  std::string wrong = trial->Settle();
  for (int i = 0; i < 3; ++i) trial->Repeat("a");
  if (wrong.empty()) wrong = trial->Verdict();
  trial->Put("a");
  return wrong.empty() ? trial->Verdict() : wrong;
}

std::string CaseReorder(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  trial->PutSwapped("a");
  trial->Put("b");
  trial->PutSwapped("b");
  return trial->Verdict();
}

// The edges of snapshots keep their place: the log delivers them to every partition in order.
std::string CaseAnyOrder(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  for (const char* name : {"a", "b", "c"}) trial->Put(name);
  std::string wrong = trial->Settle();
  trial->Put("a");
  if (trial->rig().Can(Ability::kDelete)) trial->Remove("b");
  if (wrong.empty()) wrong = trial->Verdict();
  if (!wrong.empty()) return wrong;
  std::vector<ChangeEvent> changes;
  for (const Published& one : trial->host.published) {
    if (!std::holds_alternative<SnapshotEdge>(one.event.change)) changes.push_back(one.event);
  }
  std::mt19937_64 random(workshop.options().seed);
  for (int i = 0; i < 50; ++i) {
    std::shuffle(changes.begin(), changes.end(), random);
    ModelSink sink;
    for (const ChangeEvent& change : changes) sink.Apply(change);
    if (sink.Contents() != trial->sink().Contents()) return "another order made another index";
  }
  return "";
}

std::string CaseSchemaChange(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  trial->Put("a");
  trial->Put("b");
  std::string wrong = trial->Settle();
  trial->ChangeSchema();
  trial->Put("b");
  trial->Put("c");
  return wrong.empty() ? trial->Verdict() : wrong;
}

namespace {

std::string RefusedThenTaken(Workshop& workshop, Ability how) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  trial->Put("a");
  trial->Put("b");
  std::string wrong = trial->Settle();
  trial->PutRefused("a", how);
  trial->Put("c");
  if (wrong.empty()) wrong = trial->Verdict();
  trial->Put("a");
  return wrong.empty() ? trial->Verdict() : wrong;
}

}  // namespace

std::string CaseOversized(Workshop& workshop) { return RefusedThenTaken(workshop, Ability::kOversized); }
std::string CaseBroken(Workshop& workshop) { return RefusedThenTaken(workshop, Ability::kBroken); }

std::string CaseBoundedMemory(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  constexpr size_t kDocument = 32 << 10, kMost = kMostBatchBytes + 2 * kDocument;
  for (size_t i = 0; i < 3 * kMostBatchBytes / kDocument; ++i) trial->Put("d" + std::to_string(i), kDocument);
  trial->Restart();
  const std::string wrong = trial->Verdict();
  const size_t held = trial->host.most_bytes;
  return wrong.empty() && held > kMost ? "a call held " + std::to_string(held) + " bytes" : wrong;
}

std::string CaseHeartbeat(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  trial->Put("a");
  std::string wrong = trial->Settle();
  const Time quiet = trial->host.clock().Now();
  const auto vouched = [&] {
    const auto& beats = trial->host.beats;
    return !beats.empty() && beats.back().time >= quiet && beats.back().lanes.size() == kLanes.size();
  };
  for (int i = 0; i < 300 && !vouched(); ++i) trial->StepFor(100ms);
  if (wrong.empty() && !vouched()) wrong = "no heartbeat on every lane";
  return wrong.empty() ? trial->Verdict() : wrong;
}

std::string CaseFetch(Workshop& workshop) {
  const auto trial = workshop.NewTrial();
  if (trial == nullptr) return workshop.trouble();
  trial->Restart();
  trial->Put("a");
  std::string wrong = trial->Verdict();
  if (!wrong.empty()) return wrong;
  const std::string id = trial->rig().DocumentOf("a");
  const Result<Upsert> there = trial->connector()->Fetch(DocumentId(id));
  if (there.code() == Code::kUnsupportedChange) return "";
  if (!there.ok()) return there.status().ToString();
  if (there->content != trial->sink().Contents().at(id)) return "not what was published";
  const Code none = trial->connector()->Fetch(DocumentId(trial->rig().DocumentOf("none"))).code();
  return none == Code::kNotFound ? "" : "of none: " + std::string(NameOf(none));
}

}  // namespace freshet::kit
