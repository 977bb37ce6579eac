// Index: the last step. Takes embedded documents and urgent changes, in the order they arrive, into the tenant's store.
//
//   auto index = Index::Open({.store = {.path = "data/index"}}, keys);
//   Result<std::vector<store::Applied>> applied = (*index)->Apply(batch, clock.Now());
//
// Content comes in as EmbeddedDocument and no other way: what is stored is the clean document with the seal that
// de-identification put on it, and DecodeSealed checks that seal whenever it is read (DESIGN §4.1). What Apply and the
// store guarantee stands in common/store/index_store.h; its codes are the ones here. One writer thread.
#pragma once

#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "common/crypto/keys.h"
#include "common/stage/envelope.h"
#include "common/store/index_store.h"
#include "schemas/change.h"
#include "schemas/chunked.h"

namespace freshet::index {

using SinkInput = std::variant<Arrival<EmbeddedDocument>, Arrival<UrgentChange>>;

// What makes chunks and vectors: a generation of the index has one (common/store/generation_store.h).
struct Recipe {
  std::string name;   // "all-MiniLM-L6-v2 200/256": the model, a space, what cuts texts for it
  std::string model;  // EmbeddedDocument::model
};

struct IndexOptions {
  store::IndexStoreOptions store;  // lexical_texts is set by Open
  // That are made here, the pipeline's first. Content goes to the generation of the recipe that made it.
  std::vector<Recipe> recipes;
};

// Lets the store read the words of what is stored: sealed clean documents. `keys` must outlive whoever has the options.
store::IndexStoreOptions WithLexicalTexts(store::IndexStoreOptions options, const KeyRing& keys);

class Index {
 public:
  // `keys` must outlive the index. configuration also where a collection is served by what no recipe makes.
  static Result<std::unique_ptr<Index>> Open(IndexOptions options, const KeyRing& keys);

  // One outcome an input, in order; all of them in one atomic write. The index stamps what it takes in with `now`.
  Result<std::vector<store::Applied>> Apply(std::span<const SinkInput> batch, Time now);

  // Makes a generation for each recipe of collections that have come since. Only the writer thread.
  Status KeepGenerations();

  store::IndexStore& store() { return *store_; }
  const store::IndexStore& store() const { return *store_; }

 private:
  Index(std::unique_ptr<store::IndexStore> store, std::vector<Recipe> recipes, const KeyRing& keys)
      : store_(std::move(store)), recipes_(std::move(recipes)), keys_(keys) {}
  std::string RecipeOf(const std::string& model) const;

  std::unique_ptr<store::IndexStore> store_;
  const std::vector<Recipe> recipes_;
  const KeyRing& keys_;
};

}  // namespace freshet::index
