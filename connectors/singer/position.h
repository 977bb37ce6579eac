// Position: how far a tap has told its source, as the log's positions keep it.
//
//   position := JSON {"mapping": hex, "state": text, "parts": {stream: text}, "versions": {stream: n}, "listed":
//   micros}
//
// States are the tap's own, never looked into. A plain value.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/base/bytes.h"
#include "connectors/singer/options.h"

namespace freshet::singer {

struct Position {
  Hash128 mapping{};                         // what makes events of the same records
  std::string state;                         // "": none
  std::map<std::string, std::string> parts;  // Airbyte: the newest state of each stream
  std::map<std::string, int64_t> versions;   // of each stream, of its last record or ACTIVATE_VERSION
  Time listed;                               // when the last listing of everything began

  std::string Encode() const;
  // Nothing where it is none.
  static std::optional<Position> Decode(const std::string& text);

  void Take(const std::string& part, std::string new_state);
  // What the tap is given; "": nothing.
  std::string StateFile() const;
};

}  // namespace freshet::singer
