// Nobody sees what they may not (DESIGN §4.5): random users, nested groups with cycles, lists that allow and deny for
// good and for a time, revokes and documents that move between scopes, through the query engine, each answer held
// against a reference of ten lines; and the same while one thread changes access and moves the clock and others ask.
//
// FRESHET_PERMISSION_SEEDS: how many histories (default 4), FRESHET_PERMISSION_FIRST: the first one's seed (default 1),
// FRESHET_PERMISSION_SEARCHES: how many searches after each change (default 1). How many searches there were, and how
// many of them could have leaked, are properties of the tests (--gtest_output=json:FILE).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <shared_mutex>
#include <thread>

#include "services/query/testing/test_index.h"

namespace freshet::query {
namespace {

using freshet::testing::TestIndex;

constexpr size_t kDocuments = 40;
constexpr size_t kScopes = 8;
constexpr size_t kGroups = 6;
constexpr size_t kUsers = 5;
constexpr Duration kTick = std::chrono::milliseconds(1);

using Names = std::set<std::string>;
using Lists = std::map<std::string, Period>;  // names and when they are on it

std::string Scope(size_t number) { return "scope" + std::to_string(number); }
std::string Group(size_t number) { return "group:g" + std::to_string(number); }
std::string User(size_t number) { return "u" + std::to_string(number); }

// What the lists say at one time, and who may read what by them.
struct Reference {
  struct List {
    Lists allow, deny;
  };
  Time now;
  std::map<std::string, List> lists;      // by scope
  std::map<std::string, Lists> groups;    // members
  std::map<std::string, std::string> in;  // document → scope; "": deleted

  bool MayRead(const std::string& document, Names who) const {
    who.insert("group:everyone");
    for (size_t before = 0; before != who.size();) {
      before = who.size();
      for (const auto& [group, members] : groups) {
        if (Meet(members, who)) who.insert(group);
      }
    }
    const auto scope = in.find(document);
    const auto list = scope == in.end() ? lists.end() : lists.find(scope->second);  // "" has no list
    return list != lists.end() && Meet(list->second.allow, who) && !Meet(list->second.deny, who);
  }
  bool Meet(const Lists& listed, const Names& who) const {
    return std::any_of(listed.begin(), listed.end(), [&](const auto& one) {
      return who.contains(one.first) && one.second.from <= now && now < one.second.until;
    });
  }
};

// One random history of one tenant. Every document holds the word "floor".
class History {
 public:
  explicit History(uint64_t seed) : random_(seed) {
    reference.now = index.clock.Now();
    twin_.Allow("everyone", {"group:everyone"});
    for (size_t i = 0; i < kDocuments; ++i) Write("d" + std::to_string(i));
    for (size_t i = 0; i < kScopes; ++i) ChangeList(Scope(i));
    Settle();
  }

  void Change() {
    if (Below(2) == 0) Pass();
    const uint64_t dice = Below(10);
    if (dice < 4) {
      ChangeList(Scope(Below(kScopes)));
    } else if (dice < 7) {
      ChangeGroup(Below(kGroups));
    } else if (dice < 9) {
      Write("d" + std::to_string(Below(kDocuments)));
    } else {
      Delete("d" + std::to_string(Below(kDocuments)));
    }
  }

  // Time goes by: what ends or begins meanwhile does so without any change.
  void Pass() {
    reference.now += kTick * static_cast<int64_t>(1 + Below(3));
    if (on_tell) on_tell(reference);
    index.clock.Set(reference.now);
  }

  Caller AnyCaller() {
    std::vector<std::string> groups;  // from the token, beside those that the source tells of
    if (Below(3) == 0) groups.push_back("g" + std::to_string(Below(kGroups)));
    return TestIndex::CallerOf(User(Below(kUsers)), groups);
  }
  SearchRequest AnyRequest() {
    return {.query = "floor w" + std::to_string(Below(kDocuments)),
            .top_k = 1 + Below(20),
            .mode = static_cast<Mode>(Below(3))};
  }
  // What the search would find were everybody allowed everything.
  SearchResponse Unfiltered(const SearchRequest& request) {
    return twin_.engine->Search(TestIndex::CallerOf("anybody"), request, "").value();
  }
  void Settle() {
    for (TestIndex* each : {&index, &twin_}) {
      each->Beat();
      each->Show();
    }
  }

  TestIndex index;
  Reference reference;
  std::function<void(const Reference&)> on_tell;  // before the index is told

 private:
  uint64_t Below(uint64_t limit) { return random_() % limit; }

