// Span: one piece of work in a trace, as it is told to a collector (otlp.h), and where finished spans go.
//
//   sink->Add({.context = own, .parent = trace.span, .name = "POST /v1/search", .kind = SpanKind::kServer,
//              .begin = begin, .end = clock.Now(), .attributes = {{"endpoint", Coordinate("search")}}});
//
// Attributes are log fields (log.h): coordinates, codes and numbers, which is checked when they are compiled. So are
// names: of steps and routes, never of documents. Plain values.
#pragma once

#include <string>
#include <vector>

#include "common/telemetry/log.h"
#include "common/telemetry/trace.h"

namespace freshet {

// As OTLP numbers them.
enum class SpanKind : uint8_t { kInternal = 1, kServer = 2, kClient = 3, kProducer = 4, kConsumer = 5 };

struct Span {
  TraceContext context;  // its trace, its own id
  uint64_t parent = 0;   // 0: nothing here is above it
  std::string name;
  SpanKind kind = SpanKind::kInternal;
  Time begin;
  Time end;
  std::vector<LogField> attributes;
  std::vector<TraceContext> links;  // to what it has to do with in other traces
  Code code = Code::kOk;            // another: it failed by this
};

class SpanSink {
 public:
  virtual ~SpanSink() = default;
  // Never waits, never fails: what it has no room for is counted and gone. Any thread.
  virtual void Add(Span span) = 0;
};

}  // namespace freshet
