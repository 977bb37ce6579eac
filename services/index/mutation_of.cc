#include "services/index/mutation_of.h"

#include "common/base/overloaded.h"
#include "schemas/chunk_record.h"
#include "schemas/codec.h"
#include "schemas/opaque_patient.h"

namespace freshet::index {
namespace {

std::string SectionText(const CleanDocument& clean, const Chunk& chunk) {
  std::string text;
  for (const std::string_view section : SectionOf(clean, chunk)) {
    if (!text.empty()) text += '\n';
    text += section;
  }
  return text;
}

// Whom a document is about is filtered on like an attribute, and is none: hits do not show it.
std::pair<std::string, std::vector<std::string>> PatientFacetOf(const CleanDocument& clean) {
  std::vector<std::string> patients;
  for (const PatientId& patient : clean.patients()) patients.push_back(patient.value);
  return {std::string(kPatientFilter), std::move(patients)};
}

store::PutDocument PutOf(const EmbeddedDocument& document, const Origin& origin, const KeyRing& keys) {
  const CleanDocument& clean = document.chunked.clean;
  store::PutDocument put{.sealed = EncodeSealedClean(Seal(clean, origin, keys)),
                         .title = clean.title(),
                         .access_scope = clean.access_scope(),
                         .effective = clean.effective(),
                         .model = document.model,
                         .dimensions = document.dimensions,
                         .vectors = document.vectors};
  for (const Attribute& attribute : clean.attributes()) put.attributes.emplace_back(attribute.name, attribute.values);
  put.attributes.push_back(PatientFacetOf(clean));
  if (put.attributes.back().second.empty()) put.attributes.pop_back();
  put.chunks.reserve(document.chunked.chunks->size());
  for (const Chunk& chunk : *document.chunked.chunks) {
    put.chunks.push_back({.hash = chunk.hash,
                          .occurrence = chunk.occurrence,
                          .record = EncodeChunkRecord(chunk),
                          .text = std::string(TextOf(clean, chunk)),
                          .section = SectionText(clean, chunk)});
  }
  return put;
}

decltype(store::Mutation::change) ControlOf(const SnapshotEdge& edge) {
  if (edge.side == SnapshotEdge::Side::kBegin) return store::BeginSnapshot{edge.begin_version};
  return store::EndSnapshot{edge.begin_version};
}

decltype(store::Mutation::change) ChangeOf(const UrgentChange& change, const Origin& origin) {
  using Stored = decltype(store::Mutation::change);
  return std::visit(Overloaded{[](const Delete&) -> Stored { return store::DeleteDocument{}; },
                               [](const AccessChange& c) -> Stored {
                                 return store::SetAccess{c.scope, c.allow, c.deny, c.content_version, c.removed};
                               },
                               [](const GroupChange& c) -> Stored {
                                 return store::SetGroup{c.group, c.members};
                               },
                               [](const ConsentChange& c) -> Stored {
                                 return store::SetConsent{c.patient, c.scope};
                               },
                               [](const Withhold& c) -> Stored {
                                 return store::SetWithheld{true, c.reason};
                               },
                               [](const Release& c) -> Stored {
                                 return store::SetWithheld{false, c.reason};
                               },
                               [&](const Confirm&) -> Stored { return store::ConfirmDeletes{origin.version}; }},
                    change);
}

template <class Body, class PutBody>
store::Mutation FromArrival(const Arrival<Body>& arrival, PutBody put_body) {
  using Stored = decltype(store::Mutation::change);
  const auto& envelope = arrival.envelope;
  store::Mutation mutation{.origin = envelope.origin, .position = arrival.position};
  mutation.change =
      std::visit(Overloaded{[&](const Body& body) -> Stored { return put_body(body, envelope.origin); },
                            [](const Skipped& skipped) -> Stored {
                              return store::SkipDocument{skipped.code, skipped.stage};
                            },
                            [](const Heartbeat& beat) -> Stored { return store::AdvanceTime{beat.committed_up_to}; },
                            [](const SnapshotEdge& edge) -> Stored { return ControlOf(edge); },
                            [](const Present&) -> Stored { return store::MarkPresent{}; },
                            [](const Lost& lost) -> Stored {
                              return store::LoseRecords{lost.code, lost.count, lost.stage};
                            }},
                 envelope.payload);
  return mutation;
}

}  // namespace

store::Mutation MutationOf(const SinkInput& input, const KeyRing& keys, Time now) {
  using Stored = decltype(store::Mutation::change);
  store::Mutation mutation = std::visit(
      Overloaded{[&](const Arrival<EmbeddedDocument>& arrival) {
                   return FromArrival(arrival, [&](const EmbeddedDocument& document, const Origin& origin) -> Stored {
                     return PutOf(document, origin, keys);
                   });
                 },
                 [&](const Arrival<UrgentChange>& arrival) {
                   return FromArrival(arrival, [](const UrgentChange& change, const Origin& origin) -> Stored {
                     return ChangeOf(change, origin);
                   });
                 }},
      input);
  mutation.origin.StampOf(Step::kIndex) = now;
  return mutation;
}

Result<std::vector<store::LexicalText>> LexicalTextsOf(const Origin& origin, const std::string& sealed,
                                                       std::span<const std::string> records, const KeyRing& keys) {
  FRESHET_ASSIGN_OR_RETURN(const SealedClean parts, DecodeSealedClean(sealed));
  FRESHET_ASSIGN_OR_RETURN(const CleanDocument clean, DecodeSealed(parts, origin, keys));
  std::vector<store::LexicalText> texts;
  texts.reserve(records.size());
  for (const std::string& record : records) {
    FRESHET_ASSIGN_OR_RETURN(const Chunk chunk, DecodeChunkRecord(record, clean));
    texts.push_back({clean.title(), SectionText(clean, chunk), std::string(TextOf(clean, chunk))});
  }
  return texts;
}

}  // namespace freshet::index
