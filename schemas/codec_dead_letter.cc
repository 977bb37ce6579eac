#include "schemas/codec.h"
#include "schemas/dead_letter.pb.h"
#include "schemas/wire.h"

namespace freshet {

// Coordinates that are not UTF-8 are left out rather than the letter lost.
std::string EncodeDeadLetter(const DeadLetter& letter) {
  v1::DeadLetter out;
  (void)wire::ToWire(letter.origin, out.mutable_origin());
  out.set_code(std::string(NameOf(letter.code)));
  out.set_stage(std::string(NameOf(letter.stage)));
  (void)wire::PutText(letter.topic, out.mutable_topic());
  out.set_partition(letter.partition.value);
  out.set_offset(letter.offset.value);
  out.set_skipped_us(ToMicros(letter.skipped));
  return out.SerializeAsString();
}

Result<DeadLetter> DecodeDeadLetter(std::string_view bytes) {
  FRESHET_ASSIGN_OR_RETURN(v1::DeadLetter in, wire::Parse<v1::DeadLetter>(bytes));
  return DeadLetter{.origin = wire::FromWire(*in.mutable_origin()),
                    .code = wire::CodeFromName(in.code()),
                    .stage = wire::StepFromName(in.stage()),
                    .topic = std::move(*in.mutable_topic()),
                    .partition = Partition(in.partition()),
                    .offset = Offset(in.offset()),
                    .skipped = FromMicros(in.skipped_us())};
}

}  // namespace freshet
