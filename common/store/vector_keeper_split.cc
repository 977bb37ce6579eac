// The half of VectorKeeper that parts a list in two, and moves vectors between the halves and their neighbours.
#include <algorithm>
#include <deque>
#include <set>

#include "common/store/vector_keeper.h"

namespace freshet::store {
namespace {

constexpr size_t kAround = 32;          // lists that vectors of a split one may be nearer to
constexpr size_t kNeighbours = 6;       // of these, that are looked at for vectors to move
constexpr size_t kWorthRewriting = 20;  // a neighbour is, where one in this many moves

// Some lists of all, to find the nearest among: a split that looked at every centroid for every vector would stand in
// the way of the next write for a tenth of a second.
class SomeLists {
 public:
  explicit SomeLists(const VectorLists& all) : all_(all) {}

  void Add(uint32_t list) {
    const Centroid& centroid = all_.centroids().at(list);
    lists_.push_back({list, &centroid, HalfSquare(centroid)});
  }
  // There must be one; the first of those that are equally near.
  uint32_t Nearest(const ListEntry& entry) const {
    const auto nearer = [&](const Each& a, const Each& b) { return Distance(entry, a) < Distance(entry, b); };
    return std::min_element(lists_.begin(), lists_.end(), nearer)->list;
  }

 private:
  struct Each {
    uint32_t list;
    const Centroid* centroid;
    float half_square;
  };
  static float Distance(const ListEntry& entry, const Each& each) {
    return DistanceTo(entry, *each.centroid, each.half_square);
  }

  const VectorLists& all_;
  std::vector<Each> lists_;
};

}  // namespace

// What is nearer to another list now goes there: of this one's entries, and of its neighbours' those that a half is
// nearer to.
Status VectorKeeper::Split(Batch& batch, uint32_t list, const Loaded& loaded) {
  SpaceRecord& record = batch.EditSpace(space_);
  VectorLists::Centroids centroids = space_.lists->centroids();
  centroids.erase(list);
  Halves halves;
  for (ListEntries& half : SplitInTwo(loaded.entries, dimensions())) {
    centroids[record.next_list] = MeanOf(half, dimensions());
    halves[record.next_list++] = std::move(half);
  }
  const auto lists = VectorLists::Make(dimensions(), std::move(centroids));
  const Centroid& before = space_.lists->centroids().at(list);
  std::vector<uint32_t> around = lists->NearestFew(before.codes, before.scale, kAround + halves.size());
  std::erase_if(around, [&](uint32_t near) { return halves.contains(near); });

  const Moved moved = MoveOut(*lists, around, halves);
  around.resize(std::min(around.size(), kNeighbours));
  std::deque<Loaded> neighbours;  // lend their entries
  for (const uint32_t near : around) {
    FRESHET_ASSIGN_OR_RETURN(neighbours.emplace_back(), Load(near));
    MoveIn(batch, *lists, {near, neighbours.back()}, halves);
  }
  batch.RemoveList(space_, list);
  std::set<uint32_t> changed;
  for (const auto& [half, entries] : halves) {
    batch.PutList(space_, half, ListBytes(entries, dimensions()));
    changed.insert(half);
  }
  // After the neighbours' rewriting, which they would be lost in.
  for (const auto& [to, entry] : moved) batch.AppendToList(space_, to, entry);
  batch.PutCentroids(space_, lists, changed);
  return OkStatus();
}

// As it was parted, where it is no nearer elsewhere: equal vectors must part, and stay parted.
VectorKeeper::Moved VectorKeeper::MoveOut(const VectorLists& lists, std::span<const uint32_t> around, Halves& halves) {
  Moved moved;
  for (auto& [half, entries] : halves) {
    SomeLists near(lists);
    near.Add(half);
    for (const uint32_t other : around) near.Add(other);
    std::erase_if(entries, [&](const ListEntry& entry) {
      const uint32_t to = near.Nearest(entry);
      if (to != half) moved.emplace_back(to, entry);
      return to != half;
    });
  }
  return moved;
}

void VectorKeeper::MoveIn(Batch& batch, const VectorLists& lists, Neighbour from, Halves& halves) {
  SomeLists near(lists);
  near.Add(from.list);
  for (const auto& [half, entries] : halves) near.Add(half);
  ListEntries& entries = from.loaded.entries;
  const auto leaving = std::stable_partition(entries.begin(), entries.end(),
                                             [&](const ListEntry& entry) { return near.Nearest(entry) == from.list; });
  const auto leave = static_cast<size_t>(entries.end() - leaving);
  if (leave == 0 || leave * kWorthRewriting < from.loaded.size) return;
  for (auto entry = leaving; entry != entries.end(); ++entry) halves[near.Nearest(*entry)].push_back(*entry);
  entries.erase(leaving, entries.end());
  batch.PutList(space_, from.list, ListBytes(entries, dimensions()));
}

}  // namespace freshet::store
