#include "services/deid/roster.h"

#include <algorithm>
#include <map>
#include <set>

#include "services/deid/forms_cache.h"
#include "services/deid/packed_map.h"
#include "services/deid/packed_text.h"
#include "services/deid/roster_match.h"
#include "services/deid/roster_record.h"

namespace freshet::deid {
namespace {

uint64_t HashOfSource(const SourceName& source) {
  uint64_t hash = kHashSeed;
  for (const char c : source.value) hash = HashByte(hash, static_cast<unsigned char>(c));
  return hash * 0x9e3779b97f4a7c15;
}

bool IsNewer(const Version& version, const Version& known) { return version == Version() || version > known; }

struct Tables {
  std::map<std::string, uint32_t> sources;
  PackedMap patients;
  SourceForms by_source;
  std::map<std::string, uint64_t> compact_lengths;  // of each source's kSource forms
  std::shared_ptr<FormsCache> cache = std::make_shared<FormsCache>();

  // Empty for a source that nobody was ever of.
  std::string KeyOf(const SourceName& source, std::string_view patient) const {
    const auto number = sources.find(source.value);
    if (number == sources.end()) return {};
    std::string key;
    AppendVarint(number->second, key);
    AppendPacked(patient, key);
    return key;
  }
  RosterRecord RecordOf(const SourceName& source, std::string_view patient) const {
    const std::string key = KeyOf(source, patient);
    return key.empty() ? RosterRecord() : UnpackRecord(patients.Find(key));
  }
};

class Snapshot final : public Roster {
 public:
  explicit Snapshot(const Tables& tables) : tables_(tables) {}

  bool empty() const override { return tables_.patients.size() == 0; }
  bool Knows(const SourceName& source, const PatientId& patient) const override {
    const auto forms = FormsAt(source, patient.value);
    return forms != nullptr && !forms->identities.empty();
  }

  // Merges may go in a circle: then the first that comes by again stands for all of them, whoever was asked for.
  PatientId SurvivorOf(const SourceName& source, const PatientId& patient) const override {
    std::set<std::string> seen;
    std::string at = patient.value;
    while (seen.insert(at).second) {
      std::string next = tables_.RecordOf(source, at).merged_into;
      if (next.empty()) return PatientId(std::move(at));
      at = std::move(next);
    }
    std::string least = at;
    for (std::string next = tables_.RecordOf(source, at).merged_into; next != at;
         next = tables_.RecordOf(source, next).merged_into) {
      least = std::min(least, next);
    }
    return PatientId(std::move(least));
  }

  void Find(const Text& text, const RosterQuery& query, std::vector<Finding>& findings) const override {
    MatchInput input{.source_key = HashOfSource(query.source)};
    const auto patients = PatientsOf(query);
    for (const auto& patient : patients) {
      for (const IdentityForms& forms : patient->identities) input.identities.push_back(&forms);
    }
    if (query.scope == RosterScope::kSource) {
      input.by_source = &tables_.by_source;
      const auto lengths = tables_.compact_lengths.find(query.source.value);
      input.source_lengths = lengths == tables_.compact_lengths.end() ? 0 : lengths->second;
    }
    MatchForms(text, input, findings);
  }

  bool IsBirthDate(const RosterQuery& query, const CalendarDate& date) const override {
    for (const auto& patient : PatientsOf(query)) {
      for (const IdentityForms& forms : patient->identities) {
        const auto& days = forms.birth_dates;
        if (std::find(days.begin(), days.end(), date) != days.end()) return true;
      }
    }
    return false;
  }

 private:
  // Null where nothing is known.
  std::shared_ptr<const PatientForms> FormsAt(const SourceName& source, std::string_view patient) const {
    const std::string key = tables_.KeyOf(source, patient);
    const std::string_view record = key.empty() ? std::string_view() : tables_.patients.Find(key);
    return record.empty() ? nullptr : tables_.cache->Get(record);
  }

