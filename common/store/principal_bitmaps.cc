#include "common/store/principal_bitmaps.h"

#include <iterator>

namespace freshet::store {
namespace {

// Takes documents from the bitmap that a table has under a key; an empty one goes.
template <class Table, class Key>
void Subtract(Table& table, const Key& key, const Roaring& documents) {
  const auto found = table.find(key);
  if (found == table.end()) return;
  found->second -= documents;
  if (found->second.isEmpty()) table.erase(found);
}

}  // namespace

void PrincipalBitmaps::Remove(const Entry& entry, const Roaring& documents) {
  if (!entry.period.is_limited()) return Subtract(always_, entry.name, documents);
  const auto limited = limited_.find(entry.name);
  if (limited == limited_.end()) return;
  Subtract(limited->second, entry.period, documents);
  if (limited->second.empty()) limited_.erase(limited);
}

void PrincipalBitmaps::Collect(const ByPeriod& limited, Moment& moment, std::vector<const Roaring*>& parts) {
  auto next = limited.upper_bound({.until = moment.now(), .from = Time::max()});
  if (next != limited.begin()) moment.Note(std::prev(next)->first.until);
  for (; next != limited.end(); ++next) {
    if (moment.IsIn(next->first)) parts.push_back(&next->second);
  }
}

Roaring PrincipalBitmaps::Of(Asking asking) const {
  std::vector<const Roaring*> parts;
  for (const std::string& principal : asking.principals) {
    const auto always = always_.find(principal);
    if (always != always_.end()) parts.push_back(&always->second);
    const auto limited = limited_.find(principal);
    if (limited != limited_.end()) Collect(limited->second, asking.moment, parts);
  }
  return parts.empty() ? Roaring() : Roaring::fastunion(parts.size(), parts.data());
}

}  // namespace freshet::store
