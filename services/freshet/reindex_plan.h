// ReindexPlan: what an index that is there would cost to make anew under another model, chunker or de-identification
// policy: what is embedded again, how long that takes on this machine, how much disk the new one needs beside the old.
//
//   const PlanParts parts{.view = *view, .keys = keys, .chunker = chunker, .embedder = *embedder, .policy = *policy};
//   Result<CollectionPlan> plan = PlanCollection(parts, policies, {.documents = 200});
//   plan->documents_embedded   plan->chunks_embedded   plan->embed_seconds
//
// How: a sample of the documents, evenly over all, is cut by the chunker to come. A chunk of the sample must be
// embedded again where the collection's vectors are another model's, where the document was de-identified under another
// policy (then nobody knows its text before), or where the document had no chunk of that text; each text of a document
// counts once. The sample's shares are those of the whole. Rates are measured: the chunker on the sample, the embedder
// on chunks of it, de-identification under the policy to come on the clean texts of what it is to make anew, as plain
// texts: their originals are the running process's, and nobody else's. Texts that the vector cache knows are free when
// the time comes: the cache is the running process's, so here they are counted, and the time is the most that it can
// be. One thread.
#pragma once

#include "common/model/embedder.h"
#include "common/store/view.h"
#include "services/chunk/chunk.h"
#include "services/deid/policy.h"

namespace freshet {

struct PlanParts {
  const store::View& view;
  const KeyRing& keys;
  chunk::Chunker& chunker;
  const model::Embedder& embedder;
  const deid::Policy& policy;  // to come
};

struct PlanLimits {
  size_t documents = 200;  // of the sample
  size_t texts = 64;       // that are embedded to see how fast that is
};

struct CollectionPlan {
  uint64_t documents = 0;  // in the index
  uint64_t chunks = 0;
  std::string model;                // of its vectors; empty: none yet
  size_t sampled = 0;               // documents
  size_t unreadable = 0;            // of those that were to be
  uint64_t other_policy = 0;        // documents made under another policy: their originals are de-identified again
  uint64_t documents_embedded = 0;  // with at least one chunk to embed
  uint64_t chunks_then = 0;
  uint64_t chunks_embedded = 0;
  double chunks_a_second = 0;  // embedded; 0: nothing to embed, so not measured
  double deid_seconds = 0;     // of de-identifying those of another policy
  double chunk_seconds = 0;    // of cutting all documents
  double embed_seconds = 0;    // of embedding what must be
  uint64_t vector_bytes = 0;   // of the new vectors: binary16, and a code for each number in the lists
};

// corrupt_store, io_error: where the index cannot be read. unavailable, timeout: the embedder's.
Result<CollectionPlan> PlanCollection(const PlanParts& parts, const CollectionName& collection, PlanLimits limits);

}  // namespace freshet
