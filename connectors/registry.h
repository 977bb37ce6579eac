// The connectors that there are, in one list: a new one is its folder, and its line in registry.cc.
//
//   FRESHET_ASSIGN_OR_RETURN(std::unique_ptr<Connector> connector, MakeConnector("folder", options_node));
//   for (const ConnectorRow& row : AllConnectors()) std::cout << row.name << "  " << row.summary << "\n";
//
// Pure functions: any thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/config/node.h"
#include "connectors/connector.h"
#include "connectors/kit/rig.h"

namespace freshet {

struct ConnectorRow {
  std::string_view name;     // as `connector:` has it
  std::string_view summary;  // one line
  std::string (*help)();     // its options, for a terminal
  std::string (*schema)();   // its options, as JSON Schema
  std::string (*table)();    // its options, as its README has them
  Result<std::unique_ptr<Connector>> (*make)(const ConfigNode& options);
  Result<std::unique_ptr<kit::Rig>> (*rig)(const ConfigNode& options);  // a source for the kit to play with
};

std::span<const ConnectorRow> AllConnectors();

// configuration: no connector has that name, and which there are.
Result<const ConnectorRow*> FindConnector(std::string_view name);

// configuration: no such connector, or options that it does not take.
Result<std::unique_ptr<Connector>> MakeConnector(std::string_view name, const ConfigNode& options);

}  // namespace freshet
