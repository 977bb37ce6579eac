#include "services/index/index.h"

#include "common/store/recipe.h"
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
  std::unique_ptr<Index> index(new Index(std::move(store), std::move(options.recipes), keys));
  FRESHET_RETURN_IF_ERROR(index->KeepGenerations());
  return index;
}

Status Index::KeepGenerations() {
  std::vector<std::string> names;
  for (const Recipe& recipe : recipes_) names.push_back(recipe.name);
  return names.empty() ? OkStatus() : store_->generations().Keep(names);
}

// Under whatever policy. Of what no recipe makes, it is the pipeline's: it was made before the configuration was
// changed.
std::string Index::RecipeOf(const std::string& model) const {
  for (const Recipe& recipe : recipes_) {
    if (recipe.model == model) return std::string(store::BaseOf(recipe.name));
  }
  return recipes_.empty() ? std::string() : std::string(store::BaseOf(recipes_.front().name));
}

namespace {

// That its text was cleaned by: what stands before the '@' of the stamp.
std::string_view PolicyNameOf(const SinkInput& input) {
  const EmbeddedDocument* const document = std::get<Arrival<EmbeddedDocument>>(input).envelope.body();
  const std::string_view stamp = document->chunked.clean.policy();
  return stamp.substr(0, stamp.find('@'));
}

}  // namespace

Result<std::vector<store::Applied>> Index::Apply(std::span<const SinkInput> batch, Time now) {
  std::vector<store::Mutation> mutations;
  mutations.reserve(batch.size());
  for (const SinkInput& input : batch) {
    store::Mutation& mutation = mutations.emplace_back(MutationOf(input, keys_, now));
    const auto* const put = std::get_if<store::PutDocument>(&mutation.change);
    if (put == nullptr) continue;
    const CollectionName& collection = mutation.origin.collection;
    const std::string recipe = store::WithPolicy(RecipeOf(put->model), collection, PolicyNameOf(input));
    mutation.origin.generation = store_->generations().NumberOf(collection, recipe);
  }
  return store_->Apply(mutations, now);
}

}  // namespace freshet::index
