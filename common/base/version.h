// Version orders the changes of one source; Revision orders our own re-runs of one version (DESIGN §3).
//
//   Version v{.epoch = 1, .position = 42};   v.ToString() == "1:42"   Version::Parse("1:42:7")
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/status.h"

namespace freshet {

// Given by the connector, comparable across one source, strictly increasing for each document.
struct Version {
  uint64_t epoch = 0;     // generation of the source's history: snapshot, slot, time line
  uint64_t position = 0;  // commit position in it
  uint64_t ordinal = 0;   // place within the commit

  auto operator<=>(const Version&) const = default;

  // "epoch:position", and ":ordinal" where that is not 0.
  std::string ToString() const;
  static Result<Version> Parse(std::string_view text);  // invalid_argument
};

// The de-identification run and the embedding run that made a derived record of one version.
struct Revision {
  uint64_t deid_run = 0;
  uint64_t embed_run = 0;

  auto operator<=>(const Revision&) const = default;
};

}  // namespace freshet
