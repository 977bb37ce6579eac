#include "connectors/registry.h"

#include "common/config/nearest.h"
#include "common/config/options.h"
#include "connectors/debezium/connector.h"
#include "connectors/debezium/rig.h"
#include "connectors/fhir/connector.h"
#include "connectors/fhir/rig.h"
#include "connectors/folder/connector.h"
#include "connectors/folder/rig.h"
#include "connectors/hl7/connector.h"
#include "connectors/hl7/rig.h"
#include "connectors/postgres/connector.h"
#include "connectors/postgres/rig.h"
#include "connectors/push/connector.h"
#include "connectors/push/rig.h"
#include "connectors/singer/connector.h"
#include "connectors/singer/rig.h"

namespace freshet {
namespace {

// A row's parts that follow from the connector's options.
template <class Options>
constexpr ConnectorRow Row(std::string_view name, std::string_view summary,
                           Result<std::unique_ptr<Connector>> (*make)(const ConfigNode&),
                           Result<std::unique_ptr<kit::Rig>> (*rig)(const ConfigNode&)) {
  return {.name = name,
          .summary = summary,
          .help = &OptionsHelp<Options>,
          .schema = [] { return OptionsSchema<Options>("options of a connector"); },
          .table = &OptionsMarkdown<Options>,
          .make = make,
          .rig = rig};
}

constexpr ConnectorRow kRows[] = {
    Row<debezium::DebeziumOptions>("debezium", "Kafka topics that Debezium writes of a database.",
                                   &debezium::MakeDebeziumConnector, &debezium::MakeDebeziumRig),
    Row<fhir::FhirOptions>("fhir", "A FHIR R4 server, or a folder of its bundles and exports.",
                           &fhir::MakeFhirConnector, &fhir::MakeFhirRig),
    Row<folder::FolderOptions>("folder", "The files below a directory.", &folder::MakeFolderConnector,
                               &folder::MakeFolderRig),
    Row<hl7::Hl7Options>("hl7", "HL7 v2 messages that other systems send over MLLP.", &hl7::MakeHl7Connector,
                         &hl7::MakeHl7Rig),
    Row<postgres::PostgresOptions>("postgres", "Tables of a PostgreSQL server, by logical replication.",
                                   &postgres::MakePostgresConnector, &postgres::MakePostgresRig),
    Row<push::PushOptions>("push", "CloudEvents that other systems post over HTTP.", &push::MakePushConnector,
                           &push::MakePushRig),
    Row<singer::SingerOptions>("singer", "What a Singer tap or an Airbyte source says, run as a child process.",
                               &singer::MakeSingerConnector, &singer::MakeSingerRig),
};

}  // namespace

std::span<const ConnectorRow> AllConnectors() { return kRows; }

Result<const ConnectorRow*> FindConnector(std::string_view name) {
  std::vector<std::string_view> known;
  for (const ConnectorRow& row : kRows) {
    if (row.name == name) return &row;
    known.push_back(row.name);
  }
  std::string all;
  for (const std::string_view one : known) all += (all.empty() ? "" : ", ") + std::string(one);
  const std::optional<std::string_view> nearest = NearestName(name, known);
  const std::string hint = nearest ? "; did you mean \"" + std::string(*nearest) + "\"?" : std::string();
  return Status(Code::kConfiguration,
                "No connector is called \"" + std::string(name) + "\"" + hint + "; known: " + all);
}

Result<std::unique_ptr<Connector>> MakeConnector(std::string_view name, const ConfigNode& options) {
  FRESHET_ASSIGN_OR_RETURN(const ConnectorRow* const row, FindConnector(name));
  return row->make(options);
}

}  // namespace freshet
