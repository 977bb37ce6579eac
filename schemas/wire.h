// What the codecs share: parsing, size-checked serialising, and the parts that occur in many records.
//
//   FRESHET_ASSIGN_OR_RETURN(v1::CleanRecord record, wire::Parse<v1::CleanRecord>(bytes));
//   return wire::Serialize(record);
//
// Internal to schemas. ToWire returns false where a text is not UTF-8 (its field is then left empty); FromWire takes a
// record apart by moving its strings out. Free functions without state: any thread.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <climits>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/origin.h"
#include "common/base/status.h"
#include "schemas/change.h"
#include "schemas/change.pb.h"

namespace freshet::wire {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

template <class Message>
Result<Message> Parse(std::string_view bytes) {
  Message message;
  if (bytes.size() > INT_MAX || !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Status(Code::kCorruptRecord, "not a " + message.GetTypeName());
  }
  return message;
}

// document_too_large over kMaxMessageBytes.
Result<std::string> Serialize(const google::protobuf::MessageLite& message);

bool PutText(std::string_view text, std::string* out);

template <class Id>
bool PutAll(const std::vector<Id>& ids, Texts* out) {
  bool valid = true;
  for (const Id& id : ids) {
    if constexpr (std::is_same_v<Id, std::string>) {
      valid &= PutText(id, out->Add());
    } else {
      valid &= PutText(id.value, out->Add());
    }
  }
  return valid;
}

template <class Id>
std::vector<Id> TakeAll(Texts* in) {
  std::vector<Id> ids;
  ids.reserve(in->size());
  for (std::string& text : *in) ids.emplace_back(std::move(text));
  return ids;
}

void ToWire(const Version& version, v1::Version* out);
Version FromWire(const v1::Version& in);

bool ToWire(const Origin& origin, v1::Origin* out);
Origin FromWire(v1::Origin& in);

bool ToWire(const std::vector<Attribute>& attributes, google::protobuf::RepeatedPtrField<v1::Attribute>* out);
std::vector<Attribute> FromWire(google::protobuf::RepeatedPtrField<v1::Attribute>& in);

// Of a newer writer's name: the code or step that says the least.
Code CodeFromName(std::string_view name, Code otherwise = Code::kInternalError);
Step StepFromName(std::string_view name);

}  // namespace freshet::wire
