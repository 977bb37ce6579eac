// The packed tables under the roster against plain ones, over any history.
#include "services/deid/packed_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "services/deid/counted_hashes.h"
#include "services/deid/packed_text.h"

namespace freshet::deid {
namespace {

TEST(PackedText, GivesBackWhatWasPut) {
  const std::string uuid = "0b5f6c3e-77aa-4f2d-9c10-0123456789ab";
  for (const std::string& text :
       {std::string(), std::string("4711"), std::string("+16175550123"), uuid, std::string("deadbeef00"),
        std::string("quill-ostrander"), std::string("12 elm st., tarrywile, ct 06810"),
        std::string("zofie@quill.example"), std::string("Žofie"), std::string("UPPER"), std::string(31, '7'),
        std::string(32, 'q'), std::string(5000, 'Z'), std::string("\0x", 2), uuid.substr(1), "0B5F" + uuid.substr(4)}) {
    std::string bytes;
    AppendPacked(text, bytes);
    AppendVarint(300, bytes);
    PackedReader reader(bytes);
    EXPECT_EQ(reader.Text(), text);
    EXPECT_EQ(reader.Varint(), 300u) << text;
    EXPECT_TRUE(reader.rest().empty()) << text;
  }
}

TEST(PackedText, IsShort) {
  const auto size = [](std::string_view text) {
    std::string bytes;
    AppendPacked(text, bytes);
    return bytes.size();
  };
  EXPECT_EQ(size("0b5f6c3e-77aa-4f2d-9c10-0123456789ab"), 17u);
  EXPECT_EQ(size("1961-03-04"), 6u);
  EXPECT_EQ(size("ostrander"), 7u);
  EXPECT_EQ(size("12 elm street"), 11u);
}

TEST(PackedText, ReadsAnyBytesAndNoFurther) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    PackedReader reader(bytes);
    while (!reader.rest().empty()) {
      const size_t before = reader.rest().size();
      ASSERT_LE(reader.Text().size(), 2 * before + 4);
      ASSERT_LT(reader.rest().size(), before);
    }
  }
}

