// Opens what the steps keep on disk, and tells how far they are. Internal to runtime.
#pragma once

#include "services/embed/cache.h"
#include "services/runtime/deid_worker.h"
#include "services/runtime/hops.h"

namespace freshet {

// What makes chunks and vectors here: the pipeline's, then what is made beside; none where this process has no model.
std::vector<GenerationRecipe> RecipesOf(const HopContext& context);
// Of each of them by itself, and under the policies of each collection (common/store/recipe.h); the pipeline's first.
std::vector<std::string> RecipeNamesOf(const HopContext& context);
Result<std::unique_ptr<index::Index>> OpenIndex(const HopContext& context);
// Null where the embedder is cheaper than a look-up.
Result<std::unique_ptr<embed::VectorCache>> OpenCache(const HopContext& context);
// Everything of the deid worker but its runner's options.
Result<DeidWorkerParts> OpenDeidParts(const HopContext& context);

// The log may take what lies before what the sink has made durable.
Status LetLogGo(const HopContext& context, const store::IndexStore& store);
Result<std::map<Lane, uint64_t>> BacklogOf(const HopContext& context);

}  // namespace freshet
