// The vector cache in RocksDB: one family, "vectors".
//   key   := text(model) hash(16)                 CacheKey
//   value := binary16, little-endian, dimensions of them
//
// The family compacts FIFO: files are never rewritten, and when together they exceed the limit RocksDB drops the
// oldest. So the bound holds by itself, across restarts, at a write amplification of one; what it forgets is what was
// put first, hot or not, which costs one embedding for each max_bytes of new text. Keys are hashes in no order, so
// every file is asked; its Bloom filter answers.
#include <rocksdb/db.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "common/store/database.h"
#include "services/embed/cache.h"

namespace freshet::embed {
namespace {

static_assert(std::endian::native == std::endian::little, "vectors are stored as they lie in memory");

constexpr uint64_t kLeastBytes = 4u << 20;

class RocksVectorCache final : public VectorCache {
 public:
  explicit RocksVectorCache(std::unique_ptr<store::Database> database) : database_(std::move(database)) {}

  Result<CachedVectors> Get(std::string_view model, std::span<const Hash128> hashes, uint32_t dimensions) override {
    CachedVectors out{.halves = std::vector<uint16_t>(hashes.size() * dimensions),
                      .found = std::vector<bool>(hashes.size())};
    const std::vector<std::string> keys = KeysOf(model, hashes);
    std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    database_->db().MultiGet(rocksdb::ReadOptions(), database_->family(0), keys.size(), slices.data(), values.data(),
                             statuses.data());
    const size_t bytes = dimensions * sizeof(uint16_t);
    for (size_t i = 0; i < keys.size(); ++i) {
      if (statuses[i].IsNotFound()) continue;
      if (!statuses[i].ok()) return store::FromRocks(statuses[i]);
      if (values[i].size() != bytes) continue;
      out.found[i] = true;
      std::memcpy(&out.halves[i * dimensions], values[i].data(), bytes);
    }
    return out;
  }

  Status Put(std::string_view model, std::span<const Hash128> hashes, std::span<const uint16_t> halves) override {
    if (hashes.empty()) return OkStatus();
    const size_t dimensions = halves.size() / hashes.size();
    rocksdb::WriteBatch batch;
    for (size_t i = 0; i < hashes.size(); ++i) {
      const auto row = std::as_bytes(halves.subspan(i * dimensions, dimensions));
      const rocksdb::Slice value(reinterpret_cast<const char*>(row.data()), row.size());
      FRESHET_RETURN_IF_ERROR(store::FromRocks(batch.Put(database_->family(0), CacheKey(model, hashes[i]), value)));
    }
    return database_->Write(batch, store::Durability::kBuffered);
  }

 private:
  static std::vector<std::string> KeysOf(std::string_view model, std::span<const Hash128> hashes) {
    std::vector<std::string> keys;
    keys.reserve(hashes.size());
    for (const Hash128& hash : hashes) keys.push_back(CacheKey(model, hash));
    return keys;
  }

  std::unique_ptr<store::Database> database_;
};

}  // namespace

Result<std::unique_ptr<VectorCache>> OpenVectorCache(const CacheOptions& options) {
  if (options.max_bytes < kLeastBytes) {
    return Status(Code::kConfiguration, "the vector cache's max_bytes must be at least " + std::to_string(kLeastBytes));
  }
  const auto tune = [&options](const std::string& family, rocksdb::ColumnFamilyOptions& out) {
    out.compaction_style = rocksdb::kCompactionStyleFIFO;
    out.compaction_options_fifo.max_table_files_size = options.max_bytes;
    out.num_levels = 1;
    out.level_compaction_dynamic_level_bytes = false;
    out.level0_slowdown_writes_trigger = INT32_MAX;  // every file is at level 0: their number is no backlog
    out.level0_stop_writes_trigger = INT32_MAX;
  };
  // Sixteen files at most: what is dropped at once is a sixteenth, and a look-up asks as many filters.
  const uint64_t file_bytes = std::clamp<uint64_t>(options.max_bytes / 16, 256u << 10, 64u << 20);
  FRESHET_ASSIGN_OR_RETURN(auto database, store::Database::Open({.path = options.path,
                                                                 .families = {"vectors"},
                                                                 .env = options.env,
                                                                 .block_cache_bytes = options.block_cache_bytes,
                                                                 .write_buffer_bytes = file_bytes,
                                                                 .compress = false,
                                                                 .tune = tune}));
  return std::unique_ptr<VectorCache>(std::make_unique<RocksVectorCache>(std::move(database)));
}

}  // namespace freshet::embed
