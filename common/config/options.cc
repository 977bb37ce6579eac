#include "common/config/options.h"

#include <algorithm>

#include "common/config/reference.h"

namespace freshet::internal {

bool CheckSecret(const ConfigNode& node, Problems& problems) {
  if (!node.is_scalar() || IsWholeReference(node.reference)) return true;
  if (node.origin && node.origin->literal_secrets) return true;
  problems.Add(node, "is a secret and must be a reference: ${ENV:NAME} or ${FILE:path}");
  return false;
}

bool CheckNotEmpty(const ConfigNode& node, Problems& problems) {
  const bool empty = node.is_null() || (node.is_scalar() && node.text.empty());
  if (empty) problems.Add(node, "must not be empty");
  return !empty;
}

bool CheckName(const ConfigNode& node, Problems& problems) {
  if (IsName(node.text)) return true;
  problems.Add(node, "must be a name: a to z, 0 to 9, '-', '_', '.', a letter or digit first, at most 64");
  return false;
}

void CheckKnownKeys(const ConfigNode& map, const std::vector<std::string_view>& known, Problems& problems) {
  for (size_t i = 0; i < map.keys.size(); ++i) {
    if (std::find(known.begin(), known.end(), map.keys[i]) == known.end()) problems.AddUnknownKey(map, i, known);
  }
}

ConfigNode Masked(ConfigNode node) {
  if (node.is_scalar() && !node.text.empty()) node = ConfigNode::Text("***");
  for (ConfigNode& item : node.items) item = Masked(std::move(item));
  return node;
}

}  // namespace freshet::internal
