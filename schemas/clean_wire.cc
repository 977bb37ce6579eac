#include "schemas/clean_wire.h"

#include "schemas/clean.pb.h"
#include "schemas/large_field.h"
#include "schemas/wire.h"

namespace freshet::wire {
namespace {

Status CheckBlocks(std::string_view text, const std::vector<Block>& blocks) {
  size_t at = 0;
  for (const Block& block : blocks) {
    if (block.begin < at || block.end < block.begin || !IsBoundary(text, block.begin) || !IsBoundary(text, block.end)) {
      return Status(Code::kCorruptRecord, "block " + std::to_string(&block - blocks.data()));
    }
    at = block.end;
  }
  return OkStatus();
}

void ToWire(const Block& block, v1::Block* out) {
  out->set_kind(static_cast<v1::Block::Kind>(block.kind));
  out->set_level(block.level);
  out->set_begin(block.begin);
  out->set_end(block.end);
  out->set_source_place(block.source_place);
}

Block FromWire(v1::Block& in) {
  return {.kind = v1::Block::Kind_IsValid(in.kind()) ? static_cast<Block::Kind>(in.kind()) : Block::Kind::kParagraph,
          .level = in.level(),
          .begin = in.begin(),
          .end = in.end(),
          .source_place = std::move(*in.mutable_source_place())};
}

}  // namespace

bool IsBoundary(std::string_view text, size_t at) {
  return at == text.size() || (at < text.size() && (static_cast<uint8_t>(text[at]) & 0xC0) != 0x80);
}

std::string BodyOf(const CleanDocument& clean) {
  v1::CleanDocument rest;
  rest.set_title(clean.title());
  rest.set_uri(clean.uri());
  for (const Block& block : clean.blocks()) ToWire(block, rest.add_blocks());
  ToWire(clean.attributes(), rest.mutable_attributes());
  rest.set_access_scope(clean.access_scope().value);
  PutAll(clean.patients(), rest.mutable_patients());
  rest.set_effective_us(ToMicros(clean.effective()));
  rest.set_policy(clean.policy());
  return WithLargeField(v1::CleanDocument::kTextFieldNumber, clean.text(), rest);
}

Result<CleanFields> FieldsOf(std::string_view body) {
  FRESHET_ASSIGN_OR_RETURN(v1::CleanDocument in, Parse<v1::CleanDocument>(body));  // which checks UTF-8
  CleanFields fields{.text = std::move(*in.mutable_text()),
                     .title = std::move(*in.mutable_title()),
                     .uri = std::move(*in.mutable_uri()),
                     .attributes = FromWire(*in.mutable_attributes()),
                     .access_scope = ScopeId(std::move(*in.mutable_access_scope())),
                     .patients = TakeAll<PatientId>(in.mutable_patients()),
                     .effective = FromMicros(in.effective_us()),
                     .policy = std::move(*in.mutable_policy())};
  fields.blocks.reserve(in.blocks_size());
  for (v1::Block& block : *in.mutable_blocks()) fields.blocks.push_back(FromWire(block));
  FRESHET_RETURN_IF_ERROR(CheckBlocks(fields.text, fields.blocks));
  return fields;
}

}  // namespace freshet::wire
