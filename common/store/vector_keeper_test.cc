// Inverted lists under a store: what is found while they are made, split, dissolved, swept, cut short by loss of power,
// and followed; that recall does not decay. Recall counts the hits that are as near as the exact ones.
#include "common/store/vector_keeper.h"

#include <gtest/gtest.h>

#include <cmath>

#include "common/model/half.h"
#include "common/store/filter_bitmap.h"
#include "common/store/follower_store.h"
#include "common/store/testing/random_world.h"

namespace freshet::store {
namespace {

using Vector = std::vector<float>;

// Lists are looked into however few a filter lets through.
IndexStoreOptions WithLists(size_t scanned, size_t most) {
  return {
      .scanned_vectors = scanned, .list_vectors = most, .scored_vectors = 0, .mass_delete = {.documents = 1'000'000}};
}

Vector UnitLength(Vector vector) {
  double square = 0;
  for (const float value : vector) square += value * value;
  for (float& value : vector) value = static_cast<float>(value / std::sqrt(square));
  return vector;
}

// Documents of one chunk each, in clusters, and what an exact search finds.
class Clustered {
 public:
  explicit Clustered(IndexStoreOptions options) : store(7, std::move(options)) {
    store.Apply({Allow("open", 1, {"user:ada"}), Allow("few", 1, {"user:bob"})});
    MoveCenters();
  }

  // From now on documents are of other subjects.
  void MoveCenters() {
    centers_.clear();
    for (int i = 0; i < 30; ++i) centers_.push_back(Random());
  }

  // Documents [begin, end) anew, in one batch.
  void Replace(int begin, int end) {
    std::vector<Mutation> batch;
    for (int document = begin; document < end; ++document) {
      const std::string name = "d" + std::to_string(document);
      const Vector vector = Near(centers_[random_() % centers_.size()]);
      ++version_;
      Mutation put =
          Put(name, version_, {name + " " + std::to_string(version_)}, {.scope = document % 10 == 0 ? "few" : "open"});
      auto half = std::make_shared<std::vector<uint16_t>>(vector.size());
      model::FloatsToHalves(vector, *half);
      std::get<PutDocument>(put.change).vectors = std::move(half);
      batch.push_back(std::move(put));
      vectors_[document] = vector;
    }
    store.Apply(std::move(batch));
  }
  void Remove(int document) {
    store.Apply(Delete("d" + std::to_string(document), ++version_));
    vectors_.erase(document);
  }
  // Until nothing is left to do, and some more.
  void Keep(int times = 40) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(store->Maintain(store.now).ok());
    ASSERT_TRUE(store->Refresh().ok());
  }
  void Reopen() {
    store.Reopen();
    ASSERT_TRUE(store->Refresh().ok());
  }

  double Recall(const View& view, const std::string& user, int queries = 60) {
    const Filter filter = *view.FilterFor(kPolicies, store.AccessOf({user}), {});
    double found = 0, wanted = 0;
    for (int i = 0; i < queries; ++i) {
      const Vector query = Near(centers_[i % centers_.size()]);
      std::vector<double> exact;
      for (const auto& [document, vector] : vectors_) {
        if ((document % 10 == 0) == (user == "user:bob")) exact.push_back(Dot(query, vector));
      }
      std::sort(exact.rbegin(), exact.rend());
      exact.resize(std::min<size_t>(exact.size(), 10));
      const std::vector<Hit> hits = view.SearchVector(kPolicies, query, 10, filter);
      std::set<uint32_t> chunks;
      for (const Hit& hit : hits) {
        EXPECT_TRUE(filter.bitmap()->Contains(hit.document));
        EXPECT_TRUE(chunks.insert(hit.chunk.value).second) << "twice";
        found += hit.score >= exact.back() - 1e-3 ? 1 : 0;
      }
      wanted += static_cast<double>(exact.size());
    }
    return found / wanted;
  }
  double Recall(const std::string& user) { return Recall(*store->CurrentView(), user); }
  // Every vector that is there, and none else.
  void ExpectAllFound(const View& view) {
    size_t found = 0;
    for (const char* user : {"user:ada", "user:bob"}) {
      const Filter filter = *view.FilterFor(kPolicies, store.AccessOf({user}), {});
      found += view.SearchVector(kPolicies, centers_[0], 1'000'000, filter).size();
    }
    EXPECT_EQ(found, vectors_.size());
  }

  TestStore store;

 private:
  static double Dot(const Vector& a, const Vector& b) {
    double dot = 0;
    for (size_t i = 0; i < a.size(); ++i) dot += static_cast<double>(a[i]) * b[i];
    return dot;
  }
  Vector Random() {
    std::normal_distribution<float> normal;
    Vector vector(kTestDimensions);
    for (float& value : vector) value = normal(random_);
    return UnitLength(std::move(vector));
  }
  Vector Near(const Vector& center) {
    Vector vector = Random();
    for (size_t i = 0; i < vector.size(); ++i) vector[i] = center[i] + 0.7f * vector[i];
    return UnitLength(std::move(vector));
  }

