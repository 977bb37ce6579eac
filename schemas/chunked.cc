#include "schemas/chunked.h"

namespace freshet {
namespace {

constexpr std::string_view kSeparator = " > ";
constexpr size_t kMaxPartBytes = 120;  // of a title or a section in a context header
constexpr size_t kDayBytes = std::string_view(" (2026-01-31)").size();

// The text, or as many whole code points as its first kMaxPartBytes hold.
std::string_view CutPart(std::string_view text) {
  if (text.size() <= kMaxPartBytes) return text;
  size_t end = kMaxPartBytes;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

// The outermost section from which the rest of the path fits beside a title of `title` bytes.
size_t FirstThatFits(const std::vector<std::string_view>& section, size_t title) {
  size_t used = title + kDayBytes, first = section.size();
  while (first > 0) {
    used += kSeparator.size() + CutPart(section[first - 1]).size();
    if (used > kMaxContextBytes) break;
    --first;
  }
  return first;
}

}  // namespace

std::string_view TextOf(const CleanDocument& clean, const Chunk& chunk) {
  return std::string_view(clean.text()).substr(chunk.byte_begin, chunk.byte_end - chunk.byte_begin);
}

std::vector<std::string_view> SectionOf(const CleanDocument& clean, const Chunk& chunk) {
  std::vector<std::string_view> titles;
  titles.reserve(chunk.section.size());
  for (const uint32_t block : chunk.section) titles.push_back(clean.TextOf(clean.blocks()[block]));
  return titles;
}

std::string ContextHeader(const CleanDocument& clean, const Chunk& chunk) {
  const std::vector<std::string_view> section = SectionOf(clean, chunk);
  std::string header(CutPart(clean.title()));
  for (size_t i = FirstThatFits(section, header.size()); i < section.size(); ++i) {
    if (section[i].empty() || (i == 0 && section[i] == clean.title())) continue;
    if (!header.empty()) header += kSeparator;
    header += CutPart(section[i]);
  }
  if (clean.effective() != Time()) {
    const std::string day = FormatTime(clean.effective()).substr(0, 10);
    header += header.empty() ? day : " (" + day + ")";
  }
  return header;
}

std::string EmbeddedText(const CleanDocument& clean, const Chunk& chunk) {
  std::string text = ContextHeader(clean, chunk);
  if (!text.empty()) text += '\n';
  text += TextOf(clean, chunk);
  return text;
}

size_t MemoryBytes(const ChunkedDocument& document) {
  size_t bytes = sizeof document - sizeof document.clean + document.clean.MemoryBytes() + document.chunker.capacity();
  if (document.chunks == nullptr) return bytes;
  bytes += sizeof *document.chunks + document.chunks->capacity() * sizeof(Chunk);
  for (const Chunk& chunk : *document.chunks) bytes += chunk.section.capacity() * sizeof(uint32_t);
  return bytes;
}

size_t MemoryBytes(const EmbeddedDocument& document) {
  const size_t bytes =
      sizeof document - sizeof document.chunked + MemoryBytes(document.chunked) + document.model.capacity();
  if (document.vectors == nullptr) return bytes;
  return bytes + sizeof *document.vectors + document.vectors->capacity() * sizeof(uint16_t);
}

}  // namespace freshet
