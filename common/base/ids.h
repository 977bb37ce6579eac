// Names and numbers that must not be mixed up, each a type of its own.
//
//   DocumentId id("precautions.md");   CollectionName c = id;  // does not compile
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace freshet {

template <class Tag>
struct StrongString {
  std::string value;

  StrongString() = default;
  explicit StrongString(std::string text) : value(std::move(text)) {}
  explicit StrongString(std::string_view text) : value(text) {}
  explicit StrongString(const char* text) : value(text) {}

  bool empty() const { return value.empty(); }
  auto operator<=>(const StrongString&) const = default;
};

template <class Tag, class Number>
struct StrongNumber {
  Number value = 0;

  constexpr StrongNumber() = default;
  constexpr explicit StrongNumber(Number number) : value(number) {}

  constexpr auto operator<=>(const StrongNumber&) const = default;
};

using TenantName = StrongString<struct TenantTag>;
using SourceName = StrongString<struct SourceTag>;          // as named in freshet.yaml
using CollectionName = StrongString<struct CollectionTag>;  // as named in freshet.yaml
// Unique within (source, collection). The source's own id under policy `none`, else its keyed HMAC (DESIGN §4.1).
using DocumentId = StrongString<struct DocumentTag>;
using ScopeId = StrongString<struct ScopeTag>;        // what an access list hangs on; HMAC like DocumentId
using PatientId = StrongString<struct PatientTag>;    // HMAC of the source's patient id outside sealed payloads
using Principal = StrongString<struct PrincipalTag>;  // "user:ada", "group:nurses", "group:everyone"

using Partition = StrongNumber<struct PartitionTag, uint32_t>;
using Offset = StrongNumber<struct OffsetTag, uint64_t>;                    // of a record in a partition, from 0
using DocumentOrdinal = StrongNumber<struct DocumentOrdinalTag, uint32_t>;  // never reused in a collection
using ChunkOrdinal = StrongNumber<struct ChunkOrdinalTag, uint32_t>;        // never reused in a collection

}  // namespace freshet

template <class Tag>
struct std::hash<freshet::StrongString<Tag>> {
  size_t operator()(const freshet::StrongString<Tag>& id) const { return std::hash<std::string>()(id.value); }
};

template <class Tag, class Number>
struct std::hash<freshet::StrongNumber<Tag, Number>> {
  size_t operator()(const freshet::StrongNumber<Tag, Number>& id) const { return std::hash<Number>()(id.value); }
};
