// W3C Trace Context, level 1 (https://www.w3.org/TR/trace-context-1/): one trace id follows a change from its source to
// the answer that finds it.
//
//   TraceContext trace = TraceContext::Parse(header).value_or(TraceContext::New());
//   request.set_header("traceparent", trace.Child().ToString());
//
// traceparent := version "-" trace-id "-" parent-id "-" flags      "00-" 32 hex "-" 16 hex "-" 2 hex, lower case
// The ids go into records, answers and problems; spans of sampled traces go to a collector, where a site has one
// (otlp.h). Whoever begins a trace decides whether it is sampled; all others do as it was decided. A plain value.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace freshet {

// 64 random bits; a simulation gives its own.
using RandomBits = std::function<uint64_t()>;
uint64_t SystemRandomBits();

struct TraceContext {
  uint64_t trace_high = 0;  // trace id, not all 0
  uint64_t trace_low = 0;
  uint64_t span = 0;  // parent id, not 0
  uint8_t flags = 1;  // bit 0: sampled

  static TraceContext New(const RandomBits& random = SystemRandomBits);
  // Nothing where the text is no valid traceparent; of a later version, what version 00 knows of it.
  static std::optional<TraceContext> Parse(std::string_view traceparent);

  // The same trace, a span of its own.
  TraceContext Child(const RandomBits& random = SystemRandomBits) const;
  // Sampled or not, by the trace id alone: of new traces the share `ratio`, 0 to 1.
  TraceContext SampledAt(double ratio) const;
  bool sampled() const { return (flags & 1) != 0; }
  std::string ToString() const;
  std::string trace_id() const;  // 32 hexadecimal digits

  bool operator==(const TraceContext&) const = default;
};

}  // namespace freshet
