#include "connectors/singer/options.h"

#include "connectors/rows/mapping.h"

namespace freshet::singer {

Status Validate(const SingerOptions& options) {
  if (options.command.empty() || options.command.front().empty()) {
    return Status(Code::kConfiguration, "command: names no tap");
  }
  FRESHET_ASSIGN_OR_RETURN(const rows::Mapping mapping, rows::Mapping::Compile(options.mapping));
  if (mapping.needs_source()) {
    return Status(Code::kConfiguration,
                  "mapping: children, access and groups are made of several rows, and a tap cannot be asked for rows; "
                  "give lists as columns (allow, deny) or default_access");
  }
  for (const std::string& stream : mapping.tables()) {
    if (options.protocol == Protocol::kAirbyte && !options.keys.contains(stream)) {
      return Status(Code::kConfiguration, "keys: missing for the stream " + stream);
    }
  }
  return OkStatus();
}

}  // namespace freshet::singer
