// freshet version
#include <nlohmann/json.hpp>
#include <ostream>

#include "services/freshet/command.h"

namespace freshet {

struct VersionOptions {
  bool json = false;
};

template <>
struct OptionTable<VersionOptions> {
  static constexpr auto fields = std::tuple{Field("json", &VersionOptions::json, "One JSON value.")};
};

namespace {

ExitStatus RunVersion(const VersionOptions& options, Terminal& terminal) {
  if (options.json) {
    terminal.out << nlohmann::json{{"name", "freshet"}, {"version", FRESHET_VERSION}}.dump() << "\n";
  } else {
    terminal.out << "freshet " FRESHET_VERSION "\n";
  }
  return ExitStatus::kDone;
}

}  // namespace

CommandBody VersionCommand() { return BodyOf<&RunVersion>(); }

}  // namespace freshet
