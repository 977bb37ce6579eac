// A message whose first field is large, serialised with one copy of that field rather than two.
//
//   std::string bytes = wire::WithLargeField(v1::Upsert::kContentFieldNumber, content, rest);
//
// Internal to schemas. The bytes are those of the whole message: `number` must be lower than every field set in `rest`.
#pragma once

#include <google/protobuf/message_lite.h>

#include <string>
#include <string_view>

namespace freshet::wire {

std::string WithLargeField(int number, std::string_view field, const google::protobuf::MessageLite& rest);

}  // namespace freshet::wire
