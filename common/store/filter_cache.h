// FilterCache: the documents that a set of principals may see, remembered until something changes; the least recently
// used go first.
//
//   if (auto bitmap = cache.Find(key, epoch)) return bitmap;      cache.Keep(key, epoch, bitmap);
//
// Any thread.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "common/store/filter_bitmap.h"

namespace freshet::store {

class FilterCache {
 public:
  std::shared_ptr<const Filter::Bitmap> Find(const std::string& key, uint64_t epoch);
  void Keep(const std::string& key, uint64_t epoch, std::shared_ptr<const Filter::Bitmap> bitmap);
  size_t size() const;

  static constexpr size_t kMaxEntries = 64;

 private:
  struct Entry {
    std::string key;
    uint64_t epoch = 0;
    std::shared_ptr<const Filter::Bitmap> bitmap;
  };
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
};

}  // namespace freshet::store
