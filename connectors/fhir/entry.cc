#include "connectors/fhir/entry.h"

#include <algorithm>
#include <charconv>

namespace freshet::fhir {
namespace {

constexpr std::string_view kUuid = "urn:uuid:";

bool IsType(std::string_view text) {
  return !text.empty() && text[0] >= 'A' && text[0] <= 'Z' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80 && std::isalpha(c) != 0; });
}

// FHIR R4, type `id`, and '_', which some servers use.
bool IsId(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_');
  });
}

// What stands in W/"3".
std::string_view TagOf(std::string_view etag) {
  const size_t begin = etag.find('"');
  const size_t end = etag.rfind('"');
  return begin == etag.npos || end <= begin ? etag : etag.substr(begin + 1, end - begin - 1);
}

uint64_t NumberOf(std::string_view text) {
  uint64_t number = 0;
  const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && next == text.data() + text.size() ? number : 0;
}

Code CodeOf(const Piece& piece) {
  if (piece.too_large) return Code::kDocumentTooLarge;
  return piece.resource().empty() ? Code::kMalformedDocument : Code::kOk;
}

}  // namespace

ResourceId ReadReference(std::string_view reference) {
  reference = reference.substr(0, reference.find_first_of("?#"));
  if (const size_t history = reference.find("/_history"); history != reference.npos) {
    reference = reference.substr(0, history);
  }
  const size_t slash = reference.rfind('/');
  if (slash == reference.npos) return {};
  const std::string_view id = reference.substr(slash + 1);
  reference = reference.substr(0, slash);
  const std::string_view type = reference.substr(reference.rfind('/') + 1);  // npos + 1 is 0
  if (!IsType(type) || !IsId(id)) return {};
  return {std::string(type), std::string(id)};
}

std::optional<Entry> EntryOf(Piece piece, Time otherwise) {
  Entry entry;
  entry.deleted = piece.method == "DELETE";
  if (entry.deleted && piece.type.empty()) {
    entry.id = ReadReference(piece.request_url);
    if (entry.id.empty()) entry.id = ReadReference(piece.full_url);
  } else {
    if (piece.id.empty() && piece.full_url.starts_with(kUuid)) piece.id = piece.full_url.substr(kUuid.size());
    if (IsType(piece.type) && IsId(piece.id)) entry.id = {piece.type, piece.id};
  }
  if (entry.id.empty()) return std::nullopt;
  const std::string_view version_id = piece.version_id.empty() ? TagOf(piece.etag) : piece.version_id;
  const Result<Time> updated = ParseTime(piece.last_updated.empty() ? piece.last_modified : piece.last_updated);
  entry.updated = updated.ok() && *updated > Time() ? *updated : otherwise;
  entry.first = version_id == "1";
  entry.version = {1, static_cast<uint64_t>(std::max<int64_t>(ToMicros(entry.updated), 1)), NumberOf(version_id)};
  if (entry.deleted) return entry;
  entry.code = CodeOf(piece);
  if (entry.code == Code::kOk) entry.resource = std::string(piece.resource());
  return entry;
}

}  // namespace freshet::fhir
