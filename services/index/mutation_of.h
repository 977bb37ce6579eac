// What an input of the sink means to the store. Internal to services/index.
#pragma once

#include "common/crypto/keys.h"
#include "common/store/index_store.h"
#include "services/index/index.h"

namespace freshet::index {

// Stateless; any thread. `now` is the stamp of the index step.
store::Mutation MutationOf(const SinkInput& input, const KeyRing& keys, Time now);

// Reads the lexical texts of a stored document back (store::IndexStoreOptions::lexical_texts).
Result<std::vector<store::LexicalText>> LexicalTextsOf(const Origin& origin, const std::string& sealed,
                                                       std::span<const std::string> records, const KeyRing& keys);

}  // namespace freshet::index
