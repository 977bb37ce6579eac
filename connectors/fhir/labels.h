// What security labels do to access: the scope that a resource hangs on, and who may read what hangs there.
//
//   ScopeOf(labels, options)           // "/", "/PSY+R", "/!"
//   ListOf("/PSY+R", options).allow    // who is named by `restricted` for PSY and for R
//
//   scope := "/"                       no label, or none that narrows anything: the option `readers`
//          | "/" code ("+" code)*      labels that the option `restricted` lists, sorted: who may read each of them
//          | "/!"                      a label that narrows and is not listed: nobody
//
// A label narrows where `restricted` lists its code, where it is a confidentiality above N (normal), or where it is of
// v3-ActCode, the system of sensitivities. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/fhir/options.h"
#include "schemas/change.h"

namespace freshet::fhir {

struct Label {
  std::string_view system, code;
};

std::string ScopeOf(const std::vector<Label>& labels, const FhirOptions& options);
AccessChange ListOf(const std::string& scope, const FhirOptions& options);

}  // namespace freshet::fhir
