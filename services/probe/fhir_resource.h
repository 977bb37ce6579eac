// What the prober's FhirPlace writes to a server and reads of it.
//
//   ProbeResource({.id = "freshet-probe", .text = "Freshet probe kettle.", .hiding = "TBOO"})   // JSON
//   ReadCapability(body)         // may it be written at all, and under which name
//   ReadFound(bundle)            // ids of resources with the prober's identifier, whatever else is there; what follows
//
// Pure functions of FHIR R4 JSON: DocumentReference (security labels in `securityLabel`: those of `meta` stay on
// servers that only ever add to it), CapabilityStatement.rest.resource.{interaction, updateCreate}, Bundle. Any thread.
#pragma once

#include <string>
#include <vector>

#include "common/base/status.h"

namespace freshet::probe {

inline constexpr const char* kProbeType = "DocumentReference";
inline constexpr const char* kProbeName = "freshet-probe";
inline constexpr const char* kProbeSystem = "urn:freshet";
inline constexpr const char* kProbeSearch = "DocumentReference?identifier=urn:freshet%7Cfreshet-probe";

struct ProbeWords {
  std::string id;  // empty: the server is to choose
  std::string text;
  std::string label;   // a code of kProbeSystem, or none
  std::string hiding;  // a sensitivity, of v3-ActCode, or none
};
std::string ProbeResource(const ProbeWords& words);

enum class FhirWriting : uint8_t { kByOurName, kByItsName };
// A server that lists no resources is taken for one that allows all. unsupported_change: it does not list create,
// update or delete; configuration: no CapabilityStatement.
Result<FhirWriting> ReadCapability(const std::string& json);

struct FoundOwn {
  std::vector<std::string> ids;
  std::string next;  // the server's link; empty: this is the last page
};
// configuration: no bundle.
Result<FoundOwn> ReadFound(const std::string& json);

// "7f" of ".../DocumentReference/7f/_history/1" or of ".../DocumentReference/7f"; else nothing.
std::string IdInLocation(const std::string& location);

}  // namespace freshet::probe
