#include "services/deid/source_forms.h"

#include <set>

namespace freshet::deid {
namespace {

constexpr uint64_t kCompactSalt = 0x5851f42d4c957f2d;

// Of a filter for first tokens 36 bits are enough beside those of the shard; a given name that three patients have is
// some patient's for good.
constexpr CountedHashesOptions kFilter{.dropped_bits = 28, .enough = 3};

constexpr uint32_t kCasedBit = 1u << (kTagBits - 1);
static_assert(kIdentifierTypes <= kCasedBit);

uint64_t KeyOf(uint64_t source_key, uint64_t hash, FormKind kind) {
  return source_key ^ hash ^ (kind == FormKind::kCompact ? kCompactSalt : 0);
}

}  // namespace

SourceForms::SourceForms() : firsts_(kFilter) {}

void SourceForms::Count(uint64_t source_key, const IdentityForms& forms, int by) {
  std::set<uint64_t> firsts;
  for (const Form& form : forms.forms) {
    if (form.reach != Reach::kSource) continue;
    const FormKind kind = form.tokens == 0 ? FormKind::kCompact : FormKind::kSequence;
    forms_.Count(KeyOf(source_key, form.hash, kind), static_cast<uint32_t>(form.type) | (form.cased ? kCasedBit : 0),
                 by);
    if (kind == FormKind::kSequence) firsts.insert(form.first);
  }
  for (const uint64_t first : firsts) firsts_.Count(source_key ^ first, 0, by);
}

std::optional<SourceForm> SourceForms::Find(uint64_t source_key, uint64_t hash, FormKind kind) const {
  const std::optional<uint32_t> tag = forms_.Find(KeyOf(source_key, hash, kind));
  if (!tag) return std::nullopt;
  return SourceForm{.type = static_cast<IdentifierType>(*tag & ~kCasedBit), .cased = (*tag & kCasedBit) != 0};
}

}  // namespace freshet::deid
