#include "services/runtime/sweep.h"

#include "common/base/bytes.h"
#include "common/telemetry/log.h"
#include "schemas/opaque_patient.h"
#include "services/deid/replace.h"
#include "services/runtime/recleaner.h"

namespace freshet {
namespace {

// A live edit waits for so many documents at most.
constexpr size_t kDocumentsPerStep = 16;
constexpr const char* kIdentitiesMark = "identities";

std::string PolicyMark(const CollectionName& collection) { return "policy/" + collection.value; }

std::string_view NameOf(std::string_view stamp) { return stamp.substr(0, stamp.find('@')); }

bool MakesUp(const deid::Policy& policy) {
  return std::any_of(policy.rules.begin(), policy.rules.end(), [](const deid::Rule& rule) {
    return rule.action == deid::Action::kSurrogate || rule.action == deid::Action::kShift;
  });
}

Result<std::map<Partition, Offset>> OffsetsOf(const std::string& mark) {
  std::map<Partition, Offset> offsets;
  ByteReader reader(mark);
  while (!reader.rest().empty()) {
    uint32_t partition;
    uint64_t offset;
    if (!reader.Big32(partition) || !reader.Big64(offset)) {
      return Status(Code::kCorruptStore, "Quarantine: a mark that cannot be read.");
    }
    offsets[Partition(partition)] = Offset(offset);
  }
  return offsets;
}

std::string MarkOf(const std::map<Partition, Offset>& offsets) {
  std::string mark;
  for (const auto& [partition, offset] : offsets) {
    AppendBig32(mark, partition.value);
    AppendBig64(mark, offset.value);
  }
  return mark;
}

bool IsAbout(const Origin& origin, const Upsert& upsert, const std::set<std::pair<SourceName, PatientId>>& patients) {
  return std::any_of(upsert.patients.begin(), upsert.patients.end(), [&](const PatientId& patient) {
    return patients.contains({origin.source, patient});
  });
}

std::string TextToSearch(const std::string& content, const std::string& title,
                         const std::vector<Attribute>& attributes) {
  std::string text = content + "\n\n" + title;
  for (const Attribute& attribute : attributes) {
    for (const std::string& value : attribute.values) text += "\n\n" + value;
  }
  return text;
}

}  // namespace

Status Sweep::Open() {
  FRESHET_ASSIGN_OR_RETURN(const std::string mark, parts_.quarantine.Mark(kIdentitiesMark));
  FRESHET_ASSIGN_OR_RETURN(swept_, OffsetsOf(mark));
  for (const auto& [collection, policy] : parts_.context.options.policies) {
    FRESHET_ASSIGN_OR_RETURN(const std::string before, parts_.quarantine.Mark(PolicyMark(collection)));
    if (before != policy->Stamp()) next_->policies[collection] = before;
  }
  return OkStatus();
}

void Sweep::Learned(const Identity& identity, Partition partition, Offset offset) {
  const auto swept = swept_.find(partition);
  if (swept != swept_.end() && offset < swept->second) return;
  next_->next[partition] = Offset(offset.value + 1);
  const IdentityChange& change = identity.change;
  const Patient patient{identity.source, change.patient};
  next_->identities.Apply(identity.source, change, identity.version);
  if (!change.retracted) next_->learned.insert(patient);
  if (!change.merged_into.empty() || !change.unmerged_from.empty()) next_->relinked.insert(patient);
  for (const PatientId* const id : {&change.patient, &change.merged_into, &change.unmerged_from}) {
    if (!id->empty()) next_->mentioned.try_emplace(OpaquePatient(*parts_.context.parts.keys, *id), *id);
  }
}

Result<bool> Sweep::Step() {
  if (about_ == nullptr) {
    if (next_->empty()) return false;
    about_ = std::exchange(next_, std::make_unique<About>());
    identities_ = about_->identities.Snapshot();
    cursor_.clear();
  }
  FRESHET_RETURN_IF_ERROR(parts_.originals.ForEachNameFrom(
      cursor_, kDocumentsPerStep,
      [this](const DocumentKey& document, const Version& version) { return Look(document, version); }));
  if (cursor_.empty()) FRESHET_RETURN_IF_ERROR(Finish());
  return true;
}

Status Sweep::Finish() {
  for (const auto& [partition, offset] : about_->next) swept_[partition] = std::max(swept_[partition], offset);
  if (!about_->next.empty()) FRESHET_RETURN_IF_ERROR(parts_.quarantine.SetMark(kIdentitiesMark, MarkOf(swept_)));
  for (const auto& [collection, before] : about_->policies) {
    const std::string stamp = parts_.context.options.policies.at(collection)->Stamp();
    FRESHET_RETURN_IF_ERROR(parts_.quarantine.SetMark(PolicyMark(collection), stamp));
  }
  Log(LogLevel::kInfo, "Sweep is through.", {{"documents", totals_.documents}, {"originals", totals_.originals}});
  about_ = nullptr;
  identities_ = nullptr;
  return OkStatus();
}

Status Sweep::Look(const DocumentKey& document, const Version& version) {
  ++totals_.documents;
  if (!parts_.state().PolicyOf(document.collection).cleans) return OkStatus();
  std::optional<CleanDocument> stored = Stored(document, version);
  if (stored && !MayTouch(document, *stored)) return OkStatus();
  ++totals_.originals;
  FRESHET_ASSIGN_OR_RETURN(const auto original, parts_.originals.Load(document));
  if (!original) return OkStatus();
  const auto& [origin, upsert] = *original;
  if (origin.version != version) stored = Stored(document, origin.version);
  FRESHET_ASSIGN_OR_RETURN(const Verdict verdict, Judge(origin, upsert, stored));
  if (verdict == Verdict::kLeave) return OkStatus();
  Origin run = origin;  // above all runs so far, those that are under way included
  run.revision.deid_run = static_cast<uint64_t>(ToMicros(parts_.context.parts.clock.Now()));
  if (verdict == Verdict::kWithhold) FRESHET_RETURN_IF_ERROR(rerunner_.Withhold(run, Code::kQuarantined));
  return rerunner_.Run(run, upsert);
}

// What can be told without the original.
bool Sweep::MayTouch(const DocumentKey& document, const CleanDocument& stored) const {
  if (about_->policies.contains(document.collection)) return true;
  const auto& beside = parts_.context.options.beside_policies;
  if (beside.contains(document.collection) && !about_->mentioned.empty()) return true;
  const std::vector<PatientId> patients = PatientsOf(stored);
  const bool is_relinked = std::any_of(patients.begin(), patients.end(), [&](const PatientId& patient) {
    return about_->relinked.contains({document.source, patient});
  });
  return is_relinked || StoredHolds(document, stored);
}

Result<Sweep::Verdict> Sweep::Judge(const Origin& origin, const Upsert& upsert,
                                    const std::optional<CleanDocument>& stored) {
  const deid::DeidState state = parts_.state();
  const deid::Policy& policy = state.PolicyOf(origin.collection);
  const auto is_about = [&](const std::set<Patient>& patients) { return IsAbout(origin, upsert, patients); };
  const std::optional<deid::Held> held = parts_.quarantine.Find(KeyOf(origin));
  if (held && held->reason == deid::HoldReason::kUnknownPatient && is_about(about_->learned)) return Verdict::kRunAgain;
  const deid::RosterQuery query{origin.source, upsert.patients, policy.roster_scope};
  if (stored ? StoredHolds(KeyOf(origin), *stored)
             : Holds(TextToSearch(upsert.content, upsert.title, upsert.attributes), query, policy)) {
    return Verdict::kWithhold;
  }
  if (is_about(about_->relinked) && MakesUp(policy)) return Verdict::kRunAgain;
  if (BesideTouches(origin, upsert)) return Verdict::kRunAgain;
  FRESHET_ASSIGN_OR_RETURN(const bool touched, PolicyTouches(origin, upsert, stored));
  return touched ? Verdict::kRunAgain : Verdict::kLeave;
}

bool Sweep::BesideTouches(const Origin& origin, const Upsert& upsert) const {
  const auto& policies = parts_.context.options.beside_policies;
  const auto beside = policies.find(origin.collection);
  if (beside == policies.end()) return false;
  if (MakesUp(*beside->second) && IsAbout(origin, upsert, about_->relinked)) return true;
  const bool waits = beside->second->unknown_patient == deid::UnknownPatient::kQuarantine;
  if (waits && IsAbout(origin, upsert, about_->learned)) return true;
  const std::string text = TextToSearch(upsert.content, upsert.title, upsert.attributes);
  const deid::DeidState state = parts_.state();
  for (const deid::Policy* const policy : {beside->second.get(), &state.PolicyOf(origin.collection)}) {
    if (Holds(text, {origin.source, upsert.patients, policy->roster_scope}, *policy)) return true;
  }
  return false;
}

bool Sweep::StoredHolds(const DocumentKey& document, const CleanDocument& stored) const {
  const std::vector<PatientId> patients = PatientsOf(stored);
  const deid::DeidState state = parts_.state();
  // What is served may be of the policy beside: it was promoted, and the configuration still names the other one.
  const auto made_under = PolicyNamed(parts_.context.options, document.collection, NameOf(stored.policy()));
  const deid::Policy& policy = made_under ? *made_under : state.PolicyOf(document.collection);
  return Holds(TextToSearch(stored.text(), stored.title(), stored.attributes()),
               {document.source, patients, policy.roster_scope}, policy);
}

bool Sweep::Holds(std::string_view text, const deid::RosterQuery& query, const deid::Policy& policy) const {
  if (identities_->empty()) return false;
  const deid::Text folded(text);
  std::vector<deid::Finding> findings;
  identities_->Find(folded, query, findings);
  return std::any_of(findings.begin(), findings.end(), [&](const deid::Finding& finding) {
    return policy.Removes(finding) && !deid::IsInPlaceholder(folded.folded(), finding.begin, finding.end);
  });
}

std::vector<PatientId> Sweep::PatientsOf(const CleanDocument& stored) const {
  std::vector<PatientId> patients;
  for (const PatientId& opaque : stored.patients()) {
    const auto native = about_->mentioned.find(opaque);
    if (native != about_->mentioned.end()) patients.push_back(native->second);
  }
  return patients;
}

std::optional<CleanDocument> Sweep::Stored(const DocumentKey& document, const Version& version) const {
  if (parts_.context.store == nullptr) return std::nullopt;
  const auto view = parts_.context.store->CurrentView();
  for (const store::StoredDocument& row : view->Lookup(document.collection, document.document)) {
    if (row.sealed.empty() || row.origin.source != document.source || row.origin.version != version) continue;
    const Result<SealedClean> sealed = DecodeSealedClean(row.sealed);
    if (!sealed.ok()) return std::nullopt;
    Result<CleanDocument> clean = DecodeSealed(*sealed, row.origin, *parts_.context.parts.keys);
    if (clean.ok()) return std::move(*clean);
  }
  return std::nullopt;
}

Result<bool> Sweep::PolicyTouches(const Origin& origin, const Upsert& upsert,
                                  const std::optional<CleanDocument>& stored) {
  const auto before = about_->policies.find(origin.collection);
  if (before == about_->policies.end()) return false;
  const deid::DeidState state = parts_.state();
  if (stored && stored->policy() == state.PolicyOf(origin.collection).Stamp()) return false;
  if (stored && NameOf(stored->policy()) == state.PolicyOf(origin.collection).name) {
    const deid::Deid::Input input{origin, upsert};
    auto outcomes = parts_.stage.Process({&input, 1}, state);
    if (!outcomes[0].ok()) return outcomes[0].status();
    const auto* forward = std::get_if<Forward<CleanDocument>>(&*outcomes[0]);
    return forward == nullptr || forward->body.text() != stored->text() || forward->body.title() != stored->title() ||
           forward->body.attributes() != stored->attributes() || forward->body.effective() != stored->effective();
  }
  return true;
}

}  // namespace freshet
