#include "services/deid/packed_map.h"

#include <algorithm>
#include <bit>

#include "services/deid/packed_text.h"

namespace freshet::deid {
namespace {

constexpr size_t kBucketRows = 8;
constexpr size_t kFewEdits = 16;
constexpr size_t kRowsPerEdit = 16;

struct Row {
  std::string_view key;
  std::string_view record;
};

// Its first bits choose the shard, the next ones the bucket.
uint64_t HashOf(std::string_view key) {
  return static_cast<uint64_t>(std::hash<std::string_view>()(key)) * 0x9e3779b97f4a7c15;
}

size_t ShardOf(uint64_t hash) { return hash >> 54; }

size_t BucketOf(uint64_t hash, uint32_t bits) { return bits == 0 ? 0 : hash << 10 >> (64 - bits); }

Row ReadRow(PackedReader& reader) {
  Row row;
  row.key = reader.Bytes(reader.Varint());
  row.record = reader.Bytes(reader.Varint());
  return row;
}

void AppendRow(const Row& row, std::string& out) {
  AppendVarint(row.key.size(), out);
  out += row.key;
  AppendVarint(row.record.size(), out);
  out += row.record;
}

}  // namespace

std::string_view PackedMap::FindIn(const Block& block, std::string_view key, uint64_t hash) {
  const size_t bucket = BucketOf(hash, block.bucket_bits);
  const uint32_t begin = block.begins[bucket];
  PackedReader reader(std::string_view(block.bytes).substr(begin, block.begins[bucket + 1] - begin));
  while (!reader.rest().empty()) {
    const Row row = ReadRow(reader);
    if (row.key == key) return row.record;
  }
  return {};
}

std::string_view PackedMap::Find(std::string_view key) const {
  const uint64_t hash = HashOf(key);
  const Shard* const shard = shards_.At(ShardOf(hash));
  if (shard == nullptr) return {};
  if (const auto edit = shard->edits.find(key); edit != shard->edits.end()) return edit->second;
  return shard->block == nullptr ? std::string_view() : FindIn(*shard->block, key, hash);
}

void PackedMap::Put(std::string_view key, std::string record) {
  const bool was = !Find(key).empty();
  if (!was && record.empty()) return;
  size_ += static_cast<size_t>(!record.empty()) - static_cast<size_t>(was);
  Shard& shard = shards_.Own(ShardOf(HashOf(key)));
  shard.edits.insert_or_assign(std::string(key), std::move(record));
  const size_t rows = shard.block == nullptr ? 0 : shard.block->rows;
  if (shard.edits.size() > std::max(kFewEdits, rows / kRowsPerEdit)) Pack(shard);
}

void PackedMap::Pack(Shard& shard) {
  std::vector<Row> rows;
  if (shard.block != nullptr) {
    PackedReader reader(shard.block->bytes);
    while (!reader.rest().empty()) {
      const Row row = ReadRow(reader);
      if (!shard.edits.contains(row.key)) rows.push_back(row);
    }
  }
  for (const auto& [key, record] : shard.edits) {
    if (!record.empty()) rows.push_back({key, record});
  }
  auto block = std::make_shared<Block>();
  block->rows = rows.size();
  block->bucket_bits = static_cast<uint32_t>(std::bit_width(rows.size() / kBucketRows));
  const auto bucket_of = [&](const Row& row) { return BucketOf(HashOf(row.key), block->bucket_bits); };
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return bucket_of(a) < bucket_of(b); });
  std::string bytes;
  block->begins.reserve((size_t{1} << block->bucket_bits) + 1);
  for (const Row& row : rows) {
    while (block->begins.size() <= bucket_of(row)) block->begins.push_back(static_cast<uint32_t>(bytes.size()));
    AppendRow(row, bytes);
  }
  block->begins.resize((size_t{1} << block->bucket_bits) + 1, static_cast<uint32_t>(bytes.size()));
  block->bytes = std::string(bytes);  // of exactly its size
  shard.block = std::move(block);
  shard.edits.clear();
}

size_t PackedMap::MemoryBytes() const {
  size_t bytes = sizeof(*this);
  for (size_t i = 0; i < CowShards<Shard>::kSize; ++i) {
    const Shard* const shard = shards_.At(i);
    if (shard == nullptr) continue;
    bytes += sizeof(*shard);
    for (const auto& [key, record] : shard->edits) bytes += 96 + key.capacity() + record.capacity();
    if (shard->block == nullptr) continue;
    bytes += sizeof(Block) + shard->block->begins.capacity() * sizeof(uint32_t) + shard->block->bytes.capacity();
  }
  return bytes;
}

}  // namespace freshet::deid
