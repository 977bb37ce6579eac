#include "common/store/vector_split.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/model/dot.h"

namespace freshet::store {
namespace {

constexpr size_t kSample = 2048;  // of the entries, that two-means looks at
constexpr int kRounds = 6;
constexpr size_t kLeastShare = 8;  // neither part is less than one in this many

float DotWith(const ListEntry& entry, const Centroid& centroid) {
  const int32_t dot = model::DotInt8(entry.codes, centroid.codes.data(), centroid.codes.size());
  return static_cast<float>(dot) * entry.scale * centroid.scale;
}

Centroid Alone(const ListEntry& entry, uint32_t dimensions) {
  return {.scale = entry.scale, .codes = {entry.codes, entry.codes + dimensions}};
}

const ListEntry& Farthest(const ListEntries& entries, const Centroid& from) {
  const float half_square = HalfSquare(from);
  return *std::max_element(entries.begin(), entries.end(), [&](const ListEntry& a, const ListEntry& b) {
    return DistanceTo(a, from, half_square) < DistanceTo(b, from, half_square);
  });
}

struct Pair {
  Centroid left, right;

  // How much nearer an entry is to the left; at or above 0 it belongs there.
  float Leaning(const ListEntry& entry, float halves) const {
    return DotWith(entry, left) - DotWith(entry, right) - halves;
  }
  float Halves() const { return HalfSquare(left) - HalfSquare(right); }
};

Pair TwoMeans(const ListEntries& entries, uint32_t dimensions) {
  const Centroid middle = MeanOf(entries, dimensions);
  Pair pair;
  pair.left = Alone(Farthest(entries, middle), dimensions);
  pair.right = Alone(Farthest(entries, pair.left), dimensions);
  for (int round = 0; round < kRounds; ++round) {
    ListEntries left, right;
    const float halves = pair.Halves();
    for (const ListEntry& entry : entries) (pair.Leaning(entry, halves) >= 0 ? left : right).push_back(entry);
    if (left.empty() || right.empty()) break;
    pair = {MeanOf(left, dimensions), MeanOf(right, dimensions)};
  }
  return pair;
}

ListEntries SampleOf(const ListEntries& entries) {
  if (entries.size() <= kSample) return entries;
  ListEntries sample;
  for (size_t i = 0; i < kSample; ++i) sample.push_back(entries[i * entries.size() / kSample]);
  return sample;
}

}  // namespace

float DistanceTo(const ListEntry& entry, const Centroid& centroid, float half_square) {
  return half_square - DotWith(entry, centroid);
}

Centroid MeanOf(const ListEntries& entries, uint32_t dimensions) {
  std::vector<float> mean(dimensions);
  for (const ListEntry& entry : entries) {
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += static_cast<float>(entry.codes[i]) * entry.scale;
  }
  const auto count = static_cast<float>(std::max<size_t>(entries.size(), 1));
  for (float& each : mean) each /= count;
  Centroid centroid{.entries = entries.size()};
  centroid.codes.resize(dimensions);
  centroid.scale = model::Quantize(mean, centroid.codes);
  return centroid;
}

std::array<ListEntries, 2> SplitInTwo(const ListEntries& entries, uint32_t dimensions) {
  const Pair pair = TwoMeans(SampleOf(entries), dimensions);
  const float halves = pair.Halves();
  std::vector<std::pair<float, size_t>> order;
  order.reserve(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    const float leaning = pair.Leaning(entries[i], halves);
    order.emplace_back(std::isfinite(leaning) ? -leaning : std::numeric_limits<float>::max(), i);
  }
  std::sort(order.begin(), order.end());
  const auto crossing =
      std::partition_point(order.begin(), order.end(), [](const auto& each) { return each.first <= 0; });
  const size_t least = std::max<size_t>(entries.size() / kLeastShare, 1);
  const size_t cut = std::clamp(static_cast<size_t>(crossing - order.begin()), least, entries.size() - least);
  std::array<ListEntries, 2> parts;
  for (size_t i = 0; i < order.size(); ++i) parts[i < cut ? 0 : 1].push_back(entries[order[i].second]);
  return parts;
}

std::vector<ListEntries> Cluster(ListEntries entries, size_t most, uint32_t dimensions) {
  std::vector<ListEntries> done, waiting;
  if (!entries.empty()) waiting.push_back(std::move(entries));
  while (!waiting.empty()) {
    ListEntries next = std::move(waiting.back());
    waiting.pop_back();
    if (next.size() <= std::max<size_t>(most, 1)) {
      done.push_back(std::move(next));
      continue;
    }
    for (ListEntries& part : SplitInTwo(next, dimensions)) waiting.push_back(std::move(part));
  }
  return done;
}

}  // namespace freshet::store
