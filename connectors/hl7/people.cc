#include "connectors/hl7/people.h"

#include <algorithm>
#include <map>

#include "connectors/hl7/person.h"

namespace freshet::hl7 {
namespace {

class People {
 public:
  People(const Message& message, const PatientRule& rule) : message_(message), rule_(rule) {}

  Result<std::vector<ChangeEvent>> Read() && {
    for (const Segment& segment : message_.segments()) {
      if (segment.name == "PID") BeginPatient(segment);
      if (patient_.empty()) continue;
      if (IsPerson(segment.name)) AddPerson(segment);
      if (segment.name == "MRG" && rule_.head.type == "ADT") AddPrior(segment);
    }
    if (rule_.head.type == "ADT" && patients_.size() == 2 && rule_.head.trigger == "A24") {
      Link(patients_[1], patients_[0]);
    }
    if (rule_.head.type == "ADT" && patients_.size() == 2 && rule_.head.trigger == "A37") Unlink();
    if (too_many_) return Status(Code::kDocumentTooLarge, "A message of over 4096 identities");
    return std::move(events_);
  }

 private:
  void Add(IdentityChange change) {
    too_many_ = too_many_ || events_.size() >= kMostIdentities;
    if (!too_many_) events_.push_back({.origin = {}, .change = std::move(change)});
  }

  void BeginPatient(const Segment& pid) {
    patient_ = PatientOf(message_, pid, rule_);
    counts_.clear();
    if (!patient_.empty()) patients_.push_back(patient_);
  }

  void AddPerson(const Segment& segment) {
    const bool goes = rule_.head.type == "ADT" && rule_.head.trigger == "A29";
    if (goes && segment.name != "PID") return;
    IdentityChange identity = goes ? IdentityChange{.retracted = true} : PersonOf(message_, segment);
    if (!goes && SaysNothing(identity)) return;
    identity.patient = PatientId(patient_);
    std::string name = "pid";
    if (segment.name != "PID") name = std::string(segment.name) + "/" + std::to_string(++counts_[segment.name]);
    identity.identity = name + "@" + rule_.head.sender;
    Add(std::move(identity));
  }

  void AddPrior(const Segment& mrg) {
    const std::string& trigger = rule_.head.trigger;
    const bool merges = IsOneOf(trigger, {"A18", "A30", "A34", "A36", "A39", "A40", "A43", "A46", "A47"});
    std::vector<std::string> priors;
    for (const std::string_view repeat : message_.Repeats(mrg.Field(1))) priors.push_back(CxOf(message_, repeat));
    if (mrg.Field(1).empty()) priors = {CxOf(message_, mrg.Field(4))};
    for (const std::string& prior : priors) {
      if (merges) Link(prior, patient_);
    }
    if (IsOneOf(trigger, {"A35", "A36", "A41", "A44", "A49"})) AddNumber("account", mrg.Field(3), priors);
    if (IsOneOf(trigger, {"A42", "A45", "A50"})) AddNumber("visit", mrg.Field(5), priors);
  }

  void Link(const std::string& from, const std::string& into) {
    if (from.empty() || from == into) return;
    IdentityChange link{.patient = PatientId(from), .identity = "merge"};
    link.merged_into = PatientId(into);
    Add(std::move(link));
  }

  // Whichever of the two was merged into the other.
  void Unlink() {
    for (const size_t i : {size_t{0}, size_t{1}}) {
      IdentityChange unlink{.patient = PatientId(patients_[i]), .identity = "merge"};
      unlink.unmerged_from = PatientId(patients_[1 - i]);
      Add(std::move(unlink));
    }
  }

  // An account or a visit came to this patient.
  void AddNumber(const char* kind, std::string_view field, const std::vector<std::string>& priors) {
    const std::string value = message_.Component(field, 1);
    if (value.empty()) return;
    IdentityChange number{.patient = PatientId(patient_), .identity = std::string(kind) + "/" + value};
    number.identifiers.push_back({kind, value});
    for (const std::string& prior : priors) {
      if (prior.empty() || prior == patient_) continue;
      IdentityChange gone{.patient = PatientId(prior), .identity = number.identity, .retracted = true};
      Add(std::move(gone));
    }
    Add(std::move(number));
  }

  const Message& message_;
  const PatientRule& rule_;
  std::vector<ChangeEvent> events_;
  std::string patient_;
  std::vector<std::string> patients_;
  std::map<std::string_view, int> counts_;
  bool too_many_ = false;
};

}  // namespace

Result<std::vector<ChangeEvent>> IdentitiesOf(const Message& message, const PatientRule& rule) {
  return People(message, rule).Read();
}

}  // namespace freshet::hl7
