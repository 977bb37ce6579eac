#include "common/config/node.h"

namespace freshet {

ConfigNode ConfigNode::Text(std::string text) {
  ConfigNode node = Plain(std::move(text));
  node.quoted = true;
  return node;
}

ConfigNode ConfigNode::Plain(std::string text) {
  ConfigNode node;
  node.kind = Kind::kScalar;
  node.text = std::move(text);
  return node;
}

const ConfigNode* ConfigNode::Find(std::string_view key) const {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == key) return &items[i];
  }
  return nullptr;
}

ConfigNode& ConfigNode::Add(std::string key, ConfigNode value) {
  kind = Kind::kMap;
  value.path = JoinPath(path, key);
  if (!value.origin) value.origin = origin;
  keys.push_back(std::move(key));
  return items.emplace_back(std::move(value));
}

std::string ConfigNode::Where() const {
  if (!origin) return {};
  return line > 0 ? origin->name + ":" + std::to_string(line) : origin->name;
}

Status ConfigNode::Error(std::string_view what) const {
  std::string message = Where();
  if (!message.empty()) message += ": ";
  if (!path.empty()) message += path + " ";
  return Status(Code::kConfiguration, message.append(what));
}

std::string JoinPath(std::string_view parent, std::string_view key) {
  if (parent.empty()) return std::string(key);
  return std::string(parent).append(".").append(key);
}

}  // namespace freshet
