// Where the units of a section are cut into chunks, so that an edit moves no cut but those beside it.
//
// A cut never depends on counting from the front. Of each unit we know how far away, in tokens, the nearest stronger
// unit is on either side; the smaller of the two is its reach.
// - Every unit whose reach is at least `spacing` begins a chunk: a local minimum (Bjørner, Blass, Gurevich:
//   "Content-dependent chunking for differential compression, the local maximum approach", JCSS 2010). Whether it does
//   depends on text within `spacing` tokens of it and nothing else, so behind an edit the cuts are the old ones again
//   at the next such unit. Two of them are never nearer than `spacing`, which is why there are no crumbs.
// - What is left longer than `room` is cut at the unit of the greatest reach that leaves `spacing` / 2 on both sides,
// and
//   where one cut is enough, both sides within `room`.
// Units of equal strength: the first one wins; a long run of equal units is cut as late as fits.
#pragma once

#include <span>
#include <vector>

#include "services/chunk/units.h"

namespace freshet::chunk {

struct CutLimits {
  uint32_t room = 0;     // tokens of a chunk, never exceeded while every unit keeps to it
  uint32_t spacing = 0;  // tokens between two cuts of the first kind; at most room / 2
};

// Keeps its buffers between calls. One thread at a time.
class Cutter {
 public:
  // Indices in `units` where chunks begin; the first is 0. Empty for no units. Valid until the next call. Linear.
  std::span<const uint32_t> Cut(std::span<const Unit> units, const CutLimits& limits);

 private:
  void FindReach(std::span<const Unit> units);
  void CutGap(uint32_t begin, uint32_t end);
  uint32_t BestCut(uint32_t begin, uint32_t end) const;
  uint32_t TokensIn(uint32_t begin, uint32_t end) const { return before_[end] - before_[begin]; }

  CutLimits limits_;
  std::vector<uint32_t> before_;  // tokens before each unit
  std::vector<uint32_t> reach_;
  std::vector<uint32_t> stack_;
  std::vector<uint32_t> starts_;
};

}  // namespace freshet::chunk