  // The patients and those they were merged with.
  std::vector<std::shared_ptr<const PatientForms>> PatientsOf(const RosterQuery& query) const {
    std::vector<std::shared_ptr<const PatientForms>> known;
    std::set<std::string> seen;
    std::vector<std::string> todo;
    for (const PatientId& patient : query.patients) todo.push_back(patient.value);
    while (!todo.empty()) {
      const std::string at = std::move(todo.back());
      todo.pop_back();
      if (!seen.insert(at).second) continue;
      auto patient = FormsAt(query.source, at);
      if (patient == nullptr) continue;
      if (!patient->merged_into.empty()) todo.push_back(patient->merged_into);
      todo.insert(todo.end(), patient->merged_from.begin(), patient->merged_from.end());
      known.push_back(std::move(patient));
    }
    return known;
  }

  const Tables tables_;
};

}  // namespace

struct RosterBuilder::State {
  Tables tables;

  template <class Change>
  void Edit(const SourceName& source, const std::string& patient, const Change& change) {
    tables.sources.try_emplace(source.value, static_cast<uint32_t>(tables.sources.size()));
    const std::string key = tables.KeyOf(source, patient);
    RosterRecord record = UnpackRecord(tables.patients.Find(key));
    change(record);
    tables.patients.Put(key, PackRecord(record));
  }

  void Link(const SourceName& source, const std::string& from, const std::string& into, const Version& version) {
    const RosterRecord before = tables.RecordOf(source, from);
    if (!before.empty() && !IsNewer(version, before.linked)) return;
    if (!before.merged_into.empty()) {
      Edit(source, before.merged_into, [&](RosterRecord& record) { record.merged_from.erase(from); });
    }
    Edit(source, from, [&](RosterRecord& record) {
      record.merged_into = into;
      record.linked = version;
    });
    if (!into.empty()) Edit(source, into, [&](RosterRecord& record) { record.merged_from.insert(from); });
  }

  void Replace(const SourceName& source, const IdentityChange& change, const Version& version) {
    const RosterRecord known = tables.RecordOf(source, change.patient.value);
    if (const auto before = known.identities.find(change.identity); before != known.identities.end()) {
      if (!IsNewer(version, before->second.version)) return;
      if (before->second.who) Count(source, *before->second.who, -1);
    }
    KnownIdentity now{.version = version};
    if (!change.retracted) now.who = Searched(change);
    if (now.who) Count(source, *now.who, +1);
    Edit(source, change.patient.value, [&](RosterRecord& record) {
      if (change.retracted && version == Version()) {
        record.identities.erase(change.identity);
      } else {
        record.identities.insert_or_assign(change.identity, std::move(now));
      }
    });
  }

  void Count(const SourceName& source, const IdentityChange& who, int by) {
    const IdentityForms forms = SourceFormsOf(who);
    tables.by_source.Count(HashOfSource(source), forms, by);
    if (by < 0) return;
    uint64_t& lengths = tables.compact_lengths[source.value];
    for (const Form& form : forms.forms) {
      if (form.reach == Reach::kSource && form.tokens == 0) lengths |= uint64_t{1} << form.length;
    }
  }
};

RosterBuilder::RosterBuilder() : state_(std::make_unique<State>()) {}
RosterBuilder::~RosterBuilder() = default;

void RosterBuilder::Apply(const SourceName& source, const IdentityChange& change, const Version& version) {
  // A change that only links patients says nothing of the identity.
  const bool says_who = !change.names.empty() || !change.identifiers.empty() || !change.birth_date.empty() ||
                        !change.addresses.empty() || !change.telecoms.empty();
  if (change.retracted || says_who) state_->Replace(source, change, version);
  const bool merges = !change.merged_into.empty() && change.merged_into != change.patient;
  if (merges) {
    state_->Link(source, change.patient.value, change.merged_into.value, version);
  } else if (!change.unmerged_from.empty()) {
    state_->Link(source, change.patient.value, "", version);
  }
}

std::shared_ptr<const Roster> RosterBuilder::Snapshot() const {
  return std::make_shared<const deid::Snapshot>(state_->tables);
}

size_t RosterBuilder::patients() const { return state_->tables.patients.size(); }

size_t RosterBuilder::MemoryBytes() const {
  return state_->tables.patients.MemoryBytes() + state_->tables.by_source.MemoryBytes();
}

}  // namespace freshet::deid
