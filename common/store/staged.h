// Staged<Map>: changes to a table that are not yet written: later reads see them, the table does not, until they are
// known to be on disk. So a failed write leaves nothing behind.
//
//   Staged<Table> staged(table);
//   staged.Edit(key).count = 7;         // a copy of the table's value, or a new one
//   staged.Find(key)->count             // 7; table.at(key).count is what it was
//   for (auto& [key, value] : staged.changes()) batch.Put(...);
//   for (auto& [key, value] : staged.changes()) table[key] = std::move(value);
//
// Keys are ordered; the table must outlive it and not change meanwhile. Not for concurrent use.
#pragma once

#include <map>

namespace freshet::store {

template <class Map>
class Staged {
 public:
  using Key = typename Map::key_type;
  using Value = typename Map::mapped_type;

  explicit Staged(const Map& table) : table_(table) {}

  const Value* Find(const Key& key) const {
    if (const auto change = changes_.find(key); change != changes_.end()) return &change->second;
    const auto row = table_.find(key);
    return row == table_.end() ? nullptr : &row->second;
  }

  Value& Edit(const Key& key) {
    const auto [change, added] = changes_.try_emplace(key);
    if (added) {
      if (const auto row = table_.find(key); row != table_.end()) change->second = row->second;
    }
    return change->second;
  }

  // Every key once, with its newest value, until `visit` returns false.
  template <class Visit>
  void ForEach(Visit visit) const {
    for (const auto& [key, value] : changes_) {
      if (!visit(key, value)) return;
    }
    for (const auto& [key, value] : table_) {
      if (!changes_.empty() && changes_.contains(key)) continue;
      if (!visit(key, value)) return;
    }
  }

  std::map<Key, Value>& changes() { return changes_; }
  const std::map<Key, Value>& changes() const { return changes_; }

 private:
  const Map& table_;
  std::map<Key, Value> changes_;
};

}  // namespace freshet::store
