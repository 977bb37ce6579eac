#include "services/deid/counted_hashes.h"

#include <algorithm>

namespace freshet::deid {
namespace {

constexpr size_t kFewEdits = 64;
constexpr size_t kPackedPerEdit = 32;
constexpr uint32_t kMaxTag = (1u << kTagBits) - 1;

// Spreads hashes of short texts over all bits; no two become one (the finaliser of MurmurHash3).
uint64_t Mix(uint64_t hash) {
  hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccd;
  hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53;
  return hash ^ hash >> 33;
}

const auto kByWord = [](const auto& edit, uint64_t word) { return edit.word < word; };

}  // namespace

uint32_t CountedHashes::TagOf(uint64_t word) const {
  return options_.dropped_bits == 0 ? static_cast<uint32_t>(word & kMaxTag) : 0;
}

void CountedHashes::Count(uint64_t hash, uint32_t tag, int by) {
  const uint64_t mixed = Mix(hash);
  const uint64_t word = WordOf(mixed, tag);
  Shard& shard = shards_.Own(ShardOf(mixed));
  auto edit = std::lower_bound(shard.edits.begin(), shard.edits.end(), word, kByWord);
  const bool is_new = edit == shard.edits.end() || edit->word != word;
  if (options_.enough > 0) {
    const size_t packed = shard.packed == nullptr ? 0 : shard.packed->Count(word);
    if (static_cast<int64_t>(packed) + (is_new ? 0 : edit->by) >= options_.enough) return;
  }
  if (is_new) edit = shard.edits.insert(edit, {word, 0});
  edit->by += by;
  if (edit->by == 0) shard.edits.erase(edit);
  const size_t packed = shard.packed == nullptr ? 0 : shard.packed->size();
  if (shard.edits.size() > std::max(kFewEdits, packed / kPackedPerEdit)) Pack(shard);
}

std::optional<uint32_t> CountedHashes::Find(uint64_t hash) const {
  const uint64_t mixed = Mix(hash);
  const Shard* const shard = shards_.At(ShardOf(mixed));
  if (shard == nullptr) return std::nullopt;
  uint64_t low = WordOf(mixed, 0);
  const uint64_t high = WordOf(mixed, kMaxTag);
  auto edit = std::lower_bound(shard->edits.begin(), shard->edits.end(), low, kByWord);
  for (;;) {
    const auto packed = shard->packed == nullptr ? std::nullopt : shard->packed->FirstWithin(low, high);
    const uint64_t first = packed.value_or(high);
    const bool is_edited = edit != shard->edits.end() && edit->word <= first;
    if (!is_edited) return packed ? std::optional(TagOf(first)) : std::nullopt;
    const size_t before = packed && edit->word == first ? shard->packed->Count(first) : 0;
    if (static_cast<int64_t>(before) + edit->by > 0) return TagOf(edit->word);
    if (edit->word == high) return std::nullopt;
    low = edit->word + 1;
    ++edit;
  }
}

void CountedHashes::Pack(Shard& shard) const {
  std::vector<uint64_t> words;
  words.reserve((shard.packed == nullptr ? 0 : shard.packed->size()) + shard.edits.size());
  auto edit = shard.edits.begin();
  const auto put = [&](uint64_t word, int64_t count) {
    if (count > 0) words.insert(words.end(), static_cast<size_t>(count), word);
  };
  int64_t gone = 0;  // of the word that `edit` was about
  uint64_t gone_word = 0;
  const auto take = [&](uint64_t word) {
    for (; edit != shard.edits.end() && edit->word <= word; ++edit) {
      if (edit->by > 0) {
        put(edit->word, edit->by);
      } else {
        gone = -edit->by;
        gone_word = edit->word;
      }
    }
    if (gone > 0 && gone_word == word) {
      --gone;
    } else {
      put(word, 1);
    }
  };
  if (shard.packed != nullptr) shard.packed->ForEach(take);
  for (; edit != shard.edits.end(); ++edit) put(edit->word, edit->by);
  shard.packed = std::make_shared<const PackedWords>(words, 64 - options_.dropped_bits);
  shard.edits = {};
}

size_t CountedHashes::MemoryBytes() const {
  size_t bytes = sizeof(*this);
  for (size_t i = 0; i < CowShards<Shard>::kSize; ++i) {
    const Shard* const shard = shards_.At(i);
    if (shard == nullptr) continue;
    bytes += sizeof(*shard) + shard->edits.capacity() * sizeof(Edit);
    if (shard->packed != nullptr) bytes += shard->packed->MemoryBytes();
  }
  return bytes;
}

}  // namespace freshet::deid
