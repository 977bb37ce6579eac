#include "common/config/reference.h"

#include <cstdlib>
#include <fstream>

#include "common/config/problems.h"

namespace freshet {
namespace {

constexpr std::string_view kEnv = "ENV:";
constexpr std::string_view kFile = "FILE:";
constexpr size_t kMostBytes = 1u << 20;
constexpr size_t kMostShown = 200;

std::optional<std::string> ReadValue(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  std::ifstream stream(file, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || !stream.eof()) return std::nullopt;
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

class Resolver {
 public:
  Resolver(const Environment& environment, Problems& problems) : environment_(environment), problems_(problems) {}

  void Resolve(ConfigNode& node) {
    if (node.is_scalar()) ResolveScalar(node);
    for (ConfigNode& item : node.items) Resolve(item);
  }

 private:
  void ResolveScalar(ConfigNode& node) {
    if (node.text.find("${") == std::string::npos) return;
    std::string resolved;
    bool replaced = false;
    size_t at = 0;
    while (at < node.text.size()) {
      const std::string_view rest = std::string_view(node.text).substr(at);
      if (rest.starts_with("$${")) {
        resolved += "${";
        at += 3;
      } else if (rest.starts_with("${")) {
        const size_t end = rest.find('}');
        const auto value = ValueOf(node, rest.substr(0, end == std::string_view::npos ? rest.size() : end + 1));
        if (!value) return;
        resolved += *value;
        replaced = true;
        at += end + 1;
      } else {
        resolved += node.text[at++];
      }
    }
    if (replaced) node.reference = node.text;
    node.text = std::move(resolved);
  }

  // Of "${ENV:NAME}", braces included.
  std::optional<std::string> ValueOf(const ConfigNode& node, std::string_view written) {
    std::optional<std::string> value;
    std::string_view why = "is not ${ENV:NAME} or ${FILE:path}; write $${ for a literal ${";
    if (written.ends_with('}')) {
      const std::string_view inner = written.substr(2, written.size() - 3);
      if (inner.starts_with(kEnv) && inner.size() > kEnv.size()) {
        value = environment_(std::string(inner.substr(kEnv.size())));
        why = "is not set";
      } else if (inner.starts_with(kFile) && inner.size() > kFile.size()) {
        const auto directory = node.origin ? node.origin->directory : std::filesystem::path();
        value = ReadValue(directory / std::filesystem::path(inner.substr(kFile.size())));
        why = "cannot be read";
      }
    }
    if (!value) {
      problems_.Add(node, "refers to " + std::string(written.substr(0, kMostShown)) + ", which " + std::string(why));
    }
    return value;
  }

  const Environment& environment_;
  Problems& problems_;
};

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

Status ResolveReferences(ConfigNode& node, const Environment& environment) {
  Problems problems;
  Resolver(environment, problems).Resolve(node);
  return problems.ToStatus();
}

bool IsWholeReference(std::string_view written) {
  return (written.starts_with("${ENV:") || written.starts_with("${FILE:")) && written.find('}') == written.size() - 1;
}

}  // namespace freshet
