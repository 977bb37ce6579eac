// The closed table of Freshet's error codes: what can go wrong, under one name each, with what is then done.
//
//   Status status(Code::kDocumentTooLarge, "4,300,000 code points");
//   if (DispositionOf(status.code()) == Disposition::kRetry) ...
//
// A code's name is what dead letters, metrics, problem details and runbooks use; it is never renamed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace freshet {

// What the runner does with an input whose processing ended in a code.
enum class Disposition : uint8_t {
  kNone,    // not an error
  kRetry,   // the world may get better: try again, with backoff, and hold the lane meanwhile
  kSkip,    // this input never gets better: skip it, leave a dead letter, go on
  kHalt,    // nothing will work until an operator acts: stop, lose nothing
  kReject,  // a caller's mistake: told to the caller, changes nothing
};

// X(enumerator, name, disposition, meaning)
#define FRESHET_CODES(X)                                                                          \
  X(kOk, "ok", kNone, "No error.")                                                                \
  X(kUnavailable, "unavailable", kRetry, "A service that is needed does not answer.")             \
  X(kTimeout, "timeout", kRetry, "A limit of time passed before the answer came.")                \
  X(kLogUnavailable, "log_unavailable", kRetry, "The log takes or gives no records now.")         \
  X(kDiskFull, "disk_full", kRetry, "The disk takes no more bytes.")                              \
  X(kIoError, "io_error", kRetry, "The operating system refused a read or a write.")              \
  X(kBackpressure, "backpressure", kRetry, "A bounded queue is full.")                            \
  X(kDocumentTooLarge, "document_too_large", kSkip, "Text, chunks or message over the limit.")    \
  X(kUnsupportedMediaType, "unsupported_media_type", kSkip, "No parser reads this media type.")   \
  X(kInvalidUtf8, "invalid_utf8", kSkip, "The text is not UTF-8.")                                \
  X(kBinaryContent, "binary_content", kSkip, "Bytes that are no text under a text media type.")   \
  X(kEmptyDocument, "empty_document", kSkip, "Nothing to index.")                                 \
  X(kMalformedDocument, "malformed_document", kSkip, "The format's own rules are broken.")        \
  X(kQuarantined, "quarantined", kSkip, "De-identification doubts: held back for a reviewer.")    \
  X(kUnsupportedChange, "unsupported_change", kSkip, "A kind of change nothing here acts on.")    \
  X(kCorruptRecord, "corrupt_record", kSkip, "A record that cannot be decoded.")                  \
  X(kSealMismatch, "seal_mismatch", kSkip, "A seal that does not fit what it seals.")             \
  X(kExpired, "expired", kSkip, "Retention took the record before it was read.")                  \
  X(kRetriesExhausted, "retries_exhausted", kSkip, "Failed alone, time and again.")               \
  X(kInternalError, "internal_error", kSkip, "A defect in Freshet met this input.")               \
  X(kConfiguration, "configuration", kHalt, "The configuration is wrong.")                        \
  X(kKeyMissing, "key_missing", kHalt, "A key that a reference or a record names is not there.")  \
  X(kCorruptStore, "corrupt_store", kHalt, "A store on disk is damaged.")                         \
  X(kModelMissing, "model_missing", kHalt, "The model's files are absent or not the right ones.") \
  X(kInvalidArgument, "invalid_argument", kReject, "A request or an argument is malformed.")      \
  X(kUnauthenticated, "unauthenticated", kReject, "No caller is known by this token.")            \
  X(kPermissionDenied, "permission_denied", kReject, "The caller may not do this.")               \
  X(kNotFound, "not_found", kReject, "There is no such thing, or the caller may not know.")       \
  X(kStale, "stale", kReject, "The index is staler than the caller accepts.")

enum class Code : uint8_t {
#define FRESHET_CODE_ENUMERATOR(enumerator, name, disposition, meaning) enumerator,
  FRESHET_CODES(FRESHET_CODE_ENUMERATOR)
#undef FRESHET_CODE_ENUMERATOR
};

struct CodeRow {
  Code code;
  std::string_view name;
  Disposition disposition;
  std::string_view meaning;
};

// All codes, in the order of their numbers.
std::span<const CodeRow> AllCodes();

std::string_view NameOf(Code code);
std::string_view NameOf(Disposition disposition);
Disposition DispositionOf(Code code);

// The code of a name, nothing where no code has it.
std::optional<Code> CodeOf(std::string_view name);

}  // namespace freshet
