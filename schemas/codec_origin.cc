#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "schemas/codec.h"
#include "schemas/wire.h"

namespace freshet {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

bool MergeOrigin(CodedInputStream& in, v1::Origin& origin) {
  uint32_t length = 0;
  if (!in.ReadVarint32(&length) || length > INT_MAX) return false;
  const CodedInputStream::Limit limit = in.PushLimit(static_cast<int>(length));
  if (!origin.MergeFromCodedStream(&in) || !in.ConsumedEntireMessage()) return false;
  const bool is_whole = in.BytesUntilLimit() == 0;
  in.PopLimit(limit);
  return is_whole;
}

}  // namespace

// Steps over the body instead of parsing it: it may be of 16 MB, and corrupt.
Result<Origin> DecodeOrigin(std::string_view bytes) {
  static constexpr uint32_t kOriginTag =
      WireFormatLite::MakeTag(v1::ChangeRecord::kOriginFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  const Status corrupt(Code::kCorruptRecord, "a record without an origin");
  if (bytes.size() > INT_MAX) return corrupt;
  CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
  v1::Origin origin;
  bool found = false;
  for (uint32_t tag = in.ReadTag(); tag != 0; tag = in.ReadTag()) {
    if (tag == kOriginTag) {
      if (!MergeOrigin(in, origin)) return corrupt;
      found = true;
    } else if (found || !WireFormatLite::SkipField(&in, tag)) {
      break;  // an origin comes first
    }
  }
  if (!found) return corrupt;
  return wire::FromWire(origin);
}

}  // namespace freshet
