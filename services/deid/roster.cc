#include "services/deid/roster.h"

#include <algorithm>

#include "services/deid/roster_match.h"

namespace freshet::deid {
namespace {

uint64_t HashOfSource(const SourceName& source) {
  uint64_t hash = kHashSeed;
  for (const char c : source.value) hash = HashByte(hash, static_cast<unsigned char>(c));
  return hash * 0x9e3779b97f4a7c15;
}

std::string KeyOfPatient(const SourceName& source, const PatientId& patient) {
  return source.value + '\0' + patient.value;
}

// One identity as its newest change has it; without forms: retracted.
struct Known {
  Version version;
  std::shared_ptr<const IdentityForms> forms;
};

// One patient: its identities by name, and whom it was merged with.
struct Entry {
  std::map<std::string, Known> identities;
  std::string merged_into;
  Version linked;  // of the newest word on merged_into
  std::set<std::string> merged_from;

  bool HasForms() const {
    return std::any_of(identities.begin(), identities.end(),
                       [](const auto& row) { return row.second.forms != nullptr; });
  }
  bool IsEmpty() const {
    return identities.empty() && merged_into.empty() && linked == Version() && merged_from.empty();
  }
};

bool IsNewer(const Version& version, const Version& known) { return version == Version() || version > known; }

struct Tables {
  CowMap<std::string, std::shared_ptr<const Entry>> patients;
  SourceForms by_source;
  CowMap<std::string, uint64_t, 4> compact_lengths;  // of each source's kSource forms
};

class Snapshot final : public Roster {
 public:
  explicit Snapshot(const Tables& tables) : tables_(tables) {}

  bool empty() const override { return tables_.patients.size() == 0; }
  bool Knows(const SourceName& source, const PatientId& patient) const override {
    const auto* entry = tables_.patients.Find(KeyOfPatient(source, patient));
    return entry != nullptr && (*entry)->HasForms();
  }

  // Merges may go in a circle: then the first that comes by again stands for all of them, whoever was asked for.
  PatientId SurvivorOf(const SourceName& source, const PatientId& patient) const override {
    const std::string begin = KeyOfPatient(source, patient);
    std::set<std::string> seen;
    std::string at = begin;
    while (seen.insert(at).second) {
      const auto* entry = tables_.patients.Find(at);
      if (entry == nullptr || (*entry)->merged_into.empty()) return PatientId(at.substr(source.value.size() + 1));
      at = (*entry)->merged_into;
    }
    std::string least = at;
    for (std::string next = (*tables_.patients.Find(at))->merged_into; next != at;
         next = (*tables_.patients.Find(next))->merged_into) {
      least = std::min(least, next);
    }
    return PatientId(least.substr(source.value.size() + 1));
  }

  void Find(const Text& text, const RosterQuery& query, std::vector<Finding>& findings) const override {
    MatchInput input{.source_key = HashOfSource(query.source)};
    std::vector<std::shared_ptr<const IdentityForms>> known = FormsFor(query);
    for (const auto& forms : known) input.identities.push_back(forms.get());
    if (query.scope == RosterScope::kSource) {
      input.by_source = &tables_.by_source;
      const uint64_t* lengths = tables_.compact_lengths.Find(query.source.value);
      input.source_lengths = lengths == nullptr ? 0 : *lengths;
    }
    MatchForms(text, input, findings);
  }

  bool IsBirthDate(const RosterQuery& query, const CalendarDate& date) const override {
    for (const auto& forms : FormsFor(query)) {
      if (std::find(forms->birth_dates.begin(), forms->birth_dates.end(), date) != forms->birth_dates.end())
        return true;
    }
    return false;
  }

