// Generations beside the one that is served (generation_store.h).
#include <algorithm>
#include <filesystem>

#include "common/store/index_store_impl.h"
#include "common/store/names.h"
#include "common/store/recipe.h"

namespace freshet::store {
namespace {

// A recipe is the model's name, and after a space what cuts texts for it.
bool IsOfModel(std::string_view recipe, std::string_view model) {
  return model.empty() || (recipe.starts_with(model) && recipe.substr(model.size()).starts_with(' '));
}

bool Has(const std::vector<std::string>& recipes, const std::string& recipe) {
  return std::find(recipes.begin(), recipes.end(), recipe) != recipes.end();
}

Status NotMade(const CollectionName& collection, uint32_t generation, const std::string& by) {
  return Status(Code::kConfiguration, "generation " + std::to_string(generation) + " of collection " +
                                          collection.value + ", which is served, was made by " + by +
                                          ": nothing in the configuration makes that");
}

// Those of a collection: where some are for it alone, these and no others.
std::vector<std::string> RecipesFor(const CollectionName& collection, const std::vector<std::string>& recipes) {
  std::vector<std::string> own, all;
  for (const std::string& recipe : recipes) {
    if (IsFor(recipe, collection)) own.push_back(recipe);
    if (PolicyOf(recipe).empty()) all.push_back(recipe);
  }
  return own.empty() ? all : own;
}

// Which generation this recipe's content is for: its own; else one from before recipes named policies; else, of a
// policy that nothing makes any more, one of the same model and chunker.
uint32_t MadeLike(const GenerationTable& table, std::string_view recipe) {
  if (const uint32_t same = table.MadeBy(recipe); same != 0) return same;
  const uint32_t before = table.MadeBy(BaseOf(recipe));
  for (const auto& [number, made_by] : table.recipes) {
    if (before == 0 && BaseOf(made_by) == BaseOf(recipe)) return number;
  }
  return before;
}

// What was made before recipes named policies was made under the pipeline's. So is from now on what is of a policy that
// was changed in place: de-identification runs it again, and until then queries do not show it. The pipeline's recipe
// is the first. True where the name is another one now.
bool NamePolicy(GenerationTable& table, uint32_t generation, const std::vector<std::string>& recipes) {
  const auto made_by = table.recipes.find(generation);
  if (made_by == table.recipes.end() || Has(recipes, made_by->second)) return false;
  for (const std::string& recipe : recipes) {
    const bool is_pipelines = PolicyOf(recipe) == PolicyOf(recipes.front());
    if (!is_pipelines || BaseOf(recipe) != BaseOf(made_by->second) || table.MadeBy(recipe) != 0) continue;
    made_by->second = recipe;
    return true;
  }
  return false;
}

}  // namespace

Status IndexStoreImpl::Keep(const std::vector<std::string>& recipes) {
  generation_keeper_.Keep({recipes.begin(), recipes.end()});
  std::set<CollectionName> collections;
  for (const auto& [id, space] : core_->state.spaces) collections.insert(space->record.collection);
  for (const CollectionName& collection : collections) {
    FRESHET_RETURN_IF_ERROR(KeepOf(collection, RecipesFor(collection, recipes)));
  }
  return OkStatus();
}

Status IndexStoreImpl::KeepOf(const CollectionName& collection, const std::vector<std::string>& recipes) {
  if (recipes.empty()) return OkStatus();
  const Space& served = *core_->state.Served(collection);
  GenerationTable table = GenerationsOf(core_->state, served.id.collection);
  if (table.recipes.empty() && recipes.size() < 2) return OkStatus();
  bool changed = NamePolicy(table, served.id.generation, recipes);  // first: no other may take its name
  for (const auto& row : core_->state.spaces) {
    if (row.first.collection == served.id.collection) changed |= NamePolicy(table, row.first.generation, recipes);
  }
  if (table.recipes.empty()) {
    // Of what is there nobody has said yet what made it: the pipeline, as its vectors must confirm.
    const auto made_by = std::find_if(recipes.begin(), recipes.end(), [&](const std::string& recipe) {
      return IsOfModel(recipe, served.record.model);
    });
    if (made_by == recipes.end()) return NotMade(collection, served.id.generation, served.record.model);
    table.recipes[served.id.generation] = *made_by;
    changed = true;
  }
  if (changed) {
    Batch batch(core_->state, *core_->database);
    batch.PutGenerations(served.id.collection, table);
    FRESHET_RETURN_IF_ERROR(Write(batch));
  }
  const auto made_by = table.recipes.find(served.id.generation);
  if (made_by != table.recipes.end() && !Has(recipes, made_by->second)) {
    return NotMade(collection, served.id.generation, made_by->second);
  }
  for (const std::string& recipe : recipes) {
    if (table.MadeBy(recipe) == 0) FRESHET_RETURN_IF_ERROR(AddGeneration(*core_, collection, recipe));
  }
  return OkStatus();
}

uint32_t IndexStoreImpl::NumberOf(const CollectionName& collection, std::string_view recipe) const {
  const Space* const served = core_->state.Served(collection);
  if (served == nullptr) return 1;
  const auto known = core_->state.generations.find(served->id.collection);
  if (known == core_->state.generations.end()) return served->id.generation;
  const SpaceId made{served->id.collection, MadeLike(known->second, recipe)};
  return core_->state.spaces.contains(made) ? made.generation : served->id.generation;
}

Result<std::vector<BehindDocument>> IndexStoreImpl::TakeBehind(size_t limit) { return generation_keeper_.Take(limit); }

Status IndexStoreImpl::Derive(std::span<const Mutation> made, Time now) {
  for (const auto& [id, space] : core_->state.spaces) (void)FeedOf(id);
  Batch batch(core_->state, *core_->database);
  Applier applier(core_->state, core_->options, now, batch);
  for (const Mutation& mutation : made) applier.Derive(mutation);
  FRESHET_RETURN_IF_ERROR(Write(batch));
  ShortenLists();
  return OkStatus();
}

Result<Space*> IndexStoreImpl::Find(const CollectionName& collection, uint32_t generation) const {
  Space* const space = core_->state.FindSpace(collection, generation);
  if (space == nullptr) return Status(Code::kNotFound, "the collection has no generation of this number");
  return space;
}

Status IndexStoreImpl::Serve(const CollectionName& collection, uint32_t generation) {
  FRESHET_ASSIGN_OR_RETURN(Space * space, Find(collection, generation));
  if (core_->state.IsServed(*space)) return OkStatus();
  GenerationTable table = GenerationsOf(core_->state, space->id.collection);
  table.previous = std::exchange(table.served, generation);
  Batch batch(core_->state, *core_->database);
  batch.PutGenerations(space->id.collection, std::move(table));
  FRESHET_RETURN_IF_ERROR(Write(batch));
  return Sync();
}

Status IndexStoreImpl::Drop(const CollectionName& collection, uint32_t generation) {
  FRESHET_ASSIGN_OR_RETURN(Space * space, Find(collection, generation));
  if (core_->state.IsServed(*space)) return Status(Code::kInvalidArgument, "this generation is the one that is served");
  const SpaceId id = space->id;
  GenerationTable table = GenerationsOf(core_->state, id.collection);
  table.recipes.erase(generation);
  if (table.previous == generation) table.previous = 0;
  feeds_.erase(id);
  keepers_.erase(id);
  Batch batch(core_->state, *core_->database);
  batch.RemoveSpace(*space);
  batch.PutGenerations(id.collection, std::move(table));
  FRESHET_RETURN_IF_ERROR(Write(batch));
  RemoveLeftovers();
  return Sync();
}

Result<std::shared_ptr<const View>> IndexStoreImpl::ViewOf(const CollectionName& collection, uint32_t generation) {
  FRESHET_ASSIGN_OR_RETURN(const Space* space, Find(collection, generation));
  FRESHET_ASSIGN_OR_RETURN(const LexicalReaders readers, ReadersOfView());
  auto view = std::make_shared<const ViewImpl>(core_, SpacesOfView(core_->state, readers, space->id));
  views_.Note(view);
  return std::shared_ptr<const View>(std::move(view));
}

// Lexical indexes of generations that were dropped: also of one before a crash.
void IndexStoreImpl::RemoveLeftovers() {
  if (core_->options.open_directory != nullptr) return;  // whose it is knows
  std::set<std::string> known;
  for (const auto& [id, space] : core_->state.spaces) {
    known.insert(std::filesystem::path(LexicalFeed::PathOf("", id)).filename().string());
  }
  std::vector<std::filesystem::path> leftovers;
  std::error_code error;
  for (std::filesystem::directory_iterator it(core_->options.path + "/lexical", error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool of_a_space = !name.empty() && name.find_first_not_of("0123456789-") == std::string::npos;
    if (of_a_space && !known.contains(name)) leftovers.push_back(it->path());
  }
  for (const std::filesystem::path& path : leftovers) std::filesystem::remove_all(path, error);
}

}  // namespace freshet::store
