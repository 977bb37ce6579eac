// FilterCache: the documents that a set of principals may see, remembered until something changes, or until the time
// comes at which somebody's listing begins or ends; the least recently used go first.
//
//   if (auto bitmap = cache.Find({key, epoch}, now)) return bitmap;
//   cache.Keep({key, epoch}, moment.stays(), bitmap);
//
// Any thread.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "common/base/listed.h"
#include "common/store/filter_bitmap.h"

namespace freshet::store {

class FilterCache {
 public:
  struct Key {
    const std::string& principals;
    uint64_t epoch = 0;
  };
  std::shared_ptr<const Filter::Bitmap> Find(const Key& key, Time now);
  // `stands`: when the bitmap is right.
  void Keep(const Key& key, const Period& stands, std::shared_ptr<const Filter::Bitmap> bitmap);
  size_t size() const;

  static constexpr size_t kMaxEntries = 64;

 private:
  struct Entry {
    std::string key;
    uint64_t epoch = 0;
    Period stands;
    std::shared_ptr<const Filter::Bitmap> bitmap;
  };
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
};

}  // namespace freshet::store
