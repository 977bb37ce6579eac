// RandomWorld: one seed's source and collection in a store, random changes to them, and what must be found then.
// Several may lie in one store, since opening one takes most of the time.
//
//   RandomWorld world(store, seed);
//   world.Step();          // some changes, and comparisons of what the store shows with ReferenceIndex
//   world.Refresh();   world.CompareIn(view);
//
// For tests, not for concurrent use.
#pragma once

#include <functional>
#include <random>

#include "common/store/testing/reference_index.h"
#include "common/store/testing/test_store.h"

namespace freshet::store {

class RandomWorld {
 public:
  RandomWorld(TestStore& store, uint64_t seed) : store_(store), random_(seed), name_("w" + std::to_string(seed)) {}

  void Step() {
    // Names are listed for a few ticks; a clock may be set back, too.
    store_.now += kTick * static_cast<int64_t>(Below(5)) - kTick;
    Change();
    Compare();  // what is applied and not refreshed
    if (Below(3) != 0) return;
    Refresh();
    Compare();
  }

  void Change() {
    std::vector<Mutation> batch;
    for (uint64_t count = 1 + Below(4); count > 0; --count) {
      batch.push_back(NewMutation());
      if (!sent_.empty() && Below(6) == 0) batch.back() = sent_[Below(sent_.size())];  // delivered again
      if (IsEdge(batch.back())) batch.back() = NewMutation();
    }
    Send(std::move(batch));
    if (Below(12) == 0) Snapshot();
  }

  // Before new content is shown, whatever else has to be done.
  std::function<void()> before_refresh = [] {};

  // The scope of a document's edition; a function of it, so that content can be made again from what is stored.
  static std::string ScopeOf(const Origin& origin) {
    const uint64_t number = origin.version.position * 7 + origin.revision.deid_run * 5 + origin.document.value.back();
    return "s" + std::to_string(number % 3);
  }

  void Refresh() {
    before_refresh();
    ASSERT_TRUE(store_->Refresh().ok());
    reference_.Refresh();
  }

  void Compare() { CompareIn(*store_->CurrentView()); }
  // All that the reference shows, and nothing else.
  void CompareIn(const View& view) {
    const Seen seen = SearchBothWays(view);
    EXPECT_EQ(seen.filter, seen.expected.size());
    EXPECT_EQ(seen.by_words, seen.expected);
    EXPECT_EQ(seen.by_vector, seen.expected);
    EXPECT_EQ(seen.unread, 0u);
  }
  // Nothing but what the reference shows: what has changed since may be left out.
  void CompareHeld(const View& view) {
    const Seen seen = SearchBothWays(view);
    for (const auto* found : {&seen.by_words, &seen.by_vector}) {
      for (const auto& [name, edition] : *found) {
        ASSERT_TRUE(seen.expected.contains(name)) << name;
        EXPECT_EQ(seen.expected.at(name), edition) << name;
      }
    }
  }

  void CompareStates() { CompareStatesIn(*store_->CurrentView()); }
  void CompareStatesIn(const View& view) {
    for (int i = 0; i < kDocuments; ++i) {
      const std::string document = "d" + std::to_string(i);
      const auto found = view.Lookup(collection(), DocumentId(document));
      static constexpr const char* kNames[] = {"searchable", "outdated", "withheld", "deleted", "skipped"};
      EXPECT_EQ(found.empty() ? "unknown" : kNames[static_cast<size_t>(found.front().state)],
                reference_.StateOf(document));
    }
  }

  // After loss of power: what the store does not remember is delivered again.
  void Redeliver() {
    std::vector<Mutation> again;
    for (const Mutation& mutation : sent_) {
      const Position& position = mutation.position;
      if (position.offset >= store_->NextOffset(position.stream, position.partition)) again.push_back(mutation);
    }
    if (!again.empty()) store_.Apply(std::move(again));
  }

 private:
  static constexpr int kDocuments = 6;
  static constexpr Duration kTick = std::chrono::milliseconds(1);

  CollectionName collection() const { return CollectionName(name_); }
  uint64_t Below(uint64_t limit) { return random_() % limit; }
  std::string Document() { return "d" + std::to_string(Below(kDocuments)); }
  std::string Scope() { return "s" + std::to_string(Below(3)); }
  // Groups are the tenant's, whichever source tells of them: each world has its own.
  std::string GroupName(uint64_t number) const { return "group:" + name_ + "." + std::to_string(number); }
  uint64_t AnyVersion() { return 1 + Below(20); }

  Period AnyPeriod() {
    Period period;
    if (Below(2) != 0) return period;
    if (Below(3) != 0) period.until = store_.now + kTick * static_cast<int64_t>(Below(12));
    if (Below(3) == 0) period.from = store_.now + kTick * static_cast<int64_t>(Below(8));
    return period;
  }

  Entries Principals() {
    Entries names;
    for (int i = 0; i < 4; ++i) {
      if (Below(3) == 0) names.emplace_back("user:" + std::to_string(i), AnyPeriod());
      if (i < 3 && Below(3) == 0) names.emplace_back(GroupName(i), AnyPeriod());
    }
    if (Below(6) == 0) names.emplace_back("group:everyone", AnyPeriod());
    return names;
  }

