#include "schemas/wire.h"

#include <algorithm>

#include "common/base/utf8.h"
#include "schemas/codec.h"

namespace freshet::wire {

Result<std::string> Serialize(const google::protobuf::MessageLite& message) {
  const size_t size = message.ByteSizeLong();
  if (size > kMaxMessageBytes) {
    return Status(Code::kDocumentTooLarge, "a message of " + std::to_string(size) + " bytes");
  }
  std::string bytes;
  if (!message.SerializeToString(&bytes)) return Status(Code::kInternalError, "serialize");
  return bytes;
}

bool PutText(std::string_view text, std::string* out) {
  if (!IsValidUtf8(text)) return false;
  out->assign(text);
  return true;
}

void ToWire(const Version& version, v1::Version* out) {
  out->set_epoch(version.epoch);
  out->set_position(version.position);
  out->set_ordinal(version.ordinal);
}

Version FromWire(const v1::Version& in) {
  return {.epoch = in.epoch(), .position = in.position(), .ordinal = in.ordinal()};
}

bool ToWire(const Origin& origin, v1::Origin* out) {
  bool valid = PutText(origin.source.value, out->mutable_source());
  valid &= PutText(origin.collection.value, out->mutable_collection());
  valid &= PutText(origin.document.value, out->mutable_document());
  valid &= PutText(origin.traceparent, out->mutable_traceparent());
  ToWire(origin.version, out->mutable_version());
  out->mutable_revision()->set_deid_run(origin.revision.deid_run);
  out->mutable_revision()->set_embed_run(origin.revision.embed_run);
  out->set_committed_us(ToMicros(origin.committed));
  for (const Time stamp : origin.stamps) out->add_stamps_us(ToMicros(stamp));
  out->set_generation(origin.generation);
  return valid;
}

Origin FromWire(v1::Origin& in) {
  Origin origin{.source = SourceName(std::move(*in.mutable_source())),
                .collection = CollectionName(std::move(*in.mutable_collection())),
                .document = DocumentId(std::move(*in.mutable_document())),
                .version = FromWire(in.version()),
                .revision = {.deid_run = in.revision().deid_run(), .embed_run = in.revision().embed_run()},
                .committed = FromMicros(in.committed_us()),
                .traceparent = std::move(*in.mutable_traceparent())};
  const int stamps = std::min<int>(in.stamps_us_size(), kStepCount);
  for (int i = 0; i < stamps; ++i) origin.stamps[i] = FromMicros(in.stamps_us(i));
  if (in.generation() != 0) origin.generation = in.generation();
  return origin;
}

bool ToWire(const std::vector<Attribute>& attributes, google::protobuf::RepeatedPtrField<v1::Attribute>* out) {
  bool valid = true;
  for (const Attribute& attribute : attributes) {
    v1::Attribute* const added = out->Add();
    valid &= PutText(attribute.name, added->mutable_name());
    valid &= PutAll(attribute.values, added->mutable_values());
  }
  return valid;
}

std::vector<Attribute> FromWire(google::protobuf::RepeatedPtrField<v1::Attribute>& in) {
  std::vector<Attribute> attributes;
  attributes.reserve(in.size());
  for (v1::Attribute& attribute : in) {
    attributes.push_back({std::move(*attribute.mutable_name()), TakeAll<std::string>(attribute.mutable_values())});
  }
  return attributes;
}

Code CodeFromName(std::string_view name, Code otherwise) { return CodeOf(name).value_or(otherwise); }

Step StepFromName(std::string_view name) {
  for (size_t i = 0; i < kStepCount; ++i) {
    if (NameOf(static_cast<Step>(i)) == name) return static_cast<Step>(i);
  }
  return Step::kCaptured;
}

}  // namespace freshet::wire
