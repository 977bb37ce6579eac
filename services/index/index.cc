#include "services/index/index.h"

#include "services/index/mutation_of.h"

namespace freshet::index {

store::IndexStoreOptions WithLexicalTexts(store::IndexStoreOptions options, const KeyRing& keys) {
  options.lexical_texts = [&keys](const Origin& origin, const std::string& sealed,
                                  std::span<const std::string> records) {
    return LexicalTextsOf(origin, sealed, records, keys);
  };
  return options;
}

Result<std::unique_ptr<Index>> Index::Open(IndexOptions options, const KeyRing& keys) {
  FRESHET_ASSIGN_OR_RETURN(auto store, store::IndexStore::Open(WithLexicalTexts(std::move(options.store), keys)));
  return std::unique_ptr<Index>(new Index(std::move(store), keys));
}

Result<std::vector<store::Applied>> Index::Apply(std::span<const SinkInput> batch, Time now) {
  std::vector<store::Mutation> mutations;
  mutations.reserve(batch.size());
  for (const SinkInput& input : batch) mutations.push_back(MutationOf(input, keys_, now));
  return store_->Apply(mutations, now);
}

}  // namespace freshet::index
