#include "schemas/chunk_wire.h"

#include <bit>
#include <cstring>

#include "schemas/chunk_check.h"
#include "schemas/codec.h"
#include "schemas/sealed_wire.h"
#include "schemas/wire.h"

namespace freshet::wire {
namespace {

static_assert(std::endian::native == std::endian::little, "vectors are little-endian on the wire and copied whole");

void ToWire(const Chunk& chunk, v1::Chunk* out) {
  out->set_byte_begin(chunk.byte_begin);
  out->set_byte_end(chunk.byte_end);
  out->set_place_begin(chunk.place_begin);
  out->set_place_end(chunk.place_end);
  out->set_block(chunk.block);
  out->mutable_section()->Add(chunk.section.begin(), chunk.section.end());
  out->set_tokens(chunk.tokens);
  out->set_hash(std::string(AsBytes(chunk.hash)));
  out->set_occurrence(chunk.occurrence);
}

Result<Chunk> FromWire(const v1::Chunk& in) {
  Chunk chunk{.byte_begin = in.byte_begin(),
              .byte_end = in.byte_end(),
              .place_begin = in.place_begin(),
              .place_end = in.place_end(),
              .block = in.block(),
              .section = {in.section().begin(), in.section().end()},
              .tokens = in.tokens(),
              .occurrence = in.occurrence()};
  if (in.hash().size() != chunk.hash.size()) return Status(Code::kCorruptRecord, "chunk hash");
  std::memcpy(chunk.hash.data(), in.hash().data(), chunk.hash.size());
  return chunk;
}

size_t CountOf(const ChunkedDocument& chunked) { return chunked.chunks == nullptr ? 0 : chunked.chunks->size(); }

Result<std::shared_ptr<const std::vector<uint16_t>>> VectorsOf(const v1::EmbeddedBody& in, size_t chunks) {
  const std::string& bytes = in.vectors();
  if (bytes.empty()) return std::shared_ptr<const std::vector<uint16_t>>();
  if (bytes.size() != uint64_t{chunks} * in.dimensions() * sizeof(uint16_t)) {
    return Status(Code::kCorruptRecord, "vectors of " + std::to_string(bytes.size()) + " bytes");
  }
  auto vectors = std::make_shared<std::vector<uint16_t>>(bytes.size() / sizeof(uint16_t));
  std::memcpy(vectors->data(), bytes.data(), bytes.size());
  return std::shared_ptr<const std::vector<uint16_t>>(std::move(vectors));
}

}  // namespace

Status ToWire(const ChunkedDocument& chunked, const Origin& origin, const KeyRing& keys, v1::ChunkedBody* out) {
  if (CountOf(chunked) > kMaxChunks) {
    return Status(Code::kDocumentTooLarge, std::to_string(CountOf(chunked)) + " chunks");
  }
  if (!PutText(chunked.chunker, out->mutable_chunker())) return Status(Code::kInvalidUtf8, "chunker");
  out->mutable_chunks()->Reserve(static_cast<int>(CountOf(chunked)));
  for (size_t i = 0; i < CountOf(chunked); ++i) ToWire((*chunked.chunks)[i], out->add_chunks());
  return SealInto(chunked.clean, origin, keys, out->mutable_clean());
}

Result<ChunkedDocument> ChunkedOf(v1::ChunkedBody& in, const Origin& origin, const KeyRing& keys) {
  FRESHET_ASSIGN_OR_RETURN(CleanDocument clean, DecodeSealed(FromWire(*in.mutable_clean()), origin, keys));
  if (size_t(in.chunks_size()) > kMaxChunks) return Status(Code::kCorruptRecord, "too many chunks");
  auto chunks = std::make_shared<std::vector<Chunk>>();
  chunks->reserve(in.chunks_size());
  for (const v1::Chunk& wire : in.chunks()) {
    FRESHET_ASSIGN_OR_RETURN(Chunk chunk, FromWire(wire));
    chunks->push_back(std::move(chunk));
  }
  FRESHET_RETURN_IF_ERROR(CheckChunks(clean, *chunks));
  return ChunkedDocument{
      .clean = std::move(clean), .chunks = std::move(chunks), .chunker = std::move(*in.mutable_chunker())};
}

Status ToWire(const EmbeddedDocument& embedded, const Origin& origin, const KeyRing& keys, v1::EmbeddedBody* out) {
  if (!PutText(embedded.model, out->mutable_model())) return Status(Code::kInvalidUtf8, "model");
  out->set_dimensions(embedded.dimensions);
  if (embedded.vectors != nullptr) {
    if (embedded.vectors->size() != CountOf(embedded.chunked) * embedded.dimensions) {
      return Status(Code::kInternalError, "as many vectors as chunks are needed");
    }
    out->set_vectors(embedded.vectors->data(), embedded.vectors->size() * sizeof(uint16_t));
  }
  return ToWire(embedded.chunked, origin, keys, out->mutable_chunked());
}

Result<EmbeddedDocument> EmbeddedOf(v1::EmbeddedBody& in, const Origin& origin, const KeyRing& keys) {
  FRESHET_ASSIGN_OR_RETURN(ChunkedDocument chunked, ChunkedOf(*in.mutable_chunked(), origin, keys));
  FRESHET_ASSIGN_OR_RETURN(std::shared_ptr<const std::vector<uint16_t>> vectors, VectorsOf(in, chunked.chunks->size()));
  return EmbeddedDocument{.chunked = std::move(chunked),
                          .model = std::move(*in.mutable_model()),
                          .dimensions = in.dimensions(),
                          .vectors = std::move(vectors)};
}

}  // namespace freshet::wire
