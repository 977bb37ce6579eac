#include "connectors/kit/skeleton.h"

#include <algorithm>

#include "connectors/kit/skeleton_text.h"

namespace freshet::kit {
namespace {

// feed_reader -> FeedReader
std::string TypeNameOf(std::string_view name) {
  std::string type;
  bool capital = true;
  for (const char c : name) {
    if (c != '_') type += capital ? static_cast<char>(c - 'a' + 'A') : c;
    capital = c == '_';
  }
  return type;
}

std::string Filled(std::string_view text, std::string_view name) {
  const std::string type = TypeNameOf(name);
  std::string filled;
  for (size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("@name@")) {
      filled += name;
      at += 6;
    } else if (text.substr(at).starts_with("@Name@")) {
      filled += type;
      at += 6;
    } else {
      filled += text[at++];
    }
  }
  return filled;
}

}  // namespace

Result<std::vector<SkeletonFile>> Skeleton(std::string_view name) {
  const bool good = !name.empty() && name.size() <= 32 && name.front() != '_' && name.back() != '_' &&
                    name.find("__") == std::string_view::npos &&
                    std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  if (!good) return Status(Code::kConfiguration, "A connector's name is lower-case letters and '_', at most 32");
  std::vector<SkeletonFile> files;
  for (const SkeletonPiece& piece : kSkeletonPieces) {
    files.push_back({std::string(piece.name), Filled(piece.text.substr(1), name)});
  }
  return files;
}

std::string SkeletonRow(std::string_view name) { return Filled(kSkeletonRow.substr(1), name); }

}  // namespace freshet::kit
