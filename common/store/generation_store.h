// GenerationStore: a second index of a collection beside the one that is served, made by another model or chunker from
// the clean text that is stored, kept current, and put in its place by one write (DESIGN §11).
//
//   GenerationStore& generations = store.generations();
//   generations.Keep({"minilm 200/256", "bge 200/256"});              // makes the second one, of every collection
//   for (const BehindDocument& document : *generations.TakeBehind(16)) ...    // cut and embed its clean text
//   generations.Derive(made, now);
//   generations.Serve(policies, 2);   generations.Drop(policies, 1);
//
// How a change reaches all of them. Deletes, withholds, skips, mentions and access are written to all generations of a
// collection in the write that brings them. Content goes to the generation of the recipe that the pipeline made it by;
// in the others the document is *behind* until what TakeBehind gave has come back by Derive, which takes a document in
// only where it still is the newest content, and copies the other registers as they then are. So each generation is a
// function of the documents' newest content. Which documents are behind is known by comparing heads: a crash at any
// point leaves nothing to mend. While the served generation has documents behind, views' times are held back to what
// was vouched for before those came.
//
// Only the writer thread. Codes: those of IndexStore; not_found (no such collection or generation); invalid_argument.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/store/mutation.h"
#include "common/store/view.h"

namespace freshet::store {

struct GenerationInfo {
  CollectionName collection;
  uint32_t number = 0;
  std::string recipe;  // empty: from before there was a second one
  std::string model;   // of its vectors; empty: none yet
  bool served = false;
  bool previous = false;  // a rollback goes there
  uint64_t documents = 0;
  uint64_t chunks = 0;
  uint64_t behind = 0;  // documents whose newest content another generation has, and this one has not
};

// A document to be cut and embedded for a generation.
struct BehindDocument {
  Origin origin;       // of its content, with the number of the generation that lacks it
  std::string sealed;  // PutDocument::sealed
  std::string recipe;  // of that generation
};

class GenerationStore {
 public:
  virtual ~GenerationStore() = default;

  // Which recipes this process makes, the pipeline's first. Where there are several, each collection has a generation
  // of each from then on; to be called again when collections have come. configuration: a collection is served from a
  // generation that none of them makes.
  virtual Status Keep(const std::vector<std::string>& recipes) = 0;
  // The generation that content of this recipe goes to: the served one, where no generation is made by it.
  virtual uint32_t NumberOf(const CollectionName& collection, std::string_view recipe) const = 0;

  // Documents of which a kept generation lacks the newest content: what changed lately, then all others, each once.
  virtual Result<std::vector<BehindDocument>> TakeBehind(size_t limit) = 0;
  // PutDocument, or SkipDocument where one cannot be made, of documents as TakeBehind gave them. What has been
  // overtaken is left out. No input: nothing is counted.
  virtual Status Derive(std::span<const Mutation> made, Time now) = 0;

  // Queries read this generation from the next Refresh on.
  virtual Status Serve(const CollectionName& collection, uint32_t generation) = 0;
  // Removes one that is not served. Views that are held still read it.
  virtual Status Drop(const CollectionName& collection, uint32_t generation) = 0;

  // Everything that is applied, with this generation of the collection in place of the served one.
  virtual Result<std::shared_ptr<const View>> ViewOf(const CollectionName& collection, uint32_t generation) = 0;
};

}  // namespace freshet::store
