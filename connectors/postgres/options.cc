#include "connectors/postgres/options.h"

#include "connectors/rows/mapping.h"

namespace freshet::postgres {
namespace {

bool IsSlotName(std::string_view name) {
  return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

Status Validate(const PostgresOptions& options) {
  if (!IsSlotName(options.slot)) return Status(Code::kConfiguration, "slot: 1 to 63 of a-z, 0-9 and _");
  if (!IsSlotName(options.publication)) return Status(Code::kConfiguration, "publication: 1 to 63 of a-z, 0-9 and _");
  FRESHET_ASSIGN_OR_RETURN(const rows::Mapping mapping, rows::Mapping::Compile(options.mapping));
  for (const std::string& table : mapping.tables()) {
    if (table.find('.') == std::string::npos) {
      return Status(Code::kConfiguration, "mapping: a table is written schema.table: " + table);
    }
  }
  return OkStatus();
}

}  // namespace freshet::postgres
