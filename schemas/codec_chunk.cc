#include "schemas/chunk_wire.h"
#include "schemas/codec.h"
#include "schemas/envelope_wire.h"

namespace freshet {

Result<std::string> EncodeChunked(const Envelope<ChunkedDocument>& envelope, const KeyRing& keys) {
  return wire::EncodeEnvelope<v1::ChunkRecord>(envelope, [&](const ChunkedDocument& chunked, v1::ChunkRecord* out) {
    return wire::ToWire(chunked, envelope.origin, keys, out->mutable_chunked());
  });
}

Result<Envelope<ChunkedDocument>> DecodeChunked(std::string_view bytes, const KeyRing& keys) {
  return wire::DecodeEnvelope<ChunkedDocument, v1::ChunkRecord>(
      bytes, [&](const Origin& origin, v1::ChunkRecord& record) {
        return wire::ChunkedOf(*record.mutable_chunked(), origin, keys);
      });
}

Result<std::string> EncodeEmbedded(const Envelope<EmbeddedDocument>& envelope, const KeyRing& keys) {
  return wire::EncodeEnvelope<v1::EmbeddedRecord>(
      envelope, [&](const EmbeddedDocument& embedded, v1::EmbeddedRecord* out) {
        return wire::ToWire(embedded, envelope.origin, keys, out->mutable_embedded());
      });
}

Result<Envelope<EmbeddedDocument>> DecodeEmbedded(std::string_view bytes, const KeyRing& keys) {
  return wire::DecodeEnvelope<EmbeddedDocument, v1::EmbeddedRecord>(
      bytes, [&](const Origin& origin, v1::EmbeddedRecord& record) {
        return wire::EmbeddedOf(*record.mutable_embedded(), origin, keys);
      });
}

}  // namespace freshet
