// Entry: one resource in one version, or that it is gone, as histories, searches, exports and files tell it.
//
//   std::optional<Entry> entry = EntryOf(std::move(piece), otherwise);
//   entry->id.ToString()       // "DocumentReference/7"
//   entry->version             // (1, 1769851800250000, 3)
//
// A version is (1, meta.lastUpdated in microseconds, meta.versionId where it is a number). lastUpdated changes with
// each version of a resource (FHIR R4, 2.26.3.5); where a server counts it in whole seconds, versionId tells two apart.
// A delete has response.lastModified and response.etag for them. Where an entry has no time, `otherwise` stands for it:
// of a history, newest first, the time of the entry before it, which is not older.
//
// Pure functions: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/version.h"
#include "connectors/fhir/splitter.h"

namespace freshet::fhir {

struct ResourceId {
  std::string type, id;

  std::string ToString() const { return type + "/" + id; }
  bool empty() const { return type.empty(); }
  bool operator==(const ResourceId&) const = default;
};

// "Patient/7", "https://.../Patient/7/_history/2"; empty where a reference names no resource so (urn:uuid:,
// #contained).
ResourceId ReadReference(std::string_view reference);

struct Entry {
  ResourceId id;
  Version version;
  Time updated;
  bool deleted = false;
  bool first = false;  // versionId "1": there was none before
  Code code = Code::kOk;
  std::string resource;  // JSON; empty where it is deleted, or cannot be had: `code` says why
};

// Nothing where nothing names the resource.
std::optional<Entry> EntryOf(Piece piece, Time otherwise);

}  // namespace freshet::fhir
