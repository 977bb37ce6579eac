#include "common/store/space.h"

#include "common/store/registers.h"
#include "common/store/wire.h"

namespace freshet::store {
namespace {

constexpr uint64_t kFormatWithoutLists = 1;
constexpr uint64_t kFormat = 2;

}  // namespace

std::string Encode(const SpaceRecord& record) {
  std::string out;
  ValueWriter writer(out);
  writer.Number(kFormat);
  writer.Bytes(record.collection.value);
  writer.Number(record.next_document);
  writer.Number(record.next_chunk);
  writer.Bytes(record.model);
  writer.Number(record.dimensions);
  writer.Number(record.journal_from);
  writer.Number(record.lists);
  writer.Number(record.next_list);
  return out;
}

Result<SpaceRecord> DecodeSpace(std::string_view value) {
  ValueReader reader(value);
  const uint64_t format = reader.Number();
  if (format > kFormat) return Status(Code::kConfiguration, "the index was written by a newer version of Freshet");
  SpaceRecord record;
  record.collection = CollectionName(reader.Bytes());
  record.next_document = reader.Number32();
  record.next_chunk = reader.Number32();
  record.model = reader.Bytes();
  record.dimensions = reader.Number32();
  record.journal_from = reader.Number();
  if (format != kFormatWithoutLists) {
    record.lists = reader.Number();
    record.next_list = reader.Number32();
  }
  if (format == 0 || !reader.AtEnd()) return Status(Code::kCorruptStore, "the record of a collection");
  return record;
}

const ScopeLists* FindScope(const ScopeTable& scopes, const SourceKey& scope) {
  const auto found = scopes.find(scope);
  return found == scopes.end() ? nullptr : &found->second;
}

void Space::CountSkip(SourceNumber source, const DocumentHead& head, int by) {
  if (head.skip == nullptr || (head.has_content() && head.content > head.skip->edition)) return;
  const std::pair why(source, head.skip->code);
  uint64_t& count = skipped[why];
  count += by;
  if (count == 0) skipped.erase(why);
}

void Space::Replace(const SourceKey& key, DocumentHead after, const ReplaceContext& context) {
  DocumentRow& row = *documents.try_emplace(key).first;
  ++epoch;
  CountSkip(key.source, row.second, -1);
  CountSkip(key.source, after, +1);
  if (row.second.has_content()) {
    const bool rewritten = after.ordinal == row.second.ordinal && after.content != row.second.content;
    if (rewritten) {
      past.push_back({context.commit, row.second.ordinal, row.second.content, ScopeOf(row), row.second.facets,
                      row.second.effective});
    }
    TakeOut(row, context);
  }
  row.second = std::move(after);
  if (row.second.has_content()) {
    PutIn(row, context);
  } else if (SaysNothing(row.second)) {
    documents.erase(key);
  }
}

void Space::TakeOut(const DocumentRow& row, const ReplaceContext& context) {
  const DocumentHead& head = row.second;
  --document_count;
  access.Unplace(head.ordinal, ScopeOf(row), FindScope(context.scopes, ScopeOf(row)), head.content.version);
  facets.Remove(head.ordinal, *head.facets);
  of_source[row.first.source].remove(head.ordinal.value);
  visible.remove(head.ordinal.value);
  by_ordinal.Set(head.ordinal.value, nullptr);
}

void Space::PutIn(const DocumentRow& row, const ReplaceContext& context) {
  const DocumentHead& head = row.second;
  const SourceKey scope = ScopeOf(row);
  ++document_count;
  by_ordinal.Set(head.ordinal.value, &row);
  access.Place(head.ordinal, scope, FindScope(context.scopes, scope), head.content.version);
  facets.Add(head.ordinal, *head.facets, head.effective);
  of_source[row.first.source].add(head.ordinal.value);
  if (store::IsVisible(head, withhold_outdated)) visible.add(head.ordinal.value);
}

void Space::ScopeChanged(const SourceKey& scope, const ScopeLists* before, const ScopeLists& after) {
  ++epoch;
  access.ScopeChanged(scope, before, after,
                      [this](DocumentOrdinal document) { return RowOf(document)->second.content.version; });
}

const PastContent* Space::PastOf(DocumentOrdinal document, uint64_t commit) const {
  const PastContent* oldest = nullptr;
  for (auto entry = past.rbegin(); entry != past.rend() && entry->commit > commit; ++entry) {
    if (entry->document == document) oldest = &*entry;
  }
  return oldest;
}

std::map<DocumentOrdinal, const PastContent*> Space::PastOfAll(uint64_t commit) const {
  std::map<DocumentOrdinal, const PastContent*> changed;
  // From the newest on: the oldest change after the commit is met last.
  for (auto entry = past.rbegin(); entry != past.rend() && entry->commit > commit; ++entry) {
    changed[entry->document] = &*entry;
  }
  return changed;
}

bool Space::IsVisibleAs(const PastContent& shown) const {
  const DocumentRow* row = RowOf(shown.document);
  return row != nullptr && store::IsVisibleAs(row->second, shown.content, withhold_outdated);
}

bool Space::IsVisible(DocumentOrdinal document, uint64_t commit) const {
  if (!visible.contains(document.value)) return false;
  const PastContent* shown = PastOf(document, commit);
  return shown == nullptr || IsVisibleAs(*shown);
}

bool Space::IsChunkLive(ChunkOrdinal chunk, uint64_t commit) const {
  if (chunks.contains(chunk.value)) return true;
  const auto removed = removed_chunks.find(chunk.value);
  return removed != removed_chunks.end() && removed->second > commit;
}

void Space::RemoveChunk(ChunkOrdinal chunk, uint64_t commit) {
  chunks.remove(chunk.value);
  removed_chunks[chunk.value] = commit;
}

void Space::Close() {
  visible = Roaring();
  ++epoch;
}

void Space::SweepPast(uint64_t oldest_commit) {
  while (!past.empty() && past.front().commit <= oldest_commit) past.pop_front();
  std::erase_if(removed_chunks, [&](const auto& removed) { return removed.second <= oldest_commit; });
}

}  // namespace freshet::store
