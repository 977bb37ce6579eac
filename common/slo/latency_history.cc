#include "common/slo/latency_history.h"

#include "common/base/bytes.h"

namespace freshet::slo {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

struct Tier {
  Duration slot;
  Duration keep;
};
constexpr Tier kTierTable[] = {{minutes(1), hours(7)}, {hours(1), days(4)}, {days(1), days(91)}};

Time StartOf(Time time, Duration slot) {
  const int64_t micros = ToMicros(time);
  return FromMicros(micros - ((micros % slot.count()) + slot.count()) % slot.count());
}

// Of a key; nothing where it is none of ours.
struct Place {
  size_t tier;
  Time start;
  Series series;
};
std::optional<Place> PlaceOf(std::string_view key) {
  constexpr size_t kHead = 9;
  if (key.size() < kHead || static_cast<uint8_t>(key[0]) >= std::size(kTierTable)) return std::nullopt;
  uint64_t micros = 0;
  for (size_t i = 1; i < kHead; ++i) micros = micros << 8 | static_cast<uint8_t>(key[i]);
  const size_t zero = key.find('\0', kHead);
  if (zero == key.npos) return std::nullopt;
  return Place{static_cast<uint8_t>(key[0]),
               FromMicros(static_cast<int64_t>(micros)),
               {SourceName(std::string(key.substr(kHead, zero - kHead))), std::string(key.substr(zero + 1))}};
}

store::DatabaseOptions DatabaseOptionsOf(const HistoryOptions& options) {
  return {.path = options.path,
          .families = {"slots"},
          .env = options.env,
          .block_cache_bytes = 1 << 20,
          .write_buffer_bytes = 1 << 20};
}

}  // namespace

std::string LatencyHistory::KeyOf(size_t tier, Time start, const Series& series) {
  std::string key(1, static_cast<char>(tier));
  const auto micros = static_cast<uint64_t>(ToMicros(start));
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(micros >> shift));
  return key + series.source.value + '\0' + series.name;
}

Result<std::map<Series, LatencyHistory::Tiers>> LatencyHistory::Load(store::Database& database) {
  std::map<Series, Tiers> loaded;
  const std::unique_ptr<rocksdb::Iterator> rows(database.db().NewIterator({}, database.family(0)));
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    auto place = PlaceOf({rows->key().data(), rows->key().size()});
    auto counts = LatencyCounts::Parse({rows->value().data(), rows->value().size()});
    if (!place || !counts.ok()) return Status(Code::kCorruptStore, "a slot of the latency history cannot be read");
    loaded[std::move(place->series)][place->tier][place->start] = std::move(*counts);
  }
  FRESHET_RETURN_IF_ERROR(store::FromRocks(rows->status()));
  return loaded;
}

Result<std::unique_ptr<LatencyHistory>> LatencyHistory::Open(HistoryOptions options) {
  FRESHET_ASSIGN_OR_RETURN(auto database, store::Database::Open(DatabaseOptionsOf(options)));
  std::unique_ptr<LatencyHistory> history(new LatencyHistory(std::move(options), std::move(database)));
  FRESHET_ASSIGN_OR_RETURN(history->series_, Load(*history->database_));
  return history;
}

std::unique_ptr<LatencyHistory> LatencyHistory::Follow(HistoryOptions options) {
  return std::unique_ptr<LatencyHistory>(new LatencyHistory(std::move(options), nullptr));
}

Status LatencyHistory::CatchUp() {
  // Also where the writer began anew: its files are others.
  if (database_ == nullptr || database_->IsOutlived() || !database_->CatchUp().ok()) {
    database_.reset();
    FRESHET_ASSIGN_OR_RETURN(database_, store::Database::OpenFollower(DatabaseOptionsOf(options_)));
  }
  FRESHET_ASSIGN_OR_RETURN(auto loaded, Load(*database_));
  std::lock_guard lock(mutex_);
  series_ = std::move(loaded);
  return OkStatus();
}

Status LatencyHistory::Sync() { return database_->Sync(); }

void LatencyHistory::DropExpired(Time now, rocksdb::WriteBatch& batch) {
  for (auto& [series, tiers] : series_) {
    for (size_t tier = 0; tier < kTiers; ++tier) {
      Slots& slots = tiers[tier];
      while (!slots.empty() && slots.begin()->first + kTierTable[tier].keep < now) {
        batch.Delete(database_->family(0), KeyOf(tier, slots.begin()->first, series));
        slots.erase(slots.begin());
      }
    }
  }
}

Status LatencyHistory::Add(Time now, const std::map<Series, LatencyCounts>& more) {
  std::lock_guard lock(mutex_);
  rocksdb::WriteBatch batch;
  std::vector<std::pair<LatencyCounts*, LatencyCounts>> changes;
  for (const auto& [series, counts] : more) {
    if (counts.empty()) continue;
    Tiers& tiers = series_[series];
    for (size_t tier = 0; tier < kTiers; ++tier) {
      const Time start = StartOf(now, kTierTable[tier].slot);
      LatencyCounts& slot = tiers[tier][start];
      LatencyCounts next = slot;
      next.Merge(counts);
      batch.Put(database_->family(0), KeyOf(tier, start, series), next.Serialize());
      changes.emplace_back(&slot, std::move(next));
    }
  }
  if (const Time minute = StartOf(now, minutes(1)); minute != dropped_) {
    DropExpired(now, batch);
    dropped_ = minute;
  }
  if (batch.Count() == 0) return OkStatus();
  FRESHET_RETURN_IF_ERROR(database_->Write(batch, store::Durability::kBuffered));
  for (auto& [slot, next] : changes) *slot = std::move(next);
  return OkStatus();
}

size_t LatencyHistory::TierFor(Duration window) {
  for (size_t tier = 0; tier + 1 < kTiers; ++tier) {
    if (window + kTierTable[tier].slot <= kTierTable[tier].keep) return tier;
  }
  return kTiers - 1;
}

template <class Visit>
void LatencyHistory::EachSlot(const Series& series, Time now, Duration window, Visit&& visit) const {
  std::lock_guard lock(mutex_);
  const auto found = series_.find(series);
  if (found == series_.end()) return;
  const size_t tier = TierFor(window);
  const Slots& slots = found->second[tier];
  // The first slot that ends after the window began.
  for (auto it = slots.upper_bound(now - window - kTierTable[tier].slot); it != slots.end() && it->first <= now; ++it) {
    visit(it->first, it->second);
  }
}

LatencyCounts LatencyHistory::Over(const Series& series, Time now, Duration window) const {
  LatencyCounts all;
  EachSlot(series, now, window, [&](Time, const LatencyCounts& counts) { all.Merge(counts); });
  return all;
}

Tally LatencyHistory::TallyOver(const Series& series, Time now, Duration window, Duration limit) const {
  Tally tally;
  EachSlot(series, now, window, [&](Time, const LatencyCounts& counts) {
    tally.count += counts.count();
    tally.within += counts.CountUpTo(limit);
  });
  return tally;
}

std::vector<LatencyCounts> LatencyHistory::Minutes(const Series& series, Time now, size_t count) const {
  std::vector<LatencyCounts> recent(count);
  const Time last = StartOf(now, minutes(1));
  EachSlot(series, now, minutes(count), [&](Time start, const LatencyCounts& counts) {
    const auto back = static_cast<size_t>((last - start) / minutes(1));
    if (back < count) recent[count - 1 - back] = counts;
  });
  return recent;
}

}  // namespace freshet::slo