  static bool IsEdge(const Mutation& mutation) {
    return std::holds_alternative<BeginSnapshot>(mutation.change) ||
           std::holds_alternative<EndSnapshot>(mutation.change);
  }

  Mutation NewPut() {
    std::vector<std::string> texts;
    for (uint64_t count = 1 + Below(4); count > 0; --count) texts.push_back("common part" + std::to_string(Below(5)));
    Mutation put = Put(Document(), AnyVersion(), texts, {.run = Below(3)});
    std::get<PutDocument>(put.change).access_scope = ScopeId(ScopeOf(put.origin));
    return put;
  }

  Mutation NewMutation() {
    switch (Below(16)) {
      case 0:
        return Delete(Document(), AnyVersion());
      case 1:
        return Skip(Document(), AnyVersion());
      case 2:
        return Withhold(Document(), AnyVersion(), Below(3));
      case 3:
        return Release(Document(), AnyVersion(), Below(3));
      case 4:
        return Group(GroupName(Below(3)), AnyVersion(), Principals());
      case 5:
        return Present(Document(), AnyVersion());
      case 6:
      case 7:
      case 8:
      case 9:
        return NewAccess();
      default:
        return NewPut();
    }
  }

  Mutation NewAccess() {
    std::optional<uint64_t> content;
    if (Below(2) == 0) content = AnyVersion();
    const Entries deny = Below(3) == 0 ? Principals() : Entries();
    Mutation mutation = Allow(Scope(), AnyVersion(), Principals(), deny, content);
    std::get<SetAccess>(mutation.change).removed = Below(12) == 0;
    return mutation;
  }

  void Snapshot() {
    const uint64_t begin = last_snapshot_ + 1 + Below(4);
    last_snapshot_ = begin;
    std::vector<Mutation> batch;
    for (uint32_t partition = 0; partition < kTestPartitions; ++partition) {
      batch.push_back(Of("", 0, BeginSnapshot{V(begin)}));
      batch.back().position.partition = Partition(partition);
    }
    for (int i = 0; i < kDocuments; ++i) {
      if (Below(3) != 0) batch.push_back(Present("d" + std::to_string(i), begin + Below(2)));
    }
    for (uint32_t partition = 0; partition < kTestPartitions; ++partition) {
      batch.push_back(Of("", 0, EndSnapshot{V(begin)}));
      batch.back().position.partition = Partition(partition);
    }
    // The reference decides once, at the last end.
    Send(std::move(batch));
  }

  void Send(std::vector<Mutation> batch) {
    bool ended = false;
    for (Mutation& mutation : batch) {
      mutation.origin.source = SourceName(name_);
      mutation.origin.collection = collection();
      Position& position = mutation.position;
      position.offset = Offset(store_.next_offset[{position.stream, position.partition}]++);
      const bool end = std::holds_alternative<EndSnapshot>(mutation.change);
      if (!end || ended) reference_.Take(mutation);
      ended = ended || end;
      sent_.push_back(mutation);
    }
    store_.Apply(std::move(batch));
  }

  using Found = std::map<std::string, Edition>;
  struct Seen {
    Found expected, by_words, by_vector;
    size_t filter = 0;
    size_t unread = 0;  // hits of which nothing is there any more
  };

  Seen SearchBothWays(const View& view) {
    std::set<std::string> user = {"user:" + std::to_string(Below(4))};
    if (Below(3) == 0) user.insert(GroupName(Below(3)));  // from the token
    Seen seen{.expected = reference_.Visible(user, store_.now)};
    const std::optional<Filter> filter = view.FilterFor(collection(), store_.AccessOf(user), {});
    if (!filter) return seen;
    seen.filter = filter->count();
    seen.by_words = Resolve(view, view.SearchLexical(collection(), "common", 1000, *filter), user, seen.unread);
    seen.by_vector =
        Resolve(view, view.SearchVector(collection(), VectorOf("anything"), 1000, *filter), user, seen.unread);
    return seen;
  }

  // Hits as text, as the query service resolves them.
  Found Resolve(const View& view, const std::vector<Hit>& hits, const std::set<std::string>& user, size_t& unread) {
    Found found;
    std::map<std::string, size_t> chunks;
    for (const Hit& hit : hits) {
      const auto document = view.Document(collection(), hit.document);
      const auto chunk = view.Chunk(collection(), hit.chunk);
      if (!document.ok() || !chunk.ok()) {
        ++unread;
        continue;
      }
      EXPECT_TRUE(view.MayRead(collection(), hit.document, store_.AccessOf(user)));
      // Chunk and document are of one version: the record names a line of the sealed text.
      const std::vector<std::string> records = {chunk->record};
      EXPECT_TRUE(TextsOf({}, document->sealed, records).ok());
      const std::string& name = document->origin.document.value;
      found[name] = {document->origin.version, document->origin.revision};
      ++chunks[name];
    }
    for (const auto& [name, count] : chunks) EXPECT_EQ(count, reference_.ChunksOf(name)) << name;
    return found;
  }

  TestStore& store_;
  std::mt19937_64 random_;
  const std::string name_;
  ReferenceIndex reference_;
  std::vector<Mutation> sent_;
  uint64_t last_snapshot_ = 0;
};

}  // namespace freshet::store
