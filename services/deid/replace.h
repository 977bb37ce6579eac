// Replace: puts something else where findings were, and moves the blocks along.
//
//   Replaced clean = Replace(text, blocks, findings, PolicyReplacer(policy, {.keys = &keys, .patient = "p1"}));
//   // "Ada Quill, MRN 4711, seen 3/31/2021" -> "Mira Hartwood, MRN 9120, seen 2/19/2021"
//
// Placeholders are for what has to be told from what was there; PolicyReplacer does what the policy says: surrogates
// (surrogates.h), shifted dates (date_shift.h), and generalised ones: a date to its year, a postal code to its first
// three digits or to 000 where fewer than 20,000 people live under them (Census 2000, as the guidance on 45 CFR
// 164.514(b)(2)(i)(B) lists them), an age over 89 to "90+". Whatever it cannot do, for want of a key or a patient or of
// understanding, is a placeholder. Text without angle brackets, ampersands and quotes gets none: markup around it stays
// well-formed. Plain functions, no state.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/keys.h"
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

// Whose dates and names are replaced.
struct ReplaceKeys {
  const KeyRing* keys = nullptr;  // null: neither surrogates nor shifts
  std::string_view patient;       // whose number of days; empty: dates are not shifted
  int year = 2001;                // of dates that do not say theirs
};

class PolicyReplacer final : public Replacer {
 public:
  PolicyReplacer(const Policy& policy, const ReplaceKeys& keys);
  void Append(const Finding& finding, std::string_view original, std::string& out) const override;

 private:
  std::string Made(const Finding& finding, std::string_view original) const;

  const Policy& policy_;
  ReplaceKeys keys_;
  int days_ = 0;  // 0: no shift
  PlaceholderReplacer placeholder_;
};

// "03064" -> "030", "03601-1234" -> "000"; nothing where it is no US postal code.
std::optional<std::string> GeneralisedZip(std::string_view zip);

// Bytes [begin, end) of the source were replaced by bytes [clean_begin, clean_end) of the outcome.
struct Edit {
  uint32_t begin = 0;
  uint32_t end = 0;
  uint32_t clean_begin = 0;
  uint32_t clean_end = 0;
  IdentifierType type = IdentifierType::kOther;
};

struct Replaced {
  std::string text;
  std::vector<Block> blocks;  // those that have text left, in its places
  std::vector<Edit> edits;    // one a finding, in order
};

// `findings` in order and disjoint, each within one block or with no blocks at all.
Replaced Replace(std::string_view text, std::span<const Block> blocks, std::span<const Finding> findings,
                 const Replacer& replacer);

// True where bytes [begin, end) lie within a placeholder.
bool IsInPlaceholder(std::string_view text, uint32_t begin, uint32_t end);

}  // namespace freshet::deid
