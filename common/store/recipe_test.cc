#include "common/store/recipe.h"

#include <gtest/gtest.h>

namespace freshet::store {
namespace {

const CollectionName kNotes("notes");

TEST(RecipeTest, NamesAPolicyOfOneCollection) {
  const std::string recipe = WithPolicy("minilm 200/256", kNotes, "safe_harbor");
  EXPECT_EQ(recipe, "minilm 200/256 notes=safe_harbor");
  EXPECT_EQ(BaseOf(recipe), "minilm 200/256");
  EXPECT_EQ(PolicyOf(recipe), "safe_harbor");
  EXPECT_TRUE(IsFor(recipe, kNotes));
  EXPECT_FALSE(IsFor(recipe, CollectionName("note")));
  EXPECT_EQ(WithPolicy(recipe, kNotes, "other"), "minilm 200/256 notes=other") << "it has one policy";
}

TEST(RecipeTest, WithoutOneItIsOfAll) {
  for (const std::string_view recipe : {"minilm 200/256", "a model=x 200/256", "minilm", ""}) {
    EXPECT_EQ(BaseOf(recipe), recipe);
    EXPECT_EQ(PolicyOf(recipe), "");
    EXPECT_FALSE(IsFor(recipe, kNotes));
  }
}

}  // namespace
}  // namespace freshet::store
