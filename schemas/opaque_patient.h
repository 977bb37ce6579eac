// OpaquePatient: the name of a source's patient wherever content is no PHI any more: in clean documents, consent
// changes, stores and filters. The same native id gives the same name, as long as the tenant's oldest key stays.
//
//   PatientId shown = OpaquePatient(keys, PatientId("MRN-4711"));      // 32 hexadecimal digits
//
// The ring must hold the id key (KeyRing::Require). Any thread.
#pragma once

#include <string_view>

#include "common/base/ids.h"
#include "common/crypto/keys.h"

namespace freshet {

// The filter, and the attribute in the index, that say whom a document is about.
inline constexpr std::string_view kPatientFilter = "patient";

inline PatientId OpaquePatient(const KeyRing& keys, const PatientId& native) {
  return PatientId(keys.OpaqueId("patient", native.value));
}

}  // namespace freshet
