// Decoder: a resource in one version, or that it is gone, to changes.
//
//   Decoder decoder(options, read);
//   FRESHET_RETURN_IF_ERROR(decoder.Decode(std::move(entry), Told::kAsChange, changes));
//
//   resource                                         what becomes of it
//   Patient, RelatedPerson                           identities (people.h)
//   Consent                                          a ConsentChange of its patient
//   Practitioner, PractitionerRole, Person, Bundle   nothing
//   Observation in which nobody wrote                nothing, or a delete where there was an earlier version
//     (no narrative, note, valueString), unless all_observations
//   any other of `types`                             an Upsert of "<type>/<id>": the resource's JSON with its
//   attachments status entered-in-error                          a Delete, entered in error; a Patient's identity is
//   retracted status superseded, cancelled                     a Delete deleted a Delete; a Patient's identity is
//   retracted over the limit, broken, attachment missing       an Upsert with `refused`
//
// Decode's codes: those of reading an attachment that may get better. One thread.
#pragma once

#include <vector>

#include "connectors/fhir/attachments.h"
#include "connectors/fhir/entry.h"
#include "connectors/fhir/options.h"
#include "schemas/change.h"

namespace freshet::fhir {

inline constexpr std::string_view kMediaType = "application/fhir+json";

// A listing tells what is there: what makes no document is not mentioned, and so deleted at its end.
enum class Told : uint8_t { kAsChange, kInListing };

struct DecodedEntry {
  Entry entry;                  // without its resource
  std::vector<Change> changes;  // of the document, or of patients
  bool document = false;        // it is, or was, a document
};

class Decoder {
 public:
  Decoder(const FhirOptions& options, decltype(AttachmentRules::read) read);
  ~Decoder();

  Result<DecodedEntry> Decode(Entry entry, Told told);
  // not_found: the resource is none that can be shown.
  Result<Upsert> DecodeAlone(Entry entry);

 private:
  struct Parser;
  Status AddDocument(DecodedEntry& to, Told told);

  const FhirOptions& options_;
  const AttachmentRules rules_;
  const std::unique_ptr<Parser> parser_;
};

}  // namespace freshet::fhir
