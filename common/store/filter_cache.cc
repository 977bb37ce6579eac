#include "common/store/filter_cache.h"

namespace freshet::store {

std::shared_ptr<const Filter::Bitmap> FilterCache::Find(const Key& key, Time now) {
  std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key.principals);
  if (found == by_key_.end() || found->second->epoch != key.epoch) return nullptr;
  if (!found->second->stands.Contains(now)) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->bitmap;
}

void FilterCache::Keep(const Key& key, const Period& stands, std::shared_ptr<const Filter::Bitmap> bitmap) {
  std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key.principals); found != by_key_.end()) {
    entries_.erase(found->second);
    by_key_.erase(found);
  }
  entries_.push_front({key.principals, key.epoch, stands, std::move(bitmap)});
  by_key_[key.principals] = entries_.begin();
  if (entries_.size() <= kMaxEntries) return;
  by_key_.erase(entries_.back().key);
  entries_.pop_back();
}

size_t FilterCache::size() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace freshet::store
