#include "common/store/facet_index.h"

#include <algorithm>

namespace freshet::store {
namespace {

std::string TermOf(const std::string& name, const std::string& value) { return name + '\0' + value; }

bool InRange(int64_t effective, const Restriction& restriction) {
  if (!restriction.effective_from && !restriction.effective_to) return true;
  if (effective == 0) return false;
  if (restriction.effective_from && effective < ToMicros(*restriction.effective_from)) return false;
  return !restriction.effective_to || effective <= ToMicros(*restriction.effective_to);
}

}  // namespace

void FacetIndex::Add(DocumentOrdinal document, const Facets& facets, Time effective) {
  effective_.Set(document.value, ToMicros(effective));
  for (const auto& [name, values] : facets.attributes) {
    for (const std::string& value : values) documents_of_[TermOf(name, value)].add(document.value);
  }
}

void FacetIndex::Remove(DocumentOrdinal document, const Facets& facets) {
  for (const auto& [name, values] : facets.attributes) {
    for (const std::string& value : values) {
      const auto found = documents_of_.find(TermOf(name, value));
      if (found == documents_of_.end()) continue;
      found->second.remove(document.value);
      if (found->second.isEmpty()) documents_of_.erase(found);
    }
  }
}

void FacetIndex::Narrow(Roaring& candidates, const Restriction& restriction) const {
  for (const auto& [name, values] : restriction.attributes) {
    Roaring any;
    for (const std::string& value : values) {
      const auto found = documents_of_.find(TermOf(name, value));
      if (found != documents_of_.end()) any |= found->second;
    }
    candidates &= any;
  }
  if (!restriction.effective_from && !restriction.effective_to) return;
  Roaring outside;
  for (const uint32_t ordinal : candidates) {
    if (!InRange(effective_.Get(ordinal), restriction)) outside.add(ordinal);
  }
  candidates -= outside;
}

bool IsRestricted(const Restriction& restriction) {
  return !restriction.attributes.empty() || restriction.effective_from || restriction.effective_to;
}

bool Matches(const Facets& facets, Time effective, const Restriction& restriction) {
  for (const auto& [name, values] : restriction.attributes) {
    const bool holds = std::any_of(facets.attributes.begin(), facets.attributes.end(), [&](const auto& attribute) {
      if (attribute.first != name) return false;
      return std::any_of(attribute.second.begin(), attribute.second.end(), [&](const std::string& value) {
        return std::find(values.begin(), values.end(), value) != values.end();
      });
    });
    if (!holds) return false;
  }
  return InRange(ToMicros(effective), restriction);
}

}  // namespace freshet::store
