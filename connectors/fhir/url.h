// Url: an absolute http or https address, in the parts that a request needs.
//
//   FRESHET_ASSIGN_OR_RETURN(const Url base, Url::Parse("https://ehr.example.org/fhir/r4/"));
//   base.Resolve("Patient/7")                       // https://ehr.example.org/fhir/r4/Patient/7
//   base.Resolve("https://inside:8080/fhir/r4?x=1") // as it is
//
// A plain value.
#pragma once

#include <string>
#include <string_view>

#include "common/base/status.h"

namespace freshet::fhir {

struct Url {
  std::string origin;  // "https://ehr.example.org:8443"
  std::string path;    // "/fhir/r4?_count=7", never empty after Resolve; of a base without a slash at its end

  // invalid_argument.
  static Result<Url> Parse(std::string_view text);
  // A reference as it stands in a resource or a link: absolute, from the origin ("/x"), or below this ("x").
  Result<Url> Resolve(std::string_view reference) const;
  std::string ToString() const { return origin + path; }
};

// All but the unreserved characters of RFC 3986 as %XX.
std::string PercentEncoded(std::string_view text);

}  // namespace freshet::fhir
