#include "services/embed/cache.h"

#include <cstring>

namespace freshet::embed {

std::string CacheKey(std::string_view model, const Hash128& hash) {
  std::string key;
  AppendText(key, model);
  key += AsBytes(hash);
  return key;
}

Result<CachedVectors> MemoryVectorCache::Get(std::string_view model, std::span<const Hash128> hashes,
                                             uint32_t dimensions) {
  CachedVectors out{.halves = std::vector<uint16_t>(hashes.size() * dimensions),
                    .found = std::vector<bool>(hashes.size())};
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i < hashes.size(); ++i) {
    const auto row = rows_.find(CacheKey(model, hashes[i]));
    if (row == rows_.end() || row->second.size() != dimensions) continue;
    out.found[i] = true;
    std::memcpy(&out.halves[i * dimensions], row->second.data(), dimensions * sizeof(uint16_t));
  }
  return out;
}

Status MemoryVectorCache::Put(std::string_view model, std::span<const Hash128> hashes,
                              std::span<const uint16_t> halves) {
  if (hashes.empty()) return OkStatus();
  const size_t dimensions = halves.size() / hashes.size();
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i < hashes.size(); ++i) {
    const auto row = halves.subspan(i * dimensions, dimensions);
    rows_[CacheKey(model, hashes[i])].assign(row.begin(), row.end());
  }
  return OkStatus();
}

size_t MemoryVectorCache::size() const {
  std::lock_guard lock(mutex_);
  return rows_.size();
}

}  // namespace freshet::embed
