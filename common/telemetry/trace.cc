#include "common/telemetry/trace.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <random>

namespace freshet {
namespace {

constexpr size_t kLength = 55;

bool ReadHex(std::string_view text, uint64_t& out) {
  out = 0;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f')) return false;
    out = out << 4 | static_cast<uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return true;
}

uint64_t NonZero(const RandomBits& random) {
  for (int i = 0; i < 8; ++i) {
    if (const uint64_t bits = random()) return bits;
  }
  return 1;  // a source of nothing but zeros
}

std::string Hex(uint64_t number) {
  char buffer[17];
  std::snprintf(buffer, sizeof buffer, "%016llx", static_cast<unsigned long long>(number));
  return buffer;
}

}  // namespace

uint64_t SystemRandomBits() {
  thread_local std::random_device device;
  return static_cast<uint64_t>(device()) << 32 | device();
}

TraceContext TraceContext::New(const RandomBits& random) {
  return {.trace_high = NonZero(random), .trace_low = random(), .span = NonZero(random)};
}

std::optional<TraceContext> TraceContext::Parse(std::string_view traceparent) {
  const bool parts =
      traceparent.size() >= kLength && traceparent[2] == '-' && traceparent[35] == '-' && traceparent[52] == '-';
  if (!parts) return std::nullopt;
  uint64_t version = 0, flags = 0;
  TraceContext context;
  if (!ReadHex(traceparent.substr(0, 2), version) || !ReadHex(traceparent.substr(3, 16), context.trace_high) ||
      !ReadHex(traceparent.substr(19, 16), context.trace_low) || !ReadHex(traceparent.substr(36, 16), context.span) ||
      !ReadHex(traceparent.substr(53, 2), flags)) {
    return std::nullopt;
  }
  const bool longer = traceparent.size() > kLength;
  if (version == 0xff || (version == 0 && longer) || (longer && traceparent[kLength] != '-')) return std::nullopt;
  if ((context.trace_high | context.trace_low) == 0 || context.span == 0) return std::nullopt;
  context.flags = static_cast<uint8_t>(flags);
  return context;
}

TraceContext TraceContext::Child(const RandomBits& random) const {
  TraceContext child = *this;
  child.flags &= 1;  // flags of a later version are not ours to promise
  child.span = NonZero(random);
  return child;
}

// By the 56 bits that the standard's second level calls random.
TraceContext TraceContext::SampledAt(double ratio) const {
  constexpr uint64_t kEnd = uint64_t{1} << 56;
  const auto below = static_cast<uint64_t>(std::clamp(ratio, 0.0, 1.0) * static_cast<double>(kEnd));
  TraceContext own = *this;
  own.flags = static_cast<uint8_t>((flags & ~1) | ((trace_low & (kEnd - 1)) < below ? 1 : 0));
  return own;
}

std::string TraceContext::trace_id() const { return Hex(trace_high) + Hex(trace_low); }

std::string TraceContext::ToString() const {
  char end[4];
  std::snprintf(end, sizeof end, "-%02x", flags);
  return "00-" + trace_id() + "-" + Hex(span) + end;
}

}  // namespace freshet