  // The reference changes first: what it says is possible from now on, and the rule once Change is over.
  template <class Value>
  void Tell(std::map<std::string, Value> Reference::*table, const std::string& name, Value value) {
    (reference.*table)[name] = std::move(value);
    if (on_tell) on_tell(reference);
  }

  Period AnyPeriod() {
    Period period;
    if (Below(2) == 0) return period;
    if (Below(4) != 0) period.until = reference.now + kTick * static_cast<int64_t>(Below(30));
    if (Below(4) == 0) period.from = reference.now + kTick * static_cast<int64_t>(Below(10));
    return period;
  }
  Lists AnyNames(uint64_t one_in) {
    Lists names;
    for (size_t i = 0; i < kUsers; ++i) {
      if (Below(one_in) == 0) names.emplace("user:" + User(i), AnyPeriod());
    }
    for (size_t i = 0; i < kGroups; ++i) {
      if (Below(one_in) == 0) names.emplace(Group(i), AnyPeriod());
    }
    return names;
  }
  static std::vector<Listed> ListedOf(const Lists& names) {
    std::vector<Listed> listed;
    for (const auto& [name, period] : names) listed.emplace_back(Principal(name), period);
    return listed;
  }

  void ChangeList(const std::string& scope) {
    Reference::List list{AnyNames(4), AnyNames(12)};
    if (Below(10) == 0) list.allow.emplace("group:everyone", AnyPeriod());
    AccessChange change{.scope = ScopeId(scope), .allow = ListedOf(list.allow), .deny = ListedOf(list.deny)};
    change.removed = Below(12) == 0;
    Tell(&Reference::lists, scope, change.removed ? Reference::List{} : list);
    index.Change(change, ++version_);
  }
  // Groups hold users and groups, themselves among them: cycles must not matter.
  void ChangeGroup(size_t number) {
    const Lists members = AnyNames(5);
    Tell(&Reference::groups, Group(number), members);
    index.Change(GroupChange{Principal(Group(number)), ListedOf(members)}, ++version_);
  }
  void Write(const std::string& document) {
    const std::string scope = Scope(Below(kScopes));
    Tell(&Reference::in, document, scope);
    testing::TestDocument put{
        .id = document, .version = ++version_, .text = "floor w" + document.substr(1) + "\n", .scope = scope};
    index.Put(put);
    index.Show();
    put.scope = "everyone";
    twin_.Put(put);
    twin_.Show();
  }
  void Delete(const std::string& document) {
    Tell(&Reference::in, document, std::string());
    index.Change(freshet::Delete{}, ++version_, document);
    twin_.Change(freshet::Delete{}, version_, document);
  }

