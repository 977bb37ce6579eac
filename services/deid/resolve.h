// Resolve: from all that detectors found in a text to what is replaced in it.
//
//   Resolved resolved = Resolve(text, policy, findings);
//   // "4711" as MRN .9 and as number .55 -> one MRN; "Ada" NAME, "Quill" NAME -> one NAME "Ada Quill"
//
// What overlaps becomes one range that covers all of it: no byte that a policy removes is ever left in for another
// finding's sake. Its kind is that of the surest finding, of equally sure ones the longest. A finding that lies within
// a surer one that the policy keeps (a number within a kept date) is dropped, but not one of the roster, nor a street
// or a number within what only the name model takes for a town.
#pragma once

#include <span>
#include <vector>

#include "schemas/clean.h"
#include "services/deid/identifier.h"
#include "services/deid/policy.h"
#include "services/deid/text.h"

namespace freshet::deid {

struct Resolved {
  std::vector<Finding> findings;  // bytes of the source, in order, disjoint
  // What the policy would remove, were it surer, and what nothing else took with it: places of the text as above.
  std::vector<Finding> guesses;
};

Resolved Resolve(const Text& text, const Policy& policy, std::vector<Finding> findings);

// Overlapping findings as one, in order.
std::vector<Finding> Union(std::vector<Finding> findings);

// Cuts what reaches over the edges of blocks into parts within them; what lies outside of blocks goes.
std::vector<Finding> ClipToBlocks(std::span<const Finding> findings, std::span<const Block> blocks);

}  // namespace freshet::deid
