// Filters are exact inside both searches: random documents with attributes and times, changed under a view that stays,
// by scan and by inverted lists; every answer held against a reference that looks at each document.
#include <gtest/gtest.h>

#include <random>

#include "common/store/testing/test_store.h"

namespace freshet::store {
namespace {

constexpr size_t kAll = 10'000;  // more than there are chunks: nothing but the filter can keep one out

struct Shown {
  uint64_t version = 0;
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;
  Time effective;
};
using Documents = std::map<std::string, Shown>;

class FilterWorld {
 public:
  FilterWorld(uint64_t seed, uint64_t documents, IndexStoreOptions options)
      : random_(seed), documents_(documents), store_(seed, std::move(options)) {
    std::vector<Mutation> batch = {Allow("open", 1, {"group:everyone"})};
    for (uint64_t i = 0; i < documents_; ++i) batch.push_back(Change("d" + std::to_string(i)));
    store_.Apply(std::move(batch));
    Refresh();
  }

  void Refresh() {
    ASSERT_TRUE(store_->Refresh().ok());
    ASSERT_TRUE(store_->Maintain(store_.now).ok());
    ASSERT_TRUE(store_->Refresh().ok());
    shown_ = written_;
  }

  // Content shows with the next refresh, a delete at once.
  void ChangeSome() {
    std::vector<Mutation> batch;
    for (int i = 0; i < 15; ++i) {
      const std::string document = "d" + std::to_string(Below(documents_));
      if (Below(6) == 0) {
        batch.push_back(Delete(document, ++version_));
        written_.erase(document);
        shown_.erase(document);
      } else {
        batch.push_back(Change(document));
      }
    }
    store_.Apply(std::move(batch));
  }

  void Compare() {
    const Restriction restriction = AnyRestriction();
    const auto view = store_->CurrentView();
    const auto filter = view->FilterFor(kPolicies, store_.AccessOf({"user:ada"}), restriction);
    ASSERT_TRUE(filter.has_value());
    const std::set<std::string> expected = Expected(restriction);
    matched_ += expected.size();
    EXPECT_EQ(filter->count(), expected.size());
    EXPECT_EQ(NamesIn(*view, view->SearchLexical(kPolicies, "common", kAll, *filter)), expected);
    EXPECT_EQ(NamesIn(*view, view->SearchVector(kPolicies, VectorOf("anything"), kAll, *filter)), expected);
  }
  size_t matched() const { return matched_; }

 private:
  uint64_t Below(uint64_t limit) { return random_() % limit; }
  std::string AnyValue() { return "v" + std::to_string(Below(5)); }
  Time AnyTime() { return Below(5) == 0 ? Time() : FromMicros(static_cast<int64_t>(1 + Below(50))); }

  Mutation Change(const std::string& document) {
    Shown now{.version = ++version_, .effective = AnyTime()};
    for (const char* name : {"department", "type", "patient"}) {
      std::vector<std::string> values;
      for (uint64_t count = Below(3); count > 0; --count) values.push_back(AnyValue());
      if (!values.empty()) now.attributes.emplace_back(name, values);
    }
    std::vector<std::string> texts;
    for (uint64_t count = 1 + Below(3); count > 0; --count) texts.push_back("common part" + std::to_string(random_()));
    written_[document] = now;
    return Put(document, version_, texts, {.attributes = now.attributes, .effective = now.effective});
  }

  Restriction AnyRestriction() {
    Restriction restriction;
    for (const char* name : {"department", "type", "patient", "absent"}) {
      if (Below(name == std::string("absent") ? 12 : 3) != 0) continue;
      for (uint64_t count = 1 + Below(2); count > 0; --count) restriction.attributes[name].push_back(AnyValue());
    }
    if (Below(3) == 0) restriction.effective_from = FromMicros(static_cast<int64_t>(Below(50)));
    if (Below(3) == 0) restriction.effective_to = FromMicros(static_cast<int64_t>(Below(60)));
    return restriction;
  }

  static bool Holds(const Shown& document, const Restriction& restriction) {
    for (const auto& [name, wanted] : restriction.attributes) {
      bool any = false;
      for (const auto& [attribute, values] : document.attributes) {
        for (const std::string& value : values) {
          any = any || (attribute == name && std::count(wanted.begin(), wanted.end(), value) > 0);
        }
      }
      if (!any) return false;
    }
    const bool timed = restriction.effective_from || restriction.effective_to;
    if (timed && document.effective == Time()) return false;
    if (restriction.effective_from && document.effective < *restriction.effective_from) return false;
    return !restriction.effective_to || document.effective <= *restriction.effective_to;
  }

  std::set<std::string> Expected(const Restriction& restriction) const {
    std::set<std::string> names;
    for (const auto& [name, document] : shown_) {
      if (Holds(document, restriction)) names.insert(name + "@" + std::to_string(document.version));
    }
    return names;
  }

  static std::set<std::string> NamesIn(const View& view, const std::vector<Hit>& hits) {
    std::set<std::string> names;
    for (const Hit& hit : hits) {
      const Result<StoredDocument> document = view.Document(kPolicies, hit.document);
      EXPECT_TRUE(document.ok());
      if (document.ok()) {
        names.insert(document->origin.document.value + "@" + std::to_string(document->origin.version.position));
      }
    }
    return names;
  }

  std::mt19937_64 random_;
  const uint64_t documents_;
  TestStore store_;
  uint64_t version_ = 0;
  Documents written_, shown_;
  size_t matched_ = 0;
};

void Check(uint64_t seed, uint64_t documents, const IndexStoreOptions& options) {
  FilterWorld world(seed, documents, options);
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 6; ++i) world.Compare();
    world.ChangeSome();
    for (int i = 0; i < 6; ++i) world.Compare();  // changed under the view
    world.Refresh();
  }
  EXPECT_GT(world.matched(), 5 * documents) << "the restrictions let too little through to say anything";
}

TEST(FilterProperty, ExactWhereVectorsAreScanned) { Check(1, 120, {}); }
TEST(FilterProperty, ExactWhereFewAreScoredOneByOne) { Check(2, 120, {.scanned_vectors = 20, .list_vectors = 16}); }
// So many that wide filters go through the lists.
TEST(FilterProperty, ExactWhereVectorsAreInLists) { Check(3, 1500, {.scanned_vectors = 20, .list_vectors = 200}); }

}  // namespace
}  // namespace freshet::store