  std::mt19937 random_{11};
  std::vector<Vector> centers_;
  std::map<int, Vector> vectors_;
  uint64_t version_ = 1;
};

// Random histories against the reference (random_world.h), with lists of four vectors, so that each of these has some
// made, split, dissolved and swept.
TEST(VectorListsModel, ShowsWhatTheReferenceShows) {
  for (uint64_t seed = 1; seed <= 10;) {
    TestStore store(seed, WithLists(6, 4));
    for (int i = 0; i < 5; ++i, ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      RandomWorld world(store, seed);
      for (int step = 0; step < 40; ++step) {
        world.Step();
        if (step % 3 == 1) {
          EXPECT_TRUE(store->Maintain(store.now).ok());
        }
        if (step == 20) store.Reopen();
        if (step == 30) {
          store.CrashAndReopen();
          world.Redeliver();
        }
        if (step == 20 || step == 30) world.Refresh();
        if (HasFailure()) return;
      }
    }
  }
}

TEST(VectorListsModel, FollowersShowWhatTheReferenceShows) {
  for (uint64_t seed = 101; seed <= 106; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TestStore store(seed, WithLists(6, 4));
    RandomWorld world(store, seed);
    world.Step();
    world.Refresh();
    auto follower = FollowerStore::Open(store.options);
    ASSERT_TRUE(follower.ok()) << follower.status().ToString();
    for (int step = 0; step < 60; ++step) {
      world.Change();
      if (step % 3 == 1) {
        EXPECT_TRUE(store->Maintain(store.now).ok());
      }
      world.Refresh();
      ASSERT_TRUE((*follower)->CatchUp().ok());
      world.CompareIn(*(*follower)->CurrentView());
      if (HasFailure()) return;
    }
  }
}

TEST(VectorLists, FindWhatAScanFindsAndTellFromTheScanNothingButTime) {
  Clustered lists(WithLists(500, 64));
  lists.Replace(0, 3000);
  lists.Keep(1);  // scanned until here
  EXPECT_GE(lists.Recall("user:ada"), 0.95);
  EXPECT_GE(lists.Recall("user:bob"), 0.95) << "a filter must not cost recall";
  lists.ExpectAllFound(*lists.store->CurrentView());
  lists.Reopen();
  EXPECT_GE(lists.Recall("user:ada"), 0.95);
  lists.ExpectAllFound(*lists.store->CurrentView());
}

// What is in memory of lists is what is stored: whether there is room for none, for some or for all.
TEST(VectorLists, FindTheSameHoweverMuchOfThemIsInMemory) {
  for (const size_t bytes : {size_t{0}, size_t{20'000}, size_t{64} << 20}) {
    SCOPED_TRACE(std::to_string(bytes) + " bytes");
    IndexStoreOptions options = WithLists(100, 32);
    options.resident_list_bytes = bytes;
    Clustered lists(std::move(options));
    lists.Replace(0, 600);
    lists.Keep(1);
    auto follower = *FollowerStore::Open(lists.store.options);
    for (int begin = 0; begin < 600; begin += 60) {
      lists.ExpectAllFound(*lists.store->CurrentView());
      const auto before = lists.store->CurrentView();
      const double recall = lists.Recall(*before, "user:ada", 5);
      EXPECT_GE(recall, 0.9);
      lists.Replace(begin, begin + 60);
      lists.Remove(begin);
      lists.Keep(1);
      ASSERT_TRUE(follower->CatchUp().ok());
      lists.ExpectAllFound(*lists.store->CurrentView());
      lists.ExpectAllFound(*follower->CurrentView());
      if (HasFailure()) return;
    }
  }
}

// Who took a view finds what it showed, whatever has become of the lists.
TEST(VectorLists, AnOlderViewFindsWhatItShowed) {
  Clustered lists(WithLists(100, 16));
  lists.Replace(0, 400);
  lists.Keep(1);
  const auto view = lists.store->CurrentView();
  const auto found_by = [&](const View& by) {
    const Filter filter = *by.FilterFor(kPolicies, lists.store.AccessOf({"user:ada"}), {});
    std::vector<uint32_t> chunks;
    for (const Hit& hit : by.SearchVector(kPolicies, VectorOf("anything"), 1'000'000, filter)) {
      chunks.push_back(hit.chunk.value);
    }
    return chunks;
  };
  const std::vector<uint32_t> before = found_by(*view);
  EXPECT_EQ(before.size(), 360u);
  for (int round = 0; round < 4; ++round) {
    lists.Replace(400 + 200 * round, 600 + 200 * round);  // lists grow, and part
    lists.Keep(10);
    EXPECT_EQ(found_by(*view), before);
    EXPECT_GT(found_by(*lists.store->CurrentView()).size(), before.size());
  }
}

TEST(VectorLists, RecallDoesNotDecayUnderChurnNorWhenSubjectsChange) {
  Clustered lists(WithLists(500, 32));
  lists.Replace(0, 1000);
  lists.Keep(1);
  const double before = lists.Recall("user:ada"), few_before = lists.Recall("user:bob");
  for (int round = 0; round < 10; ++round) {
    if (round % 3 == 2) lists.MoveCenters();
    for (int begin = 0; begin < 1000; begin += 100) {
      lists.Replace(begin, begin + 100);
      lists.Keep(1);
    }
  }
  lists.Keep();
  EXPECT_GE(lists.Recall("user:ada"), std::max(before - 0.03, 0.95));
  EXPECT_GE(lists.Recall("user:bob"), std::max(few_before - 0.03, 0.95));
  lists.ExpectAllFound(*lists.store->CurrentView());
}

TEST(VectorLists, WhatIsGoneIsSweptFromDiskAndShortListsAreDissolved) {
  Clustered lists(WithLists(100, 32));
  lists.Replace(0, 2000);
  lists.Keep(1);
  lists.Keep();
  const auto stored = [&] {
    lists.store.Close();
    auto database = *Database::Open({.path = lists.store.options.path + "/rocksdb",
                                     .families = FamilyNames(),
                                     .env = lists.store.options.env,
                                     .tune = TuneFamily});
    std::pair<size_t, size_t> all;  // lists, entries
    const std::unique_ptr<rocksdb::Iterator> rows(database->db().NewIterator({}, database->family(kPostings)));
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      uint32_t list = 0;
      if (ParseCentroidKey(ToView(rows->key()), list)) {
        ++all.first;
      } else {
        all.second += ListValue(ToView(rows->value()), kTestDimensions).size();
      }
    }
    return all;
  };
  const auto [full_lists, full_entries] = stored();
  EXPECT_EQ(full_entries, 2000u);
  EXPECT_GE(full_lists, 2000u / 32);
  lists.store.Open();
  for (int document = 0; document < 1900; ++document) lists.Remove(document);
  lists.Keep();
  lists.ExpectAllFound(*lists.store->CurrentView());
  const auto [few_lists, few_entries] = stored();
  EXPECT_LE(few_entries, 120u);
  EXPECT_LE(few_lists, full_lists / 4);
  lists.store.Open();
}

// The same vector over and over: lists must part all the same, or they grow for ever.
TEST(VectorLists, EqualVectorsPartToo) {
  TestStore store(3, WithLists(50, 16));
  store.Apply({Allow("open", 1, {"user:ada"})});
  for (uint32_t document = 0; document < 600; ++document) {
    store.Apply(Put("d" + std::to_string(document), 1, {"the very same text"}));
    if (document % 20 == 0) {
      ASSERT_TRUE(store->Maintain(store.now).ok());
    }
  }
  ASSERT_TRUE(store->Refresh().ok());
  const auto view = store->CurrentView();
  const Filter filter = *view->FilterFor(kPolicies, store.AccessOf({"user:ada"}), {});
  EXPECT_EQ(view->SearchVector(kPolicies, VectorOf("the very same text"), 1000, filter).size(), 600u);
}

// DESIGN §4.4: power goes off at every point of making, splitting, dissolving and sweeping.
TEST(VectorLists, LossOfPowerAnywhereLosesNothing) {
  size_t cuts = 0;
  for (uint64_t operations = 0; operations < 22; ++operations) {
    SCOPED_TRACE("power goes off after " + std::to_string(operations) + " operations");
    Clustered lists(WithLists(60, 16));
    lists.Replace(0, 150);
    if (operations % 2 == 0) {
      lists.Keep(1);
      lists.Replace(0, 60);
      for (int document = 60; document < 120; ++document) lists.Remove(document);
    }
    ASSERT_TRUE(lists.store->Refresh().ok());
    lists.store.disk.volume().CutPowerAfter(operations);
    for (int i = 0; i < 6; ++i) (void)lists.store->Maintain(lists.store.now);
    cuts += lists.store.disk.volume().powered() ? 0 : 1;
    lists.store.CrashAndReopen();
    ASSERT_TRUE(lists.store->Refresh().ok());
    lists.ExpectAllFound(*lists.store->CurrentView());
    lists.Keep(5);
    lists.ExpectAllFound(*lists.store->CurrentView());
    if (HasFailure()) return;
  }
  EXPECT_GE(cuts, 5u);
}

}  // namespace
}  // namespace freshet::store
