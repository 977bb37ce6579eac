// Spans as OTLP/JSON, and what a collector answers (OpenTelemetry Protocol 1.x, "OTLP/HTTP" and "JSON Protobuf
// Encoding").
//
//   std::string body = OtlpTraces(spans, {{"service.name", "freshet"}});
//   uint64_t rejected = RejectedSpans(answer_body);
//
// An attribute "source" becomes "freshet.source"; those of HTTP have the names of the semantic conventions. Plain
// functions.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/telemetry/span.h"

namespace freshet {

using OtlpResource = std::vector<std::pair<std::string, std::string>>;

// ExportTraceServiceRequest.
std::string OtlpTraces(std::span<const Span> spans, const OtlpResource& resource);

// Of an ExportTraceServiceResponse: how many it did not take; 0 where it says nothing of the kind.
uint64_t RejectedSpans(const std::string& body);

}  // namespace freshet
