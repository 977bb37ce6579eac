#include "schemas/chunked.h"

namespace freshet {

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
  std::string header = clean.title();
  const std::vector<std::string_view> section = SectionOf(clean, chunk);
  for (size_t i = 0; i < section.size(); ++i) {
    if (section[i].empty() || (i == 0 && section[i] == clean.title())) continue;
    if (!header.empty()) header += " > ";
    header += section[i];
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
