#include "common/store/follower_store.h"

#include <atomic>
#include <fstream>
#include <thread>

#include "common/store/testing/random_world.h"

namespace freshet::store {
namespace {

const std::set<std::string> kAda = {"user:ada"};

class FollowerStoreTest : public ::testing::Test {
 protected:
  static std::unique_ptr<FollowerStore> Follow(const TestStore& store) {
    Result<std::unique_ptr<FollowerStore>> opened = FollowerStore::Open(store.options);
    EXPECT_TRUE(opened.ok()) << opened.status().ToString();
    return opened.ok() ? *std::move(opened) : nullptr;
  }
  static void CatchUp(FollowerStore& follower) {
    const Status status = follower.CatchUp();
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  // What the follower finds once it has caught up.
  std::string Found(const std::string& word, const std::set<std::string>& who = kAda) {
    CatchUp(*follower_);
    return store_.FoundIn(*follower_->CurrentView(), word, who);
  }
  void Open() {
    follower_ = Follow(store_);
    ASSERT_NE(follower_, nullptr);
  }

  TestStore store_{1, {.mass_delete = {.documents = 1}}};
  std::unique_ptr<FollowerStore> follower_;
};

TEST_F(FollowerStoreTest, SeesWhatIsThereWhenItOpens) {
  store_.Apply({Allow("open", 1, {"user:ada"}), Put("a", 1, {"heron one", "heron two"})});
  Open();
  EXPECT_EQ(Found("heron"), "a@1");
  EXPECT_EQ(follower_->CurrentView()->ChunkCount(kPolicies), 2u);
}

TEST_F(FollowerStoreTest, SeesEveryKindOfChange) {
  Open();
  EXPECT_EQ(Found("heron"), "no collection");
  store_.Apply({Allow("open", 1, {"group:staff"}), Put("a", 1, {"heron one"})});
  EXPECT_EQ(Found("heron"), "");
  store_.Apply(Group("group:staff", 1, {"user:ada"}));
  EXPECT_EQ(Found("heron"), "a@1");
  store_.Apply(Put("a", 2, {"egret one", "heron two"}));
  EXPECT_EQ(Found("egret"), "a@2");
  EXPECT_EQ(Found("one"), "a@2");
  store_.Apply(Withhold("a", 2));
  EXPECT_EQ(Found("egret"), "");
  store_.Apply(Release("a", 3));
  EXPECT_EQ(Found("egret"), "a@2");
  store_.Apply(Skip("a", 3));
  CatchUp(*follower_);
  EXPECT_EQ(follower_->CurrentView()->Lookup(kPolicies, DocumentId("a")).front().state, DocumentState::kOutdated);
  EXPECT_EQ(follower_->CurrentView()->SkippedDocuments(kPolicies).at(Code::kMalformedDocument), 1u);
  store_.Apply(Allow("open", 2, {"user:bob"}));
  EXPECT_EQ(Found("egret"), "");
  EXPECT_EQ(Found("egret", {"user:bob"}), "a@2");
  store_.Apply(Delete("a", 4));
  EXPECT_EQ(Found("egret", {"user:bob"}), "");
  EXPECT_EQ(follower_->CurrentView()->DocumentCount(kPolicies), 0u);
  EXPECT_EQ(follower_->reloads(), 0u);
}

TEST_F(FollowerStoreTest, KnowsTheProgressOfTheWriter) {
  Open();
  store_.Apply({Put("a", 1, {"x"}), Put("b", 1, {"x"}), Put("c", 1, {"x"})});
  const Time told = store_.now - std::chrono::seconds(1);
  store_.ApplyOnEach(kUrgentStream, AdvanceTime{told});
  store_.ApplyOnEach(kLiveStream, BeginSnapshot{V(5)});
  CatchUp(*follower_);
  SourceTime time = follower_->CurrentView()->Times().at(kSource);
  EXPECT_EQ(time.watermarks.at(kUrgentStream), told);
  store_.ApplyOnEach(kLiveStream, EndSnapshot{V(5)});
  CatchUp(*follower_);
  ASSERT_EQ(follower_->Held().size(), store_->Held().size());
  for (const auto& [id, account] : store_->Accounts()) {
    EXPECT_EQ(follower_->NextOffset(id.first, id.second), account.next);
    EXPECT_EQ(follower_->Accounts().at(id).outcomes, account.outcomes);
  }
}

TEST_F(FollowerStoreTest, ThereIsNothingToFollowYet) {
  IndexStoreOptions options = store_.options;
  options.path += "-nowhere";
  EXPECT_EQ(FollowerStore::Open(options).code(), Code::kNotFound);
}

// A document that has changed since is left out whole; what has not is read as ever.
TEST_F(FollowerStoreTest, AHeldViewNeverShowsANewerVersion) {
  store_.Apply({Allow("open", 1, {"user:ada"}), Put("a", 1, {"heron one", "kept"}), Put("b", 1, {"heron three"})});
  Open();
  CatchUp(*follower_);
  const auto view = follower_->CurrentView();
  const auto filter = view->FilterFor(kPolicies, store_.AccessOf(kAda), {});
  const std::vector<Hit> hits = view->SearchLexical(kPolicies, "kept three", 10, *filter);
  ASSERT_EQ(hits.size(), 2u);
  store_.Apply(Put("a", 2, {"new words", "kept"}));
  CatchUp(*follower_);
  for (const Hit& hit : hits) {
    const auto document = view->Document(kPolicies, hit.document);
    const auto chunk = view->Chunk(kPolicies, hit.chunk);
    ASSERT_EQ(document.ok(), chunk.ok());
    if (document.ok()) {
      EXPECT_EQ(document->origin.document.value, "b");
    } else {
      EXPECT_EQ(document.code(), Code::kNotFound);
    }
  }
  EXPECT_EQ(view->Lookup(kPolicies, DocumentId("a")).front().state, DocumentState::kPending);
  EXPECT_EQ(Found("kept"), "a@2");
}

TEST_F(FollowerStoreTest, GoesOnWhenTheWriterCommitsItsWords) {
  store_.Apply({Allow("open", 1, {"user:ada"}), Put("a", 1, {"heron one"})});
  Open();
  for (int round = 2; round < 30; ++round) {
    store_.Apply({Put("a", round, {"heron", "round" + std::to_string(round)}), Put("b", round, {"egret"})});
    if (round % 3 == 0) {
      EXPECT_EQ(Found("heron"), "a@" + std::to_string(round));
    }
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(store_->Maintain(store_.now).ok());  // the second one commits
    EXPECT_EQ(Found("round" + std::to_string(round)), "a@" + std::to_string(round));
    EXPECT_EQ(Found("egret"), "b@" + std::to_string(round));
  }
  EXPECT_EQ(follower_->reloads(), 0u);
}

TEST_F(FollowerStoreTest, GoesOnWhenTheWriterRestarts) {
  store_.Apply({Allow("open", 1, {"user:ada"}), Put("a", 1, {"heron one"})});
  Open();
  for (int round = 2; round < 6; ++round) {
    store_.Close();
    EXPECT_EQ(Found("heron"), "a@" + std::to_string(round - 1)) << "without a writer";
    store_.Open();
    store_.Apply(Put("a", round, {"heron"}));
    EXPECT_EQ(Found("heron"), "a@" + std::to_string(round));
  }
  EXPECT_EQ(follower_->reloads(), 0u);
}

TEST_F(FollowerStoreTest, LoadsAnewWhatItMissed) {
  store_.options.trail_bytes = 1 << 10;
  store_.Reopen();
  store_.Apply({Allow("open", 1, {"user:ada"}), Put("a", 1, {"heron one"})});
  Open();
  const auto held = follower_->CurrentView();
  for (int round = 2; round < 200; ++round) {
    store_.Apply(Put("a", round, {"heron"}));
    if (round % 10 == 0) {
      ASSERT_TRUE(store_->Maintain(store_.now).ok());
    }
  }
  EXPECT_EQ(Found("heron"), "a@199");
  EXPECT_EQ(follower_->reloads(), 1u);
  EXPECT_EQ(store_.FoundIn(*held, "nothing", kAda), "");  // still safe to ask
  store_.Apply(Put("a", 200, {"heron"}));
  EXPECT_EQ(Found("heron"), "a@200");
  EXPECT_EQ(follower_->reloads(), 1u);
}

TEST_F(FollowerStoreTest, ReadsWordsFromTheDocumentsWhereTheirIndexIsDamaged) {
  store_.Apply({Allow("open", 1, {"user:ada"}), Put("a", 1, {"heron one"})});
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(store_->Maintain(store_.now).ok());
  size_t damaged = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(store_.options.path + "/lexical")) {
    if (file.path().extension() != ".cfs") continue;
    std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(20);
    bytes.put('\x7f').put('\x7f');
    ++damaged;
  }
  ASSERT_GT(damaged, 0u);
  Open();
  EXPECT_EQ(Found("heron"), "a@1");
}

TEST_F(FollowerStoreTest, LeavesNothingBehind) {
  const auto count = [] {
    size_t left = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::temp_directory_path())) {
      if (entry.path().filename().string().starts_with("freshet-follower-" + std::to_string(::getpid()))) ++left;
    }
    return left;
  };
  Open();
  follower_.reset();
  EXPECT_EQ(count(), 0u);
}

