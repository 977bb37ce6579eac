#include "services/freshet/change_spans.h"

#include <algorithm>

namespace freshet {
namespace {

// splitmix64: spreads ids that differ in a few bits; never 0, which is no id.
uint64_t IdOf(uint64_t seed, uint64_t number) {
  uint64_t bits = seed + (number + 1) * 0x9e3779b97f4a7c15;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  bits ^= bits >> 31;
  return bits == 0 ? 1 : bits;
}

std::vector<LogField> AttributesOf(const Origin& origin) {
  return {{"source", origin.source}, {"collection", origin.collection}, {"version", origin.version}};
}

}  // namespace

std::vector<Span> SpansOf(const Origin& origin, std::string_view operation, Time shown) {
  const std::optional<TraceContext> trace = TraceContext::Parse(origin.traceparent);
  if (!trace || !trace->sampled()) return {};
  Span whole{.context = *trace, .name = "change", .begin = origin.committed, .end = shown};
  whole.attributes = AttributesOf(origin);
  whole.attributes.push_back({"operation", Coordinate(operation)});
  if (origin.revision != Revision{}) {  // a run of its own within the change's trace
    whole.parent = trace->span;
    whole.context.span = IdOf(IdOf(trace->span, origin.revision.deid_run), origin.revision.embed_run);
    whole.attributes.push_back({"deid_run", origin.revision.deid_run});
    whole.begin = origin.StampOf(Step::kCaptured);
  }
  std::vector<Span> steps;
  Time before = whole.begin;
  for (size_t i = 0; i < kStepCount; ++i) {
    const auto step = static_cast<Step>(i);
    const Time stamp = step == Step::kIndex ? shown : origin.stamps[i];
    if (stamp == Time{}) continue;
    if (before == Time{} || before > stamp) before = stamp;  // not known, or by another clock
    Span span{.context = whole.context, .parent = whole.context.span, .name = std::string(NameOf(step))};
    span.context.span = IdOf(whole.context.span, i);
    span.begin = std::exchange(before, stamp);
    span.end = stamp;
    steps.push_back(std::move(span));
  }
  whole.begin = steps.front().begin;
  steps.insert(steps.begin(), std::move(whole));
  return steps;
}

}  // namespace freshet
