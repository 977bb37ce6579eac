#include "common/config/problems.h"

#include "common/config/nearest.h"

namespace freshet {
namespace {

constexpr size_t kMostLines = 20;
constexpr size_t kMostKeyBytes = 64;

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text.substr(0, kMostKeyBytes)) quoted += (static_cast<unsigned char>(c) < 0x20) ? '?' : c;
  return quoted + '"';
}

}  // namespace

void Problems::AddLine(std::string line) {
  if (++count_ <= kMostLines) lines_.push_back(std::move(line));
}

void Problems::Add(const ConfigNode& at, std::string_view what) { AddLine(at.Error(what).message()); }

void Problems::AddUnknownKey(const ConfigNode& map, size_t index, const std::vector<std::string_view>& known) {
  const std::string& key = map.keys[index];
  std::string line = map.items[index].Where();
  line += (line.empty() ? "" : ": ") + std::string("unknown key ") + Quoted(key);
  if (!map.path.empty()) line += " in " + map.path;
  AddLine(line + Suggestion(key, known));
}

Status Problems::ToStatus() const {
  if (empty()) return OkStatus();
  std::string message;
  for (const std::string& line : lines_) message += (message.empty() ? "" : "\n") + line;
  if (count_ > lines_.size()) message += "\nand " + std::to_string(count_ - lines_.size()) + " more";
  return Status(Code::kConfiguration, std::move(message));
}

}  // namespace freshet
