// What is sealed in a change: an upsert or an identity, as bytes of v1::Upsert and v1::IdentityChange. PHI: these bytes
// leave the process only through KeyRing::SealPayload.
//
//   Result<std::string> plain = wire::PayloadOf(upsert);    // document_too_large, invalid_utf8
//   Result<Upsert> again = wire::UpsertOf(*plain);          // corrupt_record
//
// Internal to schemas. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "schemas/change.h"

namespace freshet::wire {

Result<std::string> PayloadOf(const Upsert& upsert);
Result<Upsert> UpsertOf(std::string_view payload);

Result<std::string> PayloadOf(const IdentityChange& identity);
Result<IdentityChange> IdentityOf(std::string_view payload);

}  // namespace freshet::wire
