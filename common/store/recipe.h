// Recipes: what makes a generation of an index (generation_store.h), as text.
//
//   const std::string recipe = WithPolicy("minilm 200/256", notes, "safe_harbor");
//                         // "minilm 200/256 notes=safe_harbor"
//   BaseOf(recipe)        // "minilm 200/256"
//   PolicyOf(recipe)      // "safe_harbor"
//   IsFor(recipe, notes)  // true
//
//   recipe := model SP target "/" max [SP collection "=" policy]
//
// Without the last part a recipe is of every collection, and says nothing of the policy that its texts were cleaned by:
// so were all before policies had generations. Pure functions; what is returned points into what was given.
#pragma once

#include <string>
#include <string_view>

#include "common/base/ids.h"

namespace freshet::store {

std::string WithPolicy(std::string_view recipe, const CollectionName& collection, std::string_view policy);
std::string_view BaseOf(std::string_view recipe);
// Empty: any.
std::string_view PolicyOf(std::string_view recipe);
// Of this collection alone.
bool IsFor(std::string_view recipe, const CollectionName& collection);

}  // namespace freshet::store
