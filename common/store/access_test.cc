// Who a list lets in, groups within groups, and the bitmaps that say the same.
#include <gtest/gtest.h>

#include <random>

#include "common/store/access_index.h"
#include "common/store/facet_index.h"
#include "common/store/filter_cache.h"
#include "common/store/group_graph.h"
#include "common/store/staged.h"

namespace freshet::store {
namespace {

const SourceKey kFolder{SourceNumber(1), "folder"};

Version At(uint64_t position) { return {.position = position}; }

ScopeLists ListsOf(std::vector<AccessList> lists) {
  ScopeLists scope;
  for (AccessList& list : lists) Push(scope, std::move(list));
  return scope;
}

Time Tick(int64_t count) { return FromMicros(1'000'000 + count); }
Period Until(int64_t tick) { return {.until = Tick(tick)}; }
Period From(int64_t tick) { return {.from = Tick(tick)}; }

bool AllowsAt(Time now, const AccessList& list, const Principals& who) {
  Moment moment(now);
  return Allows({who, moment}, list);
}
bool Allows(const AccessList& list, const Principals& who) { return AllowsAt(Tick(0), list, who); }
bool Allows(const ScopeLists& scope, const Version& content, const Principals& who) {
  Moment moment(Tick(0));
  return Allows({who, moment}, scope, content);
}

std::vector<uint32_t> Of(const Roaring& bitmap) { return {bitmap.begin(), bitmap.end()}; }

TEST(AccessLists, DenyWinsAndUnknownIsNobody) {
  const AccessList list{.allow = {"group:nurses", "user:ada"}, .deny = {"user:bob"}};
  EXPECT_TRUE(Allows(list, {"user:ada"}));
  EXPECT_FALSE(Allows(list, {"user:bob", "group:nurses"}));
  EXPECT_FALSE(Allows(list, {"user:eve"}));
  EXPECT_FALSE(Allows(ScopeLists{}, At(1), {"user:ada"}));
}

// From the end on, and not a microsecond longer; a denial ends as a grant does.
TEST(AccessLists, NamesCountWhileTheyAreListed) {
  const AccessList list{.allow = {{"user:ada", Until(10)}, {"user:bob", From(5)}, "user:eve"},
                        .deny = {{"user:eve", {.until = Tick(7), .from = Tick(3)}}}};
  const auto readers = [&](int64_t tick) {
    std::string names;
    for (const char* user : {"ada", "bob", "eve"}) {
      if (AllowsAt(Tick(tick), list, {std::string("user:") + user}))
        names += std::string(names.empty() ? "" : " ") + user;
    }
    return names;
  };
  EXPECT_EQ(readers(2), "ada eve");
  EXPECT_EQ(readers(3), "ada");
  EXPECT_EQ(readers(5), "ada bob");
  EXPECT_EQ(readers(6), "ada bob");
  EXPECT_EQ(readers(7), "ada bob eve");
  EXPECT_EQ(readers(9), "ada bob eve");
  EXPECT_EQ(readers(10), "bob eve");
  EXPECT_FALSE(AllowsAt(Tick(6), {.allow = {{"user:ada", {.until = Tick(5), .from = Tick(8)}}}}, {"user:ada"}))
      << "ends before it begins";
}

TEST(AccessLists, AMomentKnowsHowLongItsAnswerStands) {
  const AccessList list{.allow = {{"a", Until(10)}, {"b", From(20)}}, .deny = {{"c", Until(-5)}, {"d", From(4)}}};
  const auto stays = [&](const Principals& who) {
    Moment moment(Tick(0));
    (void)Allows({who, moment}, list);
    return moment.stays();
  };
  EXPECT_EQ(stays({"a"}), Until(10));
  EXPECT_EQ(stays({"b"}), Until(20));
  EXPECT_EQ(stays({"a", "c"}), (Period{.until = Tick(10), .from = Tick(-5)}));
  EXPECT_EQ(stays({"a", "d"}), Until(4));
  EXPECT_EQ(stays({"other"}), Period());
}

// DESIGN §4.2: until the content it belongs to is in, only an access change's narrowing takes effect.
TEST(AccessLists, WaitForTheirContentButNarrowAtOnce) {
  const ScopeLists scope =
      ListsOf({{.version = At(1), .allow = {"a", "b"}}, {.version = At(2), .content = At(5), .allow = {"b", "c"}}});
  EXPECT_FALSE(Allows(scope, At(4), {"a"})) << "narrowed at once";
  EXPECT_TRUE(Allows(scope, At(4), {"b"}));
  EXPECT_FALSE(Allows(scope, At(4), {"c"})) << "widened only with its content";
  EXPECT_TRUE(Allows(scope, At(5), {"c"}));
  EXPECT_FALSE(Allows(scope, At(5), {"a"}));
  EXPECT_FALSE(IsSettled(scope, At(4)));
  EXPECT_TRUE(IsSettled(scope, At(5)));
}

TEST(AccessLists, AFirstListThatWaitsAllowsNobody) {
  const ScopeLists scope = ListsOf({{.version = At(1), .content = At(5), .allow = {"a"}}});
  EXPECT_FALSE(Allows(scope, At(4), {"a"}));
  EXPECT_TRUE(Allows(scope, At(6), {"a"}));
}

TEST(AccessLists, AListForAllContentEndsTheWaiting) {
  ScopeLists scope =
      ListsOf({{.version = At(1), .allow = {"a"}}, {.version = At(2), .content = At(9), .allow = {"b"}}});
  Push(scope, {.version = At(3), .allow = {"c"}});
  EXPECT_EQ(scope.lists.size(), 1u);
  EXPECT_TRUE(Allows(scope, At(1), {"c"}));
}

TEST(AccessLists, TooManyThatWaitGiveWayToNobody) {
  ScopeLists scope = ListsOf({{.version = At(1), .allow = {"a"}}});
  for (uint64_t i = 2; i < 40; ++i) Push(scope, {.version = At(i), .content = At(100 + i), .allow = {"a"}});
  EXPECT_EQ(scope.lists.size(), kMaxWaitingLists);
  EXPECT_FALSE(Allows(scope, At(1), {"a"}));
  EXPECT_TRUE(Allows(scope, At(200), {"a"}));
}

TEST(GroupGraph, NestsAndSurvivesCycles) {
  GroupGraph graph;
  graph.Join("group:icu", {"user:ada"});
  graph.Join("group:nurses", {"group:icu"});
  graph.Join("group:icu", {"group:nurses"});
  graph.Join("group:all-staff", {"group:everyone"});
  EXPECT_EQ(graph.Closure({"user:ada"}, Tick(0)),
            (Principals{"group:all-staff", "group:everyone", "group:icu", "group:nurses", "user:ada"}));
  EXPECT_EQ(graph.Closure({"user:bob"}, Tick(0)), (Principals{"group:all-staff", "group:everyone", "user:bob"}));
}

TEST(GroupGraph, AMemberLeavesWhenTheLastSourceSaysSo) {
  GroupGraph graph;
  graph.Join("g", {"m"});
  graph.Join("g", {"m"});
  graph.Leave("g", {"m"});
  EXPECT_TRUE(graph.Closure({"m"}, Tick(0)).contains("g"));
  graph.Leave("g", {"m"});
  graph.Leave("g", {"m"});
  EXPECT_FALSE(graph.Closure({"m"}, Tick(0)).contains("g"));
}

TEST(GroupGraph, AMembershipMayEnd) {
  GroupGraph graph;
  graph.Join("group:icu", {"user:ada", Until(5)});
  graph.Join("group:nurses", {"group:icu", From(3)});
  const auto closure = [&](int64_t tick) { return graph.Closure({"user:ada"}, Tick(tick)).size() - 2; };
  EXPECT_EQ(closure(2), 1u);
  EXPECT_EQ(closure(3), 2u);
  EXPECT_EQ(closure(5), 0u) << "what is reached by an ended membership is not reached";
  graph.Join("group:icu", {"user:ada"});
  graph.Leave("group:icu", {"user:ada", Until(5)});
  EXPECT_EQ(closure(5), 2u) << "another source says so without an end";
}

TEST(OrdinalSet, HoldsNoneOneAndMany) {
  OrdinalSet set;
  EXPECT_TRUE(set.empty());
  for (const uint32_t ordinal : {5u, 5u, 9u, 7u}) set.Add(ordinal);
  EXPECT_EQ(Of(set.AsBitmap()), (std::vector<uint32_t>{5, 7, 9}));
  set.Remove(7);
  set.Remove(5);
  EXPECT_EQ(Of(set.AsBitmap()), (std::vector<uint32_t>{9}));
  set.Remove(9);
  EXPECT_TRUE(set.empty());
}

TEST(PagedArray, GivesBackWhatWasSet) {
  PagedArray<int> numbers;
  numbers.Set(3, 7);
  numbers.Set(1'000'000, 8);
  EXPECT_EQ(numbers.Get(3), 7);
  EXPECT_EQ(numbers.Get(1'000'000), 8);
  EXPECT_EQ(numbers.Get(500'000), 0);
  EXPECT_EQ(numbers.Get(4'000'000'000), 0);
}

// Some names, some of them for a time around this tick.
Entries SomeNames(std::mt19937_64& random, int64_t tick) {
  Entries entries;
  for (const char* name : {"a", "b", "c", "d"}) {
    if (random() % 2 == 0) continue;
    Period period;
    if (random() % 3 == 0) period.until = Tick(tick + static_cast<int64_t>(random() % 60) - 20);
    if (random() % 4 == 0) period.from = Tick(tick + static_cast<int64_t>(random() % 60) - 20);
    entries.emplace_back(name, period);
  }
  return entries;
}

// Documents of three scopes whose lists change, in an index and in tables beside it.
struct AccessWorld {
  AccessIndex index;
  std::map<uint32_t, std::pair<SourceKey, Version>> placed;
  std::map<SourceKey, ScopeLists> scopes;

  const ScopeLists* ListsOf(const SourceKey& key) const {
    const auto found = scopes.find(key);
    return found == scopes.end() ? nullptr : &found->second;
  }
  void ChangeList(const SourceKey& scope, AccessList list) {
    ScopeLists after = scopes[scope];
    const ScopeLists* before = after.lists.empty() ? nullptr : &scopes[scope];
    Push(after, std::move(list));
    index.ScopeChanged(scope, before, after, [&](DocumentOrdinal d) { return placed.at(d.value).second; });
    scopes[scope] = after;
  }
  void Move(uint32_t document, const std::optional<std::pair<SourceKey, Version>>& to) {
    if (const auto old = placed.find(document); old != placed.end()) {
      index.Unplace(DocumentOrdinal(document), old->second.first, ListsOf(old->second.first), old->second.second);
      placed.erase(old);
    }
    if (!to) return;
    placed[document] = *to;
    index.Place(DocumentOrdinal(document), to->first, ListsOf(to->first), to->second);
  }
  bool Judge(uint32_t document, Asking asking) const {
    const auto& [key, version] = placed.at(document);
    return ListsOf(key) != nullptr && Allows(asking, *ListsOf(key), version);
  }
  std::vector<uint32_t> Expected(const Principals& who, Time now) const {
    std::vector<uint32_t> expected;
    Moment moment(now);
    for (const auto& [document, where] : placed) {
      if (Judge(document, {who, moment})) expected.push_back(document);
    }
    return expected;
  }
  std::vector<uint32_t> Allowed(Asking asking) const {
    return Of(index.Allowed(asking, [&](DocumentOrdinal d) { return Judge(d.value, asking); }));
  }
};

// Bitmaps changed by change say the same as the lists do, and for as long as they say they will.
TEST(AccessIndex, AgreesWithTheListsAfterAnyChanges) {
  std::mt19937_64 random(5);
  AccessWorld world;
  uint64_t limited = 0;
  for (int64_t step = 1; step < 4000; ++step) {
    const SourceKey scope{SourceNumber(1), std::to_string(random() % 3)};
    const uint32_t document = random() % 12;
    if (random() % 3 == 0) {
      AccessList list{.version = At(static_cast<uint64_t>(step))};
      list.allow = SomeNames(random, step);
      list.deny = SomeNames(random, step);
      if (random() % 2 == 0) list.content = At(random() % 6);
      if (random() % 8 == 0) list.removed = true;
      world.ChangeList(scope, std::move(list));
    } else if (random() % 4 != 0) {
      world.Move(document, std::pair(scope, At(random() % 6)));
    } else {
      world.Move(document, {});
    }
    const std::string names = "abcd";
    const Principals who{names.substr(random() % 4, 1), names.substr(random() % 4, 1)};
    Moment moment(Tick(step));
    const std::vector<uint32_t> expected = world.Expected(who, Tick(step));
    ASSERT_EQ(world.Allowed({who, moment}), expected) << step;
    const Period stays = moment.stays();
    ASSERT_TRUE(stays.Contains(Tick(step)));
    for (int64_t tick = step - 30; tick < step + 30; ++tick) {
      if (!stays.Contains(Tick(tick))) continue;
      ASSERT_EQ(world.Expected(who, Tick(tick)), expected) << step << " " << tick;
    }
    limited += stays.is_limited() ? 1 : 0;
  }
  EXPECT_GT(limited, 1000u);
}

TEST(FacetIndex, AgreesWithLookingAtEachDocument) {
  std::mt19937_64 random(6);
  FacetIndex index;
  std::map<uint32_t, std::pair<Facets, Time>> documents;
  for (int step = 0; step < 2000; ++step) {
    const uint32_t document = random() % 20;
    if (documents.contains(document)) index.Remove(DocumentOrdinal(document), documents[document].first);
    documents.erase(document);
    if (random() % 5 != 0) {
      Facets facets{ScopeId("s"), {{"kind", {std::to_string(random() % 3), std::to_string(random() % 3)}}}};
      if (random() % 2 == 0) facets.attributes.push_back({"unit", {std::to_string(random() % 2)}});
      const Time effective = FromMicros(static_cast<int64_t>(random() % 5));
      index.Add(DocumentOrdinal(document), facets, effective);
      documents[document] = {facets, effective};
    }
    Restriction restriction;
    if (random() % 2 == 0) restriction.attributes["kind"] = {std::to_string(random() % 3), "9"};
    if (random() % 2 == 0) restriction.attributes["unit"] = {std::to_string(random() % 3)};
    if (random() % 2 == 0) restriction.effective_from = FromMicros(static_cast<int64_t>(random() % 4));
    if (random() % 2 == 0) restriction.effective_to = FromMicros(static_cast<int64_t>(random() % 5));
    Roaring narrowed;
    std::vector<uint32_t> expected;
    for (const auto& [ordinal, facets] : documents) {
      narrowed.add(ordinal);
      if (Matches(facets.first, facets.second, restriction)) expected.push_back(ordinal);
    }
    index.Narrow(narrowed, restriction);
    ASSERT_EQ(Of(narrowed), expected) << step;
  }
}

TEST(FacetIndex, DocumentsOfUnknownTimeMatchNoRange) {
  EXPECT_TRUE(Matches({}, Time(), {}));
  EXPECT_FALSE(Matches({}, Time(), {.effective_to = FromMicros(9)}));
  EXPECT_TRUE(Matches({}, FromMicros(9), {.effective_from = FromMicros(9), .effective_to = FromMicros(9)}));
}

TEST(FilterCache, KeepsWhatWasUsedLastAndForgetsOldEpochs) {
  FilterCache cache;
  const auto bitmap = std::make_shared<const Filter::Bitmap>(Roaring());
  for (size_t i = 0; i <= FilterCache::kMaxEntries; ++i) {
    cache.Keep({std::to_string(i), 1}, {}, bitmap);
    EXPECT_NE(cache.Find({"0", 1}, Tick(0)), nullptr);
  }
  EXPECT_EQ(cache.size(), FilterCache::kMaxEntries);
  EXPECT_EQ(cache.Find({"1", 1}, Tick(0)), nullptr);
  EXPECT_EQ(cache.Find({"0", 2}, Tick(0)), nullptr);
}

TEST(FilterCache, KeepsNothingBeyondItsTime) {
  FilterCache cache;
  const std::string who = "who";
  cache.Keep({who, 1}, {.until = Tick(5), .from = Tick(2)}, std::make_shared<const Filter::Bitmap>(Roaring()));
  for (const int64_t tick : {1, 5, 6}) EXPECT_EQ(cache.Find({who, 1}, Tick(tick)), nullptr) << tick;
  for (const int64_t tick : {2, 4}) EXPECT_NE(cache.Find({who, 1}, Tick(tick)), nullptr) << tick;
}

TEST(FilterBitmap, SaysTheSameDenseAndSparse) {
  for (const uint32_t far : {1000u, 4'000'000'000u}) {
    Roaring documents;
    documents.add(3);
    documents.add(far);
    const Filter::Bitmap bitmap(documents);
    EXPECT_EQ(bitmap.dense, far == 1000u);
    EXPECT_TRUE(bitmap.Contains(DocumentOrdinal(3)));
    EXPECT_TRUE(bitmap.Contains(DocumentOrdinal(far)));
    EXPECT_FALSE(bitmap.Contains(DocumentOrdinal(far + 1)));
    EXPECT_FALSE(bitmap.Contains(DocumentOrdinal(64'000)));
  }
  EXPECT_FALSE(Filter::Bitmap(Roaring()).Contains(DocumentOrdinal(0)));
}

TEST(Staged, ShowsChangesAndLeavesTheTable) {
  std::map<int, int> table{{1, 10}, {2, 20}};
  Staged<std::map<int, int>> staged(table);
  EXPECT_EQ(*staged.Find(1), 10);
  ++staged.Edit(1);
  staged.Edit(3) = 30;
  EXPECT_EQ(*staged.Find(1), 11);
  EXPECT_EQ(*staged.Find(3), 30);
  EXPECT_EQ(staged.Find(4), nullptr);
  EXPECT_EQ(table, (std::map<int, int>{{1, 10}, {2, 20}}));
  std::map<int, int> seen;
  staged.ForEach([&](int key, int value) { return seen.emplace(key, value).second; });
  EXPECT_EQ(seen, (std::map<int, int>{{1, 11}, {2, 20}, {3, 30}}));
  EXPECT_EQ(staged.changes().size(), 2u);
}

}  // namespace
}  // namespace freshet::store
