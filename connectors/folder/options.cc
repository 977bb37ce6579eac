#include "connectors/folder/options.h"

namespace freshet::folder {
namespace {

bool IsLowerExtension(std::string_view extension) {
  if (extension.empty()) return false;
  if (extension == "*") return true;
  return std::none_of(extension.begin(), extension.end(),
                      [](char c) { return c == '.' || c == '/' || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

Status Validate(const FolderOptions& options) {
  for (const auto& [extension, media_type] : options.media_types) {
    if (!IsLowerExtension(extension)) {
      return Status(Code::kConfiguration, "media_types: an extension is lower case, without a dot");
    }
    if (media_type.find('/') == std::string::npos) {
      return Status(Code::kConfiguration, "media_types: a media type is written type/subtype");
    }
  }
  for (const std::string& pattern : options.ignore) {
    if (pattern.empty() || pattern.find('/') != std::string::npos) {
      return Status(Code::kConfiguration, "ignore: a pattern is of a name, not of a path, and not empty");
    }
  }
  if (options.settle_limit < options.settle) {
    return Status(Code::kConfiguration, "settle_limit: must not be less than settle");
  }
  return OkStatus();
}

}  // namespace freshet::folder
