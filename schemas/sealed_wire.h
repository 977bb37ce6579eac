// A sealed clean document as a part of the records of three hops.
//
//   FRESHET_RETURN_IF_ERROR(wire::SealInto(clean, origin, keys, record.mutable_clean()));
//   Result<CleanDocument> clean = DecodeSealed(wire::FromWire(*record.mutable_clean()), origin, keys);
//
// Internal to schemas. Any thread.
#pragma once

#include "schemas/clean.h"
#include "schemas/clean.pb.h"

namespace freshet::wire {

// key_missing where the ring has no seal key.
Status SealInto(const CleanDocument& clean, const Origin& origin, const KeyRing& keys, v1::SealedClean* out);
SealedClean FromWire(v1::SealedClean& in);

}  // namespace freshet::wire
