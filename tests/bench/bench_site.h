// Freshet's index and query engine on the corpus of search_corpus.h, in one process without a log: what search_bench
// builds and asks.
//
//   BenchSite site(corpus, folder);
//   while (site.written() < corpus.texts.size()) site.WriteBatch();
//   site.engine().Search(BenchSite::Reader(10), {.query = std::string(corpus.questions[0])}, "");
//
// A chunk is a document, "d7" of row 7; reader "pN" may read N permille of them. For benches: throws. One thread
// writes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>

#include "common/base/clock.h"
#include "services/index/index.h"
#include "services/query/query.h"
#include "tests/bench/search_corpus.h"

namespace freshet::bench {

inline const CollectionName kCollection("bench");

template <class T>
T Must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return std::move(result).value();
}
inline void Must(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

class BenchSite {
 public:
  // What an earlier one left in the folder is gone on with.
  BenchSite(const Corpus& corpus, const std::string& folder);
  ~BenchSite();

  store::IndexStore& store() { return index_->store(); }
  const query::QueryEngine& engine() const { return *engine_; }
  size_t written();

  // Who may see what; once, before the first document.
  void Open();
  // The next of the corpus, in its order.
  void WriteBatch();
  // A new version of each of these: a word more than the corpus has, the vector that it had. Shown at once.
  void Change(std::span<const size_t> rows);
  // What the index does once a second.
  void Keep();
  bool is_settled();  // no list is longer than it should be

  static query::Caller Reader(uint32_t permille);

 private:
  template <class Body>
  index::SinkInput Arrive(decltype(Envelope<Body>::payload) payload, Stream stream, Origin origin);
  Origin OriginOf(const std::string& document);
  index::SinkInput ArrivalOf(size_t row, std::string text, Stream stream);
  void Apply(std::vector<index::SinkInput> batch);

  const Corpus& corpus_;
  ManualClock clock_;
  std::unique_ptr<index::Index> index_;
  std::unique_ptr<query::QueryEngine> engine_;
  std::map<Stream, std::optional<uint64_t>> next_;
  uint64_t version_;
};

}  // namespace freshet::bench
