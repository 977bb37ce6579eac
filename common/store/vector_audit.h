// VectorAudit: how much of the exact answer a view's vector search finds, by questions that are vectors of its own.
//
//   std::shared_ptr<VectorAudit> audit = AuditVectors(*view, collection, {.questions = 16, .seed = 7});
//   while (*audit->Step(512)) {}      // compares 512 stored vectors more with every question
//   VectorRecall recall = audit->recall();                      // {.wanted = 160, .found = 158}
//
// The questions have been asked by the time that it is made. Step reads the stored vectors themselves, past lists,
// codes and probes: so what a list has lost counts as missed. Hits are compared by score, as equal texts may stand for
// each other. About 1 us a vector and 16 questions. One thread; the view must outlive it. Codes: io_error,
// corrupt_store.
#pragma once

#include <rocksdb/iterator.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/store/index_store.h"

namespace freshet::store {

// Of the ten nearest of each question.
struct VectorRecall {
  uint64_t wanted = 0;
  uint64_t found = 0;
};

class VectorAudit {
 public:
  struct Question {
    std::vector<float> vector;
    std::vector<Hit> hits;
    std::vector<float> best{};  // exact scores, a heap with the least on top
  };
  struct Vectors {
    std::unique_ptr<rocksdb::Iterator> entries;  // at the first
    std::string prefix;                          // of their keys
    std::function<bool(ChunkOrdinal)> is_there;  // as of the view
  };
  static constexpr size_t kTop = 10;

  VectorAudit(Vectors vectors, std::vector<Question> questions)
      : vectors_(std::move(vectors)), questions_(std::move(questions)) {}

  // Compares up to so many vectors; false where none are left.
  Result<bool> Step(size_t vectors);
  // Once Step has said false.
  VectorRecall recall() const;

 private:
  bool AtEnd() const;
  Status TakeOne();

  Vectors vectors_;
  std::vector<Question> questions_;
};

struct AuditPlan {
  size_t questions = 16;
  uint64_t seed = 1;
};

// Asks vectors of the collection's own, whoever may read them: what was asked is nobody's to see. Null where there are
// none, and where the view is a follower's, whose vectors move on under it.
std::shared_ptr<VectorAudit> AuditVectors(const View& view, const CollectionName& collection, const AuditPlan& plan);

// Of each collection's served generation: inverted lists of vectors that hold more than list_vectors and waited to be
// split when Maintain last ended; 0 where vectors are scanned. Any thread.
std::map<CollectionName, uint64_t> LongLists(const IndexStore& store);

}  // namespace freshet::store
