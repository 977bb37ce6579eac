// Chunks and vectors on the wire. They are not sealed: reading checks them against the text they point into.
//
//   Result<ChunkedDocument> chunked = wire::ChunkedOf(body, origin, keys);   // corrupt_record and DecodeSealed's
//
// Internal to schemas. Any thread.
#pragma once

#include "common/crypto/keys.h"
#include "schemas/chunk.pb.h"
#include "schemas/chunked.h"
#include "schemas/embedded.pb.h"

namespace freshet::wire {

// document_too_large over kMaxChunks; key_missing.
Status ToWire(const ChunkedDocument& chunked, const Origin& origin, const KeyRing& keys, v1::ChunkedBody* out);
Result<ChunkedDocument> ChunkedOf(v1::ChunkedBody& in, const Origin& origin, const KeyRing& keys);

// internal_error where there are vectors but not as many as chunks.
Status ToWire(const EmbeddedDocument& embedded, const Origin& origin, const KeyRing& keys, v1::EmbeddedBody* out);
Result<EmbeddedDocument> EmbeddedOf(v1::EmbeddedBody& in, const Origin& origin, const KeyRing& keys);

}  // namespace freshet::wire
