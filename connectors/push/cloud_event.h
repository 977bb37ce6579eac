// CloudEvents (https://github.com/cloudevents/spec, version 1.0.2, HTTP and JSON bindings) as they come in a request.
//
//   FRESHET_ASSIGN_OR_RETURN(const std::vector<CloudEvent> events, ReadCloudEvents(headers, body));
//
// Three forms: structured (application/cloudevents+json), a batch of those (application/cloudevents-batch+json), and
// binary (attributes as ce-* headers, percent-encoded, the data as body). JSON data stays as it was sent, byte for
// byte.
//
// Beyond the specification `subject` and `time` are required: what the event is about, and what orders its states.
// Names have at most 1,024 bytes, extensions 4,096, JSON at most 64 levels. Codes: invalid_argument (with what is
// wrong), unsupported_media_type (another form, or a patch). Messages name attributes, never values. Pure functions:
// any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"

namespace freshet::push {

struct CloudEvent {
  std::string id, source, type, subject, media_type;
  Time time;
  std::string data;
  std::map<std::string, std::string, std::less<>> extensions;  // as text

  // "" where there is none.
  std::string_view ExtensionOf(std::string_view name) const;
};

// By lower-case name.
using Headers = std::map<std::string, std::string, std::less<>>;

Result<std::vector<CloudEvent>> ReadCloudEvents(const Headers& headers, std::string_view body);

// "application/json" of "Application/JSON; charset=utf-8".
std::string EssenceOf(std::string_view media_type);
// A media type that says what to change in a document, not what it is.
bool IsPatch(std::string_view essence);

}  // namespace freshet::push
