// The journey of a change as spans, out of the stamps that travel with it: one for the whole, from the commit in the
// source until queries show its effect, and one for each step that had it.
//
//   for (Span& span : SpansOf(origin, "update", clock.Now())) exporter.Add(std::move(span));
//
// Whoever applies the change tells of all of it, so that steps cost nothing and no process tells only a part. Ids
// follow from the trace context and the run, so that a change that is told of twice is the same spans twice. A change
// whose trace is not sampled has none. Plain functions.
#pragma once

#include <string_view>
#include <vector>

#include "common/base/origin.h"
#include "common/telemetry/span.h"

namespace freshet {

// `operation`: "insert", "delete", ...; `shown`: when queries had it.
std::vector<Span> SpansOf(const Origin& origin, std::string_view operation, Time shown);

}  // namespace freshet
