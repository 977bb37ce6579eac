#include "connectors/native_names.h"

#include "common/base/bytes.h"

namespace freshet {

NativeNames::NativeNames(Options options, const KeyRing& keys) : options_(std::move(options)), keys_(keys) {
  AppendText(place_, options_.tenant.value);
  AppendText(place_, options_.source.value);
  AppendText(place_, options_.collection.value);
}

std::string NativeNames::Opaque(std::string_view purpose, std::string_view native) const {
  if (native.empty()) return {};
  return keys_.OpaqueId(purpose, place_ + std::string(native));
}

DocumentId NativeNames::Document(std::string_view native) const {
  return DocumentId(options_.opaque ? Opaque("document", native) : std::string(native));
}

ScopeId NativeNames::Scope(std::string_view native) const {
  return ScopeId(options_.opaque ? Opaque("scope", native) : std::string(native));
}

PatientId NativeNames::Patient(std::string_view native) const {
  if (native.empty()) return PatientId();
  std::string bound;
  AppendText(bound, options_.tenant.value);
  return PatientId(keys_.OpaqueId("patient", bound.append(native)));
}

std::string NativeNames::Identity(std::string_view native) const {
  if (native.empty()) return {};
  std::string bound;
  AppendText(bound, options_.tenant.value);
  AppendText(bound, options_.source.value);
  return keys_.OpaqueId("identity", bound.append(native));
}

Principal NativeNames::Qualified(const Principal& principal) const {
  const size_t colon = principal.value.find(':');
  if (!options_.own_principals || principal.value == kEveryone || colon == std::string::npos) return principal;
  return Principal(principal.value.substr(0, colon + 1) + options_.source.value + "/" +
                   principal.value.substr(colon + 1));
}

std::string NativeNames::PositionKey(std::string_view key) const { return Opaque("position", key); }

struct NativeNames::Replacer {
  const NativeNames& names;
  const std::string native_document;

  void operator()(Upsert& upsert) const {
    upsert.native_id = native_document;
    upsert.access_scope = names.Scope(upsert.access_scope.value);
    for (PatientId& patient : upsert.patients) patient = names.Patient(patient.value);
  }
  void operator()(AccessChange& change) const {
    change.scope = names.Scope(change.scope.value);
    Qualify(change.allow);
    Qualify(change.deny);
  }
  void operator()(GroupChange& change) const {
    change.group = names.Qualified(change.group);
    Qualify(change.members);
  }
  void operator()(ConsentChange& change) const { change.patient = names.Patient(change.patient.value); }
  void operator()(IdentityChange& change) const {
    change.patient = names.Patient(change.patient.value);
    change.identity = names.Identity(change.identity);
    change.merged_into = names.Patient(change.merged_into.value);
    change.unmerged_from = names.Patient(change.unmerged_from.value);
  }
  template <class NamesNothing>
  void operator()(NamesNothing&) const {}

 private:
  void Qualify(std::vector<Listed>& listed) const {
    for (Listed& one : listed) one.principal = names.Qualified(one.principal);
  }
};

void NativeNames::Replace(ChangeEvent& event) const {
  const Replacer replacer{*this, event.origin.document.value};
  std::visit(replacer, event.change);
  event.origin.document = Document(replacer.native_document);
}

}  // namespace freshet
