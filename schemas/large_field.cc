#include "schemas/large_field.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

namespace freshet::wire {

std::string WithLargeField(int number, std::string_view field, const google::protobuf::MessageLite& rest) {
  using google::protobuf::internal::WireFormatLite;
  uint8_t head[16];
  std::string bytes;
  bytes.reserve(sizeof head + field.size() + rest.ByteSizeLong());
  if (!field.empty()) {
    uint8_t* end = WireFormatLite::WriteTagToArray(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, head);
    end = google::protobuf::io::CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(field.size()), end);
    bytes.append(reinterpret_cast<const char*>(head), end - head);
    bytes += field;
  }
  rest.AppendToString(&bytes);
  return bytes;
}

}  // namespace freshet::wire
