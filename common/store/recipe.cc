#include "common/store/recipe.h"

namespace freshet::store {
namespace {

// "notes=safe_harbor"; empty where there is none. Sizes have no '='.
std::string_view OwnerOf(std::string_view recipe) {
  const size_t space = recipe.rfind(' ');
  if (space == recipe.npos || recipe.find('=', space) == recipe.npos) return {};
  return recipe.substr(space + 1);
}

}  // namespace

std::string WithPolicy(std::string_view recipe, const CollectionName& collection, std::string_view policy) {
  return std::string(BaseOf(recipe)) + " " + collection.value + "=" + std::string(policy);
}

std::string_view BaseOf(std::string_view recipe) {
  const std::string_view owner = OwnerOf(recipe);
  return owner.empty() ? recipe : recipe.substr(0, recipe.size() - owner.size() - 1);
}

std::string_view PolicyOf(std::string_view recipe) {
  const std::string_view owner = OwnerOf(recipe);
  return owner.empty() ? owner : owner.substr(owner.find('=') + 1);
}

bool IsFor(std::string_view recipe, const CollectionName& collection) {
  const std::string_view owner = OwnerOf(recipe);
  return !owner.empty() && owner.substr(0, owner.find('=')) == collection.value;
}

}  // namespace freshet::store
