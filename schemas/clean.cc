// What a seal is over, so that a body cannot be moved to another document, version or de-identification run:
//   input   := "freshet.clean.v1" text(source) text(collection) text(document) version(24) deid_run(8) body
//   text(s) := length(4, big-endian) s          version, deid_run := big-endian
// Not in it: generation and embedding run, which change while the text stays.
#include "schemas/clean.h"

#include "common/base/bytes.h"
#include "schemas/clean_wire.h"

namespace freshet {
namespace {

void AppendSized(std::string& out, std::string_view text) {
  AppendBig32(out, static_cast<uint32_t>(text.size()));
  out += text;
}

std::string CoordinatesOf(const Origin& origin) {
  std::string bytes = "freshet.clean.v1";
  AppendSized(bytes, origin.source.value);
  AppendSized(bytes, origin.collection.value);
  AppendSized(bytes, origin.document.value);
  AppendVersion(bytes, origin.version);
  AppendBig64(bytes, origin.revision.deid_run);
  return bytes;
}

size_t HeapBytes(const std::string& text) { return text.capacity() < 16 ? 0 : text.capacity() + 1; }

}  // namespace

size_t CleanDocument::MemoryBytes() const {
  const CleanFields& fields = *fields_;
  size_t bytes = sizeof *this + sizeof fields + HeapBytes(fields.text) + HeapBytes(fields.title) +
                 HeapBytes(fields.uri) + HeapBytes(fields.access_scope.value) + HeapBytes(fields.policy);
  bytes += fields.blocks.capacity() * sizeof(Block);
  for (const Block& block : fields.blocks) bytes += HeapBytes(block.source_place);
  bytes += fields.attributes.capacity() * sizeof(Attribute);
  for (const Attribute& attribute : fields.attributes) {
    bytes += HeapBytes(attribute.name) + attribute.values.capacity() * sizeof(std::string);
    for (const std::string& value : attribute.values) bytes += HeapBytes(value);
  }
  bytes += fields.patients.capacity() * sizeof(PatientId);
  for (const PatientId& patient : fields.patients) bytes += HeapBytes(patient.value);
  return bytes;
}

SealedClean Seal(const CleanDocument& clean, const Origin& origin, const KeyRing& keys) {
  SealedClean sealed{.body = wire::BodyOf(clean)};
  const std::string coordinates = CoordinatesOf(origin);
  const std::string_view input[] = {coordinates, sealed.body};
  KeyRing::Seal seal = keys.Mac(input);
  sealed.seal = std::move(seal.mac);
  sealed.key_id = std::move(seal.key_id);
  return sealed;
}

Result<CleanDocument> DecodeSealed(const SealedClean& sealed, const Origin& origin, const KeyRing& keys) {
  const std::string coordinates = CoordinatesOf(origin);
  const std::string_view input[] = {coordinates, sealed.body};
  FRESHET_RETURN_IF_ERROR(keys.CheckMac(input, {.mac = sealed.seal, .key_id = sealed.key_id}));
  FRESHET_ASSIGN_OR_RETURN(CleanFields fields, wire::FieldsOf(sealed.body));
  return CleanDocument(std::move(fields));
}

}  // namespace freshet
