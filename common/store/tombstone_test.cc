// A delete is remembered while anything older of its document may still come (DESIGN §4.2), however long the content
// waits in a backlog.
#include <random>

#include "common/store/testing/test_store.h"

namespace freshet::store {
namespace {

using namespace std::chrono_literals;

IndexStoreOptions Options() {
  return {.content_streams = {kLiveStream, kBackfillStream}, .tombstone_keep = std::chrono::hours(1)};
}

void Read(TestStore& store, Stream stream, Time up_to) { store.ApplyOnEach(stream, AdvanceTime{up_to}); }

TEST(Tombstone, OutlivesABacklogThatIsOlderThanItself) {
  TestStore store(1, Options());
  store.Show({Allow("open", 1, {"group:everyone"}), Delete("a", 2)});
  store.now += std::chrono::hours(5);
  EXPECT_TRUE(store->Maintain(store.now).ok());
  EXPECT_EQ(store.Apply(Put("a", 1, {"words"})).outcome, Outcome::kSuperseded);
  store.Reopen();
  EXPECT_TRUE(store->Maintain(store.now).ok());
  EXPECT_EQ(store.StateOf("a"), "deleted@2");
}

TEST(Tombstone, GoesOnceBothContentLanesAreItsTimePastTheDelete) {
  TestStore store(1, Options());
  store.Show({Delete("a", 2)});
  store.now += std::chrono::hours(5);
  Read(store, kLiveStream, store.now);
  EXPECT_TRUE(store->Maintain(store.now).ok());
  EXPECT_EQ(store.StateOf("a"), "deleted@2") << "backfill has told nothing";
  Read(store, kBackfillStream, store.now - 5h + 30min);
  store.now += 11min;  // when it is looked at again
  EXPECT_TRUE(store->Maintain(store.now).ok());
  EXPECT_EQ(store.StateOf("a"), "deleted@2") << "backfill is read up to half an hour after the delete";
  Read(store, kBackfillStream, store.now);
  store.now += 11min;
  EXPECT_TRUE(store->Maintain(store.now).ok());
  EXPECT_EQ(store.StateOf("a"), "unknown");
}

// One source that is silent for good holds up no other's.
TEST(Tombstone, OfASilentSourceDoesNotStandInAnothersWay) {
  TestStore store(1, Options());
  Mutation silent = Delete("theirs", 2);
  silent.origin.source = SourceName("silent");
  store.Show({silent, Delete("a", 2)});
  store.now += std::chrono::hours(5);
  for (const Stream stream : {kLiveStream, kBackfillStream}) Read(store, stream, store.now);
  EXPECT_TRUE(store->Maintain(store.now).ok());
  EXPECT_EQ(store.StateOf("a"), "unknown");
  EXPECT_EQ(store.StateOf("theirs"), "deleted@2");
}

// Three lanes of one source, each read in its own time, behind by hours and days; the newest version of each document
// is what is there at the end, whatever was forgotten on the way.
class Lanes {
 public:
  explicit Lanes(uint64_t seed) : random_(seed), store_(seed, Options()) {
    store_.Show({Allow("open", 1, {"group:everyone"})});
  }

  void Live() {
    for (int step = 0; step < 150; ++step) {
      store_.now += Duration(std::chrono::minutes(random_() % 60));
      if (random_() % 2 == 0) Publish();
      if (random_() % 4 == 0) Beat();
      for (const Stream stream : {kUrgentStream, kLiveStream, kBackfillStream}) {
        if (random_() % (stream == kBackfillStream ? 12 : 3) == 0) ReadSome(stream, 1 + random_() % 3);
      }
      if (random_() % 3 == 0) {
        EXPECT_TRUE(store_->Maintain(store_.now).ok());
      }
      if (random_() % 75 == 0) store_.Reopen();
    }
    for (const Stream stream : {kUrgentStream, kLiveStream, kBackfillStream}) ReadSome(stream, 1000);
    ASSERT_TRUE(store_->Refresh().ok());
  }

  // "d0@7 d3@9": what must be found.
  std::string Expected() const {
    std::string text;
    for (const auto& [document, state] : newest_) {
      if (state.second) text += (text.empty() ? "" : " ") + document + "@" + std::to_string(state.first);
    }
    return text;
  }
  std::string Found() const { return store_.Found("words", {"user:ada"}); }

 private:
  void Publish() {
    const std::string document = "d" + std::to_string(random_() % 5);
    const bool puts = random_() % 3 != 0;
    const uint64_t version = ++version_;
    newest_[document] = {version, puts};
    const Stream content = random_() % 2 == 0 ? kLiveStream : kBackfillStream;
    Mutation change = puts ? Put(document, version, {"words"}) : Delete(document, version);
    change.position = {puts ? content : kUrgentStream, Partition(random_() % kTestPartitions), Offset(UINT64_MAX)};
    unread_[change.position.stream].push_back(std::move(change));
  }
  // On every partition, behind what was published before.
  void Beat() {
    for (const Stream stream : {kUrgentStream, kLiveStream, kBackfillStream}) {
      for (uint32_t i = 0; i < kTestPartitions; ++i) {
        Mutation beat = Of("", 0, AdvanceTime{store_.now});
        beat.position = {stream, Partition(i), Offset(UINT64_MAX)};
        unread_[stream].push_back(std::move(beat));
      }
    }
  }
  void ReadSome(Stream stream, size_t count) {
    auto& queue = unread_[stream];
    std::vector<Mutation> batch(queue.begin(), queue.begin() + std::min(count, queue.size()));
    queue.erase(queue.begin(), queue.begin() + batch.size());
    if (!batch.empty()) store_.Apply(std::move(batch));
  }

  std::mt19937_64 random_;
  TestStore store_;
  std::map<Stream, std::deque<Mutation>> unread_;
  std::map<std::string, std::pair<uint64_t, bool>> newest_;  // version, and whether it is content
  uint64_t version_ = 0;
};

TEST(Tombstone, NoDeletedDocumentComesBackOutOfAnyBacklog) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    Lanes lanes(seed);
    lanes.Live();
    ASSERT_EQ(lanes.Found(), lanes.Expected()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace freshet::store
