// Sources and collections get small numbers when first met, which keys are made of. They are written before the batch
// that names them: a number that nothing uses does no harm.
#pragma once

#include <span>

#include "common/store/core.h"
#include "common/store/mutation.h"

namespace freshet::store {

// A number for every source and collection that the mutations name and the state does not know yet. A new generation of
// a collection takes over what the older one knows of deletes and withholds, so that no re-run brings them back.
Status RegisterNames(std::span<const Mutation> mutations, Core& core);

// Another generation of a collection that there is, made by `recipe`; empty as yet. One write.
Status AddGeneration(Core& core, const CollectionName& collection, const std::string& recipe);
// As stored, or what holds where nothing is.
GenerationTable GenerationsOf(const State& state, uint32_t collection);

}  // namespace freshet::store
