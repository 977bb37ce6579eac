#include "common/store/touched.h"

#include "common/store/wire.h"

namespace freshet::store {
namespace {

constexpr uint64_t kFormat = 2;
constexpr uint64_t kWithoutLists = 1;

void Write(ValueWriter& writer, const SourceKey& key) {
  writer.Number(key.source.value);
  writer.Bytes(key.id);
}

void Write(ValueWriter& writer, const PartitionId& id) {
  writer.Number(id.first.value);
  writer.Number(id.second.value);
}

void Write(ValueWriter& writer, const WatermarkId& id) {
  writer.Number(id.source.value);
  Write(writer, PartitionId(id.stream, id.partition));
}

void Write(ValueWriter& writer, const SnapshotId& id) {
  writer.Number(id.source.value);
  writer.Bytes(id.collection.value);
}

template <class Map>
void WriteKeys(ValueWriter& writer, const Map& changes) {
  writer.Number(changes.size());
  for (const auto& [key, value] : changes) Write(writer, key);
}

void Read(ValueReader& reader, SourceKey& key) {
  key.source = SourceNumber(reader.Number32());
  key.id = reader.Bytes();
}

void Read(ValueReader& reader, PartitionId& id) {
  id.first = Stream(static_cast<decltype(Stream::value)>(reader.Number32()));
  id.second = Partition(reader.Number32());
}

void Read(ValueReader& reader, WatermarkId& id) {
  id.source = SourceNumber(reader.Number32());
  PartitionId where;
  Read(reader, where);
  id.stream = where.first;
  id.partition = where.second;
}

void Read(ValueReader& reader, SnapshotId& id) {
  id.source = SourceNumber(reader.Number32());
  id.collection = CollectionName(reader.Bytes());
}

void Write(ValueWriter& writer, SpaceId id) {
  writer.Number(id.collection);
  writer.Number(id.generation);
}

std::set<uint32_t> TouchedLists(const ListChanges& changes) {
  std::set<uint32_t> lists;
  for (const auto& [list, count] : changes.entries) lists.insert(list);
  for (const auto& [list, count] : changes.appended) lists.insert(list);
  return lists;
}

void WriteLists(ValueWriter& writer, const std::map<SpaceId, ListChanges>& changes) {
  writer.Number(changes.size());
  for (const auto& [id, of_space] : changes) {
    const std::set<uint32_t> lists = TouchedLists(of_space);
    Write(writer, id);
    writer.Number(lists.size());
    for (const uint32_t list : lists) writer.Number(list);
  }
}

SpaceId ReadSpaceId(ValueReader& reader) {
  SpaceId id;
  id.collection = reader.Number32();
  id.generation = reader.Number32();
  return id;
}

void ReadLists(ValueReader& reader, std::map<SpaceId, std::set<uint32_t>>& lists) {
  for (size_t count = reader.Count(3); count > 0; --count) {
    std::set<uint32_t>& of_space = lists[ReadSpaceId(reader)];
    for (size_t left = reader.Count(1); left > 0; --left) of_space.insert(reader.Number32());
  }
}

template <class Key>
void ReadKeys(ValueReader& reader, std::set<Key>& keys) {
  for (size_t count = reader.Count(2); count > 0; --count) {
    Key key;
    Read(reader, key);
    keys.insert(std::move(key));
  }
}

}  // namespace

std::string EncodeTouched(const Changes& changes, const NamesKnown& names) {
  std::string out;
  ValueWriter writer(out);
  writer.Number(kFormat);
  writer.Number(names.sources);
  writer.Number(names.spaces);
  writer.Number(changes.documents.size());
  for (const auto& [id, documents] : changes.documents) {
    Write(writer, id);
    WriteKeys(writer, documents);
  }
  WriteKeys(writer, changes.scopes);
  WriteKeys(writer, changes.groups);
  WriteKeys(writer, changes.consents);
  WriteKeys(writer, changes.accounts);
  WriteKeys(writer, changes.watermarks);
  WriteKeys(writer, changes.snapshots);
  WriteLists(writer, changes.lists);
  return out;
}

Status Touched::Add(std::string_view value) {
  ValueReader reader(value);
  const uint64_t format = reader.Number();
  names.sources = reader.Number();
  names.spaces = reader.Number();
  for (size_t count = reader.Count(3); count > 0; --count) {
    const SpaceId id = ReadSpaceId(reader);
    ReadKeys(reader, documents[id]);
  }
  ReadKeys(reader, scopes);
  ReadKeys(reader, groups);
  ReadKeys(reader, consents);
  ReadKeys(reader, accounts);
  ReadKeys(reader, watermarks);
  ReadKeys(reader, snapshots);
  if (format == kFormat) ReadLists(reader, lists);
  if (format == kWithoutLists) knows_lists = false;
  const bool known = format == kFormat || format == kWithoutLists;
  return known && reader.AtEnd() ? OkStatus() : Status(Code::kCorruptStore, "what a commit touched");
}

void TouchedTrail::Note(uint64_t commit, uint64_t bytes) {
  bytes_ += bytes;
  if (bytes_ < mark_bytes_) return;
  marks_.push_back(commit);
  bytes_ = 0;
}

uint64_t TouchedTrail::TakeOld() {
  uint64_t old = 0;
  while (marks_.size() > kMarks) {
    old = marks_.front();
    marks_.pop_front();
  }
  return old;
}

}  // namespace freshet::store
