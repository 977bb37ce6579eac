#include "common/store/filter_cache.h"

namespace freshet::store {

std::shared_ptr<const Filter::Bitmap> FilterCache::Find(const std::string& key, uint64_t epoch) {
  std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end() || found->second->epoch != epoch) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->bitmap;
}

void FilterCache::Keep(const std::string& key, uint64_t epoch, std::shared_ptr<const Filter::Bitmap> bitmap) {
  std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    entries_.erase(found->second);
    by_key_.erase(found);
  }
  entries_.push_front({key, epoch, std::move(bitmap)});
  by_key_[key] = entries_.begin();
  if (entries_.size() <= kMaxEntries) return;
  by_key_.erase(entries_.back().key);
  entries_.pop_back();
}

size_t FilterCache::size() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace freshet::store
