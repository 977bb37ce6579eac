// SourceForms: the forms of all patients of all sources that are telling enough to be searched for in every document of
// their source, counted, since two patients may share one; some hundred bytes a patient.
//
//   SourceForms forms;   forms.Count(source_key, identity_forms, +1);     // -1 takes them away again
//   if (forms.Begins(source_key, token.hash)) forms.Find(source_key, hash_of_some_tokens, FormKind::kSequence)
//
// The hashes are whole: what is found is what was counted, but for two texts of one hash in 2^64. Copies are snapshots
// (counted_hashes.h). Edits are of one thread.
#pragma once

#include <optional>

#include "services/deid/counted_hashes.h"
#include "services/deid/forms.h"

namespace freshet::deid {

enum class FormKind : uint8_t { kSequence, kCompact };

struct SourceForm {
  IdentifierType type = IdentifierType::kName;
  bool cased = false;
};

class SourceForms {
 public:
  SourceForms();

  // Those of Reach::kSource.
  void Count(uint64_t source_key, const IdentityForms& forms, int by);
  // Of forms that share a hash the one that needs no capitals, then of the first type.
  std::optional<SourceForm> Find(uint64_t source_key, uint64_t hash, FormKind kind) const;
  // Whether a sequence form begins with this token; now and then true where none does.
  bool Begins(uint64_t source_key, uint64_t first) const { return firsts_.Find(source_key ^ first).has_value(); }
  size_t MemoryBytes() const { return forms_.MemoryBytes() + firsts_.MemoryBytes(); }

 private:
  CountedHashes forms_;
  CountedHashes firsts_;
};

}  // namespace freshet::deid