 private:
  // All identities of the patients and of those they were merged with.
  std::vector<std::shared_ptr<const IdentityForms>> FormsFor(const RosterQuery& query) const {
    std::vector<std::shared_ptr<const IdentityForms>> known;
    std::set<std::string> seen;
    std::vector<std::string> todo;
    for (const PatientId& patient : query.patients) todo.push_back(KeyOfPatient(query.source, patient));
    while (!todo.empty()) {
      const std::string key = std::move(todo.back());
      todo.pop_back();
      const auto* found = seen.insert(key).second ? tables_.patients.Find(key) : nullptr;
      if (found == nullptr) continue;
      const Entry& entry = **found;
      for (const auto& [name, identity] : entry.identities) {
        if (identity.forms != nullptr) known.push_back(identity.forms);
      }
      if (!entry.merged_into.empty()) todo.push_back(entry.merged_into);
      todo.insert(todo.end(), entry.merged_from.begin(), entry.merged_from.end());
    }
    return known;
  }

  const Tables tables_;
};

}  // namespace

struct RosterBuilder::State {
  Tables tables;

  template <class Change>
  void Edit(const std::string& key, const Change& change) {
    const auto* found = tables.patients.Find(key);
    auto entry = found == nullptr ? std::make_shared<Entry>() : std::make_shared<Entry>(**found);
    change(*entry);
    if (entry->IsEmpty()) {
      tables.patients.Erase(key);
    } else {
      tables.patients.Edit(key) = std::move(entry);
    }
  }

  void Link(const std::string& from, const std::string& into, const Version& version) {
    const auto* found = tables.patients.Find(from);
    if (found != nullptr && !IsNewer(version, (*found)->linked)) return;
    const std::string before = found == nullptr ? "" : (*found)->merged_into;
    if (!before.empty()) Edit(before, [&](Entry& entry) { entry.merged_from.erase(from); });
    Edit(from, [&](Entry& entry) {
      entry.merged_into = into;
      entry.linked = version;
    });
    if (!into.empty()) Edit(into, [&](Entry& entry) { entry.merged_from.insert(from); });
  }

  void Replace(const std::string& key, const SourceName& source, const IdentityChange& change, const Version& version) {
    const auto* found = tables.patients.Find(key);
    Known before;
    if (found != nullptr) {
      const auto old = (*found)->identities.find(change.identity);
      if (old != (*found)->identities.end()) before = old->second;
      if (old != (*found)->identities.end() && !IsNewer(version, before.version)) return;
    }
    if (before.forms != nullptr) Count(source, *before.forms, -1);
    Known now{.version = version};
    if (!change.retracted) now.forms = std::make_shared<const IdentityForms>(FormsOf(change));
    if (now.forms != nullptr) Count(source, *now.forms, +1);
    Edit(key, [&](Entry& entry) {
      if (change.retracted && version == Version()) {
        entry.identities.erase(change.identity);
      } else {
        entry.identities.insert_or_assign(change.identity, now);
      }
    });
  }

  void Count(const SourceName& source, const IdentityForms& forms, int by) {
    const uint64_t key = HashOfSource(source);
    for (const Form& form : forms.forms) {
      if (form.reach != Reach::kSource) continue;
      tables.by_source.Count(key, form, by);
      if (by > 0 && form.tokens == 0) tables.compact_lengths.Edit(source.value) |= uint64_t{1} << form.length;
    }
  }
};

RosterBuilder::RosterBuilder() : state_(std::make_unique<State>()) {}
RosterBuilder::~RosterBuilder() = default;

void RosterBuilder::Apply(const SourceName& source, const IdentityChange& change, const Version& version) {
  const std::string key = KeyOfPatient(source, change.patient);
  // A change that only links patients says nothing of the identity.
  const bool says_who = !change.names.empty() || !change.identifiers.empty() || !change.birth_date.empty() ||
                        !change.addresses.empty() || !change.telecoms.empty();
  if (change.retracted || says_who) state_->Replace(key, source, change, version);
  const bool merges = !change.merged_into.empty() && change.merged_into != change.patient;
  if (merges) {
    state_->Link(key, KeyOfPatient(source, change.merged_into), version);
  } else if (!change.unmerged_from.empty()) {
    state_->Link(key, "", version);
  }
}

std::shared_ptr<const Roster> RosterBuilder::Snapshot() const {
  return std::make_shared<const deid::Snapshot>(state_->tables);
}

size_t RosterBuilder::patients() const { return state_->tables.patients.size(); }

}  // namespace freshet::deid