// Any edits, snapshots in between: each is as the plain map was then.
TEST(PackedMap, IsAMap) {
  std::mt19937_64 random(3);
  PackedMap map;
  std::map<std::string, std::string> plain;
  std::vector<std::pair<std::unique_ptr<PackedMap>, std::map<std::string, std::string>>> snapshots;
  for (int i = 0; i < 60'000; ++i) {
    const std::string key = "patient-" + std::to_string(random() % 30'000);
    if (random() % 4 == 0) {
      plain.erase(key);
      map.Put(key, "");
    } else {
      const std::string record(1 + random() % 20, static_cast<char>('a' + random() % 26));
      plain[key] = record;
      map.Put(key, record);
    }
    if (i % 20'000 == 10'000) snapshots.emplace_back(std::make_unique<PackedMap>(map), plain);
  }
  snapshots.emplace_back(std::make_unique<PackedMap>(map), plain);
  for (const auto& [snapshot, then] : snapshots) {
    EXPECT_EQ(snapshot->size(), then.size());
    for (int i = 0; i < 30'000; ++i) {
      const std::string key = "patient-" + std::to_string(i);
      const auto expected = then.find(key);
      ASSERT_EQ(snapshot->Find(key), expected == then.end() ? "" : expected->second) << key;
    }
  }
}

// Counts of (hash, tag): found is the least tag that counts above nothing.
class PlainCounts {
 public:
  void Count(uint64_t hash, uint32_t tag, int by) {
    int& count = counts_[{hash, tag}];
    count += by;
    if (count == 0) counts_.erase({hash, tag});
  }
  std::optional<uint32_t> Find(uint64_t hash) const {
    const auto found = counts_.lower_bound({hash, 0});
    return found == counts_.end() || found->first.first != hash ? std::nullopt : std::optional(found->first.second);
  }
  const auto& all() const { return counts_; }

 private:
  std::map<std::pair<uint64_t, uint32_t>, int> counts_;
};

TEST(CountedHashes, CountLikeAPlainMap) {
  std::mt19937_64 random(11);
  CountedHashes hashes;
  PlainCounts plain;
  std::vector<std::pair<std::unique_ptr<CountedHashes>, PlainCounts>> snapshots;
  // A few hashes crowd one shard, so that it is packed again and again; the others are spread.
  const auto any_hash = [&] { return random() % 2 == 0 ? random() % 700 : random() % 200'000 * 0x9e3779b97f4a7c15; };
  for (int i = 0; i < 250'000; ++i) {
    const uint64_t hash = any_hash();
    const auto tag = static_cast<uint32_t>(random() % 3 * 300);
    const auto known = plain.all().find({hash, tag});
    const int by = known != plain.all().end() && random() % 3 == 0 ? -1 : 1;
    hashes.Count(hash, tag, by);
    plain.Count(hash, tag, by);
    if (i % 100'000 == 50'000) snapshots.emplace_back(std::make_unique<CountedHashes>(hashes), plain);
  }
  snapshots.emplace_back(std::make_unique<CountedHashes>(hashes), plain);
  for (const auto& [snapshot, then] : snapshots) {
    for (int i = 0; i < 100'000; ++i) {
      const uint64_t hash = any_hash();
      ASSERT_EQ(snapshot->Find(hash), then.Find(hash)) << hash;
    }
  }
}

TEST(CountedHashes, AFilterKeepsWhatManyHave) {
  CountedHashes filter({.dropped_bits = 28, .enough = 3});
  for (int i = 0; i < 4; ++i) filter.Count(77, 0, +1);
  for (int i = 0; i < 2; ++i) filter.Count(78, 0, +1);
  for (int i = 0; i < 4; ++i) filter.Count(77, 0, -1);
  for (int i = 0; i < 2; ++i) filter.Count(78, 0, -1);
  EXPECT_TRUE(filter.Find(77)) << "not counted on: it stays";
  EXPECT_FALSE(filter.Find(78));
  size_t wrong = 0;
  for (uint64_t i = 0; i < 5000; ++i) filter.Count(i * 0x9e3779b97f4a7c15, 0, +1);
  for (uint64_t i = 0; i < 5000; ++i) {
    EXPECT_TRUE(filter.Find(i * 0x9e3779b97f4a7c15));
    wrong += filter.Find(i * 0xc2b2ae3d27d4eb4f + 5).has_value();
  }
  EXPECT_LT(wrong, 5u);
}

TEST(PackedWords, TakeAsFewBytesAsTheirSpreadAllows) {
  std::mt19937_64 random(5);
  std::vector<uint64_t> words(15'000);
  for (uint64_t& word : words) word = random();
  std::sort(words.begin(), words.end());
  const PackedWords packed(words, 64);
  EXPECT_LT(packed.MemoryBytes(), words.size() * 15 / 2);
  std::vector<uint64_t> back;
  packed.ForEach([&](uint64_t word) { back.push_back(word); });
  EXPECT_EQ(back, words);
  EXPECT_EQ(packed.FirstWithin(0, ~uint64_t{0}), words.front());
  EXPECT_EQ(packed.FirstWithin(words[7] + 1, ~uint64_t{0}), words[8]);
  EXPECT_EQ(packed.FirstWithin(words.back() + 1, ~uint64_t{0}), std::nullopt);
}

TEST(CowShards, SnapshotsShareWhatHasNotChanged) {
  CowShards<int, 4> shards;
  shards.Own(1) = 1;
  shards.Own(2) = 1;
  const CowShards<int, 4> snapshot = shards;
  shards.Own(1) = 2;
  EXPECT_EQ(*snapshot.At(1), 1);
  EXPECT_EQ(*shards.At(1), 2);
  EXPECT_EQ(snapshot.At(2), shards.At(2)) << "the same memory";
  EXPECT_EQ(snapshot.At(3), nullptr);
}

}  // namespace
}  // namespace freshet::deid
