#include "connectors/debezium/options.h"

#include "connectors/debezium/values.h"
#include "connectors/rows/mapping.h"

namespace freshet::debezium {
namespace {

Status CheckTableName(const std::string& table) {
  if (table.find('.') != std::string::npos) return OkStatus();
  return Status(Code::kConfiguration, "mapping: a table is written schema.table: " + table);
}

Status CheckTypes(const DebeziumOptions& options) {
  for (const auto& [column, type] : options.types) {
    if (!ParseValueType(type)) return Status(Code::kConfiguration, "types: no such type for " + column + ": " + type);
    if (std::count(column.begin(), column.end(), '.') < 2) {
      return Status(Code::kConfiguration, "types: a column is written schema.table.column: " + column);
    }
  }
  return OkStatus();
}

}  // namespace

std::string TopicOfTable(const DebeziumOptions& options, const std::string& table) {
  const auto named = options.topics.find(table);
  return named == options.topics.end() ? options.prefix + "." + table : named->second;
}

Status Validate(const DebeziumOptions& options) {
  if (options.kafka.bootstrap_servers.empty()) {
    return Status(Code::kConfiguration, "kafka: bootstrap_servers names no broker");
  }
  FRESHET_ASSIGN_OR_RETURN(const rows::Mapping mapping, rows::Mapping::Compile(options.mapping));
  for (const std::string& table : mapping.tables()) FRESHET_RETURN_IF_ERROR(CheckTableName(table));
  for (const std::string& table : options.whole_rows) FRESHET_RETURN_IF_ERROR(CheckTableName(table));
  FRESHET_RETURN_IF_ERROR(CheckTypes(options));
  const bool children = std::any_of(mapping.documents().begin(), mapping.documents().end(),
                                    [](const rows::DocumentRule& rule) { return !rule.children.empty(); });
  if (options.order == Order::kOffset && !options.connection.empty()) {
    return Status(Code::kConfiguration,
                  "order: offset tells which change of one topic is the newer; what `connection` is asked for is told "
                  "by changes of several: leave one of them out");
  }
  if (children && options.connection.empty()) {
    return Status(Code::kConfiguration, "mapping: topics do not tell which children a document has: give `connection`");
  }
  return OkStatus();
}

}  // namespace freshet::debezium