// DESIGN §4.3, §4.5: random histories, while views are held across catch-ups.
class FollowerStoreModel : public ::testing::TestWithParam<uint64_t> {};

TEST_P(FollowerStoreModel, ShowsWhatTheWriterShows) {
  const uint64_t seed = GetParam();
  TestStore store(seed, {.mass_delete = {.documents = 1'000'000}});
  auto follower = FollowerStore::Open(store.options);
  ASSERT_TRUE(follower.ok()) << follower.status().ToString();
  for (uint64_t each = seed; each < seed + 5; ++each) {
    RandomWorld world(store, each);
    for (int step = 0; step < 40 && !HasFailure(); ++step) {
      SCOPED_TRACE("seed " + std::to_string(each) + " step " + std::to_string(step));
      world.Change();
      if (step % 7 == 3) {
        ASSERT_TRUE(store->Maintain(store.now).ok());
      }
      if (step == 17) store.Reopen();
      world.Refresh();
      ASSERT_TRUE((*follower)->CatchUp().ok());
      const auto held = (*follower)->CurrentView();
      world.CompareIn(*held);
      world.CompareStatesIn(*held);
      world.Change();
      if (step % 7 == 5) {
        ASSERT_TRUE(store->Maintain(store.now).ok());
      }
      ASSERT_TRUE((*follower)->CatchUp().ok());
      world.CompareHeld(*held);
    }
  }
  EXPECT_EQ((*follower)->reloads(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FollowerStoreModel, ::testing::Values(1, 101, 201, 301, 401, 501, 601, 701),
                         [](const auto& info) { return "From" + std::to_string(info.param); });

// Writer, follower and readers at once: what is read of a document is of one version, and it is found all the time.
TEST_F(FollowerStoreTest, ReadersNeverSeeTwoVersionsAtOnce) {
  constexpr uint64_t kVersions = 400;
  store_.Apply({Allow("open", 1, {"user:ada"}), Put("a", 1, {"heron v1", "kept"})});
  Open();
  std::atomic<bool> done = false;
  std::atomic<uint64_t> read = 0;
  const auto reader = [&] {
    while (!done) {
      const auto view = follower_->CurrentView();
      const auto filter = view->FilterFor(kPolicies, store_.AccessOf(kAda), {});
      const std::vector<Hit> hits = view->SearchLexical(kPolicies, "heron kept", 10, *filter);
      EXPECT_EQ(hits.size(), 2u);
      std::set<uint64_t> versions;
      for (const Hit& hit : hits) {
        const auto document = view->Document(kPolicies, hit.document);
        const auto chunk = view->Chunk(kPolicies, hit.chunk);
        if (!document.ok() || !chunk.ok()) continue;
        versions.insert(document->origin.version.position);
        EXPECT_EQ(document->sealed.substr(0, document->sealed.find("\nkept")),
                  "title\nheron v" + std::to_string(document->origin.version.position));
        ++read;
      }
      EXPECT_LE(versions.size(), 1u);
    }
  };
  std::thread follows([&] {
    while (!done) CatchUp(*follower_);
  });
  std::thread first(reader), second(reader);
  for (uint64_t version = 2; version <= kVersions; ++version) {
    store_.Apply(Put("a", version, {"heron v" + std::to_string(version), "kept"}));
    if (version % 50 == 0) {
      EXPECT_TRUE(store_->Maintain(store_.now).ok());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  done = true;
  for (std::thread* thread : {&follows, &first, &second}) thread->join();
  EXPECT_EQ(Found("kept"), "a@" + std::to_string(kVersions));
  EXPECT_GT(read, 0u);
  RecordProperty("hits_read", static_cast<int>(read));
}

}  // namespace
}  // namespace freshet::store
