// ConfigNode: one value of a configuration file, with the place where it stands.
//
//   Result<ConfigNode> root = LoadConfigFile("freshet.yaml");           // common/config/yaml.h
//   const ConfigNode* tenant = root->Find("tenant");                    // tenant->Where() == "freshet.yaml:2"
//   return root->Error("must not be empty");                            // configuration: freshet.yaml:1: ...
//
// A connector's own options travel as a ConfigNode until the connector decodes them (common/config/options.h).
// A plain value: copy it freely; any thread may read it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace freshet {

// Shared by all nodes of one file.
struct ConfigOrigin {
  std::string name;                 // as errors call it: "freshet.yaml", "command line"
  std::filesystem::path directory;  // what relative paths in it start from; empty: the working directory
  bool literal_secrets = false;     // secrets may be written out, as on a command line
};

struct ConfigNode {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  std::string text;               // of a scalar, references replaced
  bool quoted = false;            // a scalar that is text whatever it looks like
  std::string reference;          // of a scalar that names references: how it was written, "${ENV:TOKEN}"
  std::vector<ConfigNode> items;  // of a list: the elements; of a map: the values, in the file's order
  std::vector<std::string> keys;  // of a map: the key of each item

  std::shared_ptr<const ConfigOrigin> origin;
  int line = 0;      // from 1; 0 where there are no lines
  std::string path;  // "sources[0].options"; empty at the top

  static ConfigNode Text(std::string text);   // a scalar that is text
  static ConfigNode Plain(std::string text);  // a scalar that is a number, true, false, a duration, …

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }

  // The value of a key of this map; null where it has none.
  const ConfigNode* Find(std::string_view key) const;
  // Adds to this map (a null node becomes one); the path of the added node follows from this one's.
  ConfigNode& Add(std::string key, ConfigNode value);

  std::string Where() const;  // "freshet.yaml:12", "command line", "" where the origin is unknown
  // configuration: "freshet.yaml:12: sources[0].options <what>".
  Status Error(std::string_view what) const;
};

// "a" and "b" -> "a.b"; "" and "b" -> "b".
std::string JoinPath(std::string_view parent, std::string_view key);

}  // namespace freshet