  TestIndex twin_;  // the same documents, open to everyone
  std::mt19937_64 random_;
  uint64_t version_ = 0;
};

Names PrincipalsOf(const Caller& caller) {
  Names names;
  for (const Principal& principal : caller.principals()) names.insert(principal.value);
  return names;
}

uint64_t Given(const char* name, uint64_t otherwise) {
  const char* const given = std::getenv(name);
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}
uint64_t Seeds() { return Given("FRESHET_PERMISSION_SEEDS", 4); }
uint64_t FirstSeed() { return Given("FRESHET_PERMISSION_FIRST", 1); }

bool AllAllowed(const Reference& reference, const Caller& caller, const SearchResponse& answer) {
  return std::all_of(answer.hits.begin(), answer.hits.end(),
                     [&](const SearchHit& hit) { return reference.MayRead(hit.document.value, PrincipalsOf(caller)); });
}

struct Counts {
  uint64_t searches = 0, could_leak = 0, hits = 0;
};

// False after a failure.
bool AskOnce(History& history, Counts& counts) {
  const Caller caller = history.AnyCaller();
  const SearchRequest request = history.AnyRequest();
  const auto answer = history.index.engine->Search(caller, request, "");
  EXPECT_TRUE(answer.ok());
  if (!answer.ok()) return false;
  ++counts.searches;
  counts.could_leak += AllAllowed(history.reference, caller, history.Unfiltered(request)) ? 0 : 1;
  counts.hits += answer->hits.size();
  const bool allowed = AllAllowed(history.reference, caller, *answer);
  EXPECT_TRUE(allowed) << caller.user << " sees what is forbidden: " << freshet::testing::NamesOf(*answer);
  return allowed;
}

bool FindsAllThatIsAllowed(const History& history, const Caller& caller) {
  Names found, allowed;
  const SearchResponse all = history.index.engine->Search(caller, {.query = "floor", .top_k = kMaxTopK}, "").value();
  for (const SearchHit& hit : all.hits) found.insert(hit.document.value);
  for (const auto& [document, scope] : history.reference.in) {
    if (history.reference.MayRead(document, PrincipalsOf(caller))) allowed.insert(document);
  }
  EXPECT_EQ(found, allowed) << caller.user;
  // The filter of the searches alone: what comes after it must not be all that keeps anybody out.
  const QueryEngine& engine = *history.index.engine;
  const auto filter = engine.view()->FilterFor(CollectionName("policies"), engine.AccessOf(caller), {});
  EXPECT_EQ(filter->count(), allowed.size()) << caller.user;
  return found == allowed && filter->count() == allowed.size();
}

// Twice, with nothing but time between: what is remembered of the first answer must not outlive it.
bool AskForAll(History& history) {
  const Caller caller = history.AnyCaller();
  if (!FindsAllThatIsAllowed(history, caller)) return false;
  history.Pass();
  return FindsAllThatIsAllowed(history, caller);
}

TEST(PermissionFuzz, EveryHitIsAllowedAndEveryAllowedDocumentIsFound) {
  const uint64_t searches = Given("FRESHET_PERMISSION_SEARCHES", 1);
  Counts counts;
  for (uint64_t seed = FirstSeed(); seed < FirstSeed() + Seeds(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History history(seed);
    for (int step = 0; step < 120; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      history.Change();
      for (uint64_t i = 0; i < searches; ++i) ASSERT_TRUE(AskOnce(history, counts));
      if (step % 5 != 0) continue;
      ASSERT_TRUE(AskForAll(history));
    }
  }
  RecordProperty("searches", std::to_string(counts.searches));
  RecordProperty("could_leak", std::to_string(counts.could_leak));
  EXPECT_GE(counts.could_leak * 10, counts.searches * 3)
      << "too few searches meet what is forbidden: this test could not fail";
  EXPECT_GT(counts.hits, counts.searches) << "too few hits: nobody is allowed anything";
}

// What was the rule when: readers ask for all that held at some time during their search.
class Timeline {
 public:
  void Begin(const Reference& reference) {
    std::unique_lock lock(mutex_);
    states_.push_back(reference);
  }
  void Done() { done_ = Possible(); }
  size_t Possible() const {
    std::shared_lock lock(mutex_);
    return states_.size() - 1;
  }
  size_t done() const { return done_; }
  bool MayRead(const std::string& document, const Names& who, size_t first, size_t last) const {
    std::shared_lock lock(mutex_);
    for (size_t i = first; i <= last; ++i) {
      if (states_[i].MayRead(document, who)) return true;
    }
    return false;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::deque<Reference> states_;
  std::atomic<size_t> done_ = 0;
};

struct Tally {
  std::atomic<size_t> searches = 0, leaks = 0, hits = 0;
};

void SearchUntil(const std::atomic<bool>& over, const TestIndex& index, const Timeline& timeline, Tally& tally) {
  std::mt19937 random(7);
  while (!over) {
    const Caller caller = TestIndex::CallerOf(User(random() % kUsers));
    const size_t first = timeline.done();
    const auto answer = index.engine->Search(caller, {.query = "floor", .top_k = 50}, "");
    const size_t last = timeline.Possible();
    ++tally.searches;
    for (const SearchHit& hit : answer->hits) {
      ++tally.hits;
      if (!timeline.MayRead(hit.document.value, PrincipalsOf(caller), first, last)) ++tally.leaks;
    }
  }
}

// A search that begins after a revoke is over never shows what was revoked.
TEST(PermissionFuzz, NothingLeaksWhileAccessChanges) {
  Tally tally;
  for (uint64_t seed = 1; seed <= std::max<uint64_t>(1, Seeds() / 4); ++seed) {
    History history(1000 + seed);
    Timeline timeline;
    timeline.Begin(history.reference);
    history.on_tell = [&](const Reference& reference) { timeline.Begin(reference); };
    std::atomic<bool> over = false;
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
      readers.emplace_back([&] { SearchUntil(over, history.index, timeline, tally); });
    }
    for (int step = 0; step < 300; ++step) {
      history.Change();
      timeline.Done();
    }
    over = true;
    for (std::thread& reader : readers) reader.join();
    ASSERT_EQ(tally.leaks, 0u) << "seed " << 1000 + seed;
  }
  RecordProperty("raced", std::to_string(tally.searches));
  EXPECT_GT(tally.searches, 20u);
  EXPECT_GT(tally.hits, tally.searches);
}

}  // namespace
}  // namespace freshet::query
