// FhirPlace: the prober's place in a FHIR server that allows writing: a DocumentReference of its own, made, changed and
// deleted by the server's own REST interface.
//
//   FRESHET_ASSIGN_OR_RETURN(auto place, FhirPlace::Make({.token = token, .label = "PROBE"}, source, "user:prober"));
//
// Where the server takes names that a client gives (updateCreate of its CapabilityStatement) the resource is
// DocumentReference/freshet-probe for ever; else each round makes one, which the next finds by its identifier,
// urn:freshet|freshet-probe. What does not carry that is never touched, whatever a search answers. The reader sees it
// by the security label `label`, which the source's `restricted` gives the reader, or without one as any document;
// access is taken away by a further label, of v3-ActCode, that nobody may read.
//
// Codes of Make: configuration (the source reads no such document, or the reader would not see it). Of the others:
// unsupported_change (the server does not allow such writing), unauthenticated, permission_denied, unavailable,
// configuration (the server refuses the resource). One thread.
#pragma once

#include <memory>
#include <string>

#include "common/config/options.h"
#include "connectors/fhir/options.h"
#include "services/probe/probe.h"

namespace freshet::probe {

struct FhirPlaceOptions {
  std::string token;
  std::string label;
  std::string url;
};

class FhirPlace final : public ProbePlace {
 public:
  static Result<std::unique_ptr<FhirPlace>> Make(const FhirPlaceOptions& options, const fhir::FhirOptions& source,
                                                 const std::string& reader);
  ~FhirPlace() override;

  Status Write(const std::string& text) override;
  Status Permit(bool permitted) override;
  Status Remove() override;

 private:
  struct Wire;
  FhirPlace(std::unique_ptr<Wire> wire, std::string label, std::string hiding);
  Status Learn();
  Status Put();
  Status Delete(const std::string& id);
  Status RemoveFound();

  const std::unique_ptr<Wire> wire_;
  const std::string label_, hiding_;
  bool learned_ = false;
  bool named_ = false;  // the server takes our name for it
  bool permitted_ = false;
  std::string text_;  // empty: there is no document
  std::string id_;    // of the server's choice, while there is one
};

}  // namespace freshet::probe

namespace freshet {

template <>
struct OptionTable<probe::FhirPlaceOptions> {
  using Options = probe::FhirPlaceOptions;
  static constexpr auto fields =
      std::tuple{Field("token", &Options::token, "Of a client that may write DocumentReference.").Secret(),
                 Field("label", &Options::label,
                       "A code of the source's `restricted` that the reader may see; without one it must be among the "
                       "source's `readers`."),
                 Field("url", &Options::url, "Where to write, if it is not where the source reads.")};
};

}  // namespace freshet
