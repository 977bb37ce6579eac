#include "common/store/journal.h"

#include "common/store/wire.h"

namespace freshet::store {
namespace {

constexpr uint64_t kFormat = 1;

void WriteChunks(ValueWriter& writer, const std::vector<ChunkOrdinal>& chunks) {
  writer.Number(chunks.size());
  uint32_t before = 0;
  for (const ChunkOrdinal chunk : chunks) {
    writer.Number(chunk.value - before);
    before = chunk.value;
  }
}

std::vector<ChunkOrdinal> ReadChunks(ValueReader& reader) {
  std::vector<ChunkOrdinal> chunks(reader.Count());
  uint32_t before = 0;
  for (ChunkOrdinal& chunk : chunks) {
    before += reader.Number32();
    chunk = ChunkOrdinal(before);
  }
  return chunks;
}

}  // namespace

std::string Encode(const JournalEntry& entry) {
  std::string out;
  ValueWriter writer(out);
  writer.Number(kFormat);
  writer.Number(entry.added.size());
  uint32_t before = 0;
  for (const auto& [document, chunks] : entry.added) {
    writer.Number(document.value - before);
    before = document.value;
    WriteChunks(writer, chunks);
  }
  WriteChunks(writer, entry.removed);
  return out;
}

Result<JournalEntry> DecodeJournal(std::string_view value) {
  ValueReader reader(value);
  const bool known = reader.Number() == kFormat;
  JournalEntry entry;
  uint32_t document = 0;
  for (size_t count = reader.Count(2); count > 0; --count) {
    document += reader.Number32();
    entry.added[DocumentOrdinal(document)] = ReadChunks(reader);
  }
  entry.removed = ReadChunks(reader);
  if (!known || !reader.AtEnd()) return Status(Code::kCorruptStore, "an entry of the journal");
  return entry;
}

}  // namespace freshet::store
