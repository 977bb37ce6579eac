// Records to bytes and back. Unknown fields are ignored, missing ones have their defaults: old and new may meet.
//
//   Result<std::string> bytes = EncodeChange(event, keys);      // upserts and identities leave sealed
//   Result<ChangeEvent> event = DecodeChange(bytes, keys);
//
// Decoding survives any bytes. Its errors: corrupt_record, seal_mismatch, unsupported_change (a kind that a newer
// writer knows) are skipped; key_missing halts. Encoding errors: document_too_large (over kMaxMessageBytes or
// kMaxChunks), invalid_utf8 (a name or a title that is no text; content may be any bytes), key_missing, internal_error
// (parts that do not fit one another). A kind of code, stage or block that only a newer writer knows reads as the
// nearest known one.
//
// Equal records are equal bytes, but for sealed payloads, which differ each time. Only the clean part of a chunked or
// embedded document is sealed; the places and vectors beside it are checked against it: ranges within the text and on
// code points, places that agree with bytes, blocks and sections that exist, as many vectors as chunks.
// Free functions without state: any thread.
#pragma once

#include <string>
#include <string_view>

#include "common/crypto/keys.h"
#include "schemas/change.h"
#include "schemas/chunked.h"

namespace freshet {

inline constexpr size_t kMaxTextBytes = 4u << 20;      // of extracted text (DESIGN §2)
inline constexpr size_t kMaxChunks = 8192;             // a document
inline constexpr size_t kMaxMessageBytes = 16u << 20;  // a record in the log

Result<std::string> EncodeChange(const ChangeEvent& event, const KeyRing& keys);
Result<ChangeEvent> DecodeChange(std::string_view bytes, const KeyRing& keys);
// Coordinates alone of any of the records here, without a key: what a process that may not open payloads can know, and
// all that is left of a record whose body is corrupt. corrupt_record where there are none.
Result<Origin> DecodeOrigin(std::string_view bytes);

Result<std::string> EncodeClean(const Envelope<CleanDocument>& envelope, const KeyRing& keys);
Result<Envelope<CleanDocument>> DecodeClean(std::string_view bytes, const KeyRing& keys);

Result<std::string> EncodeChunked(const Envelope<ChunkedDocument>& envelope, const KeyRing& keys);
Result<Envelope<ChunkedDocument>> DecodeChunked(std::string_view bytes, const KeyRing& keys);

Result<std::string> EncodeEmbedded(const Envelope<EmbeddedDocument>& envelope, const KeyRing& keys);
Result<Envelope<EmbeddedDocument>> DecodeEmbedded(std::string_view bytes, const KeyRing& keys);

struct DeadLetter {
  Origin origin;
  Code code = Code::kInternalError;
  Step stage = Step::kDeid;
  std::string topic;
  Partition partition;
  Offset offset;
  Time skipped;
};
std::string EncodeDeadLetter(const DeadLetter& letter);
Result<DeadLetter> DecodeDeadLetter(std::string_view bytes);

// The stored form of a sealed clean document (SealedClean as one value).
std::string EncodeSealedClean(const SealedClean& sealed);
Result<SealedClean> DecodeSealedClean(std::string_view bytes);

}  // namespace freshet
