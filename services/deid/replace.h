// Replace: puts something else where findings were, and moves the blocks along.
//
//   Replaced clean = Replace(text, blocks, findings, PlaceholderReplacer(policy));
//   // "Ada Quill, MRN 4711" -> "[NAME], MRN [MRN]"
//
// What is put there is a Replacer's choice: placeholders here; consistent surrogates and shifted dates are others of
// the kind, that hold the keys and the patient which they need. Plain functions, no state.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/clean.h"
#include "services/deid/identifier.h"
#include "services/deid/policy.h"

namespace freshet::deid {

class Replacer {
 public:
  virtual ~Replacer() = default;
  // Appends what stands for `original`, whose finding this is. Deterministic.
  virtual void Append(const Finding& finding, std::string_view original, std::string& out) const = 0;
};

class PlaceholderReplacer final : public Replacer {
 public:
  explicit PlaceholderReplacer(const Policy& policy) : policy_(policy) {}
  void Append(const Finding& finding, std::string_view original, std::string& out) const override;

 private:
  const Policy& policy_;
};

struct Replaced {
  std::string text;
  std::vector<Block> blocks;  // those that have text left, in its places
};

// `findings` in order and disjoint, each within one block or with no blocks at all.
Replaced Replace(std::string_view text, std::span<const Block> blocks, std::span<const Finding> findings,
                 const Replacer& replacer);

// True where bytes [begin, end) lie within a placeholder.
bool IsInPlaceholder(std::string_view text, uint32_t begin, uint32_t end);

}  // namespace freshet::deid
