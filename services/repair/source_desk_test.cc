// The source's desk: wishes that reach the connector's host by the signal file, and what a comparison finds.
#include "services/repair/source_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/repair/operator_desk.h"

namespace freshet::repair {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const SourceName kFiles("files");
const CollectionName kPolicies("policies");

// An index of these documents and nothing else.
class FakeIndex final : public store::IndexReader {
 public:
  void Add(const char* document, store::DocumentState state = store::DocumentState::kSearchable,
           const SourceName& source = kFiles) {
    rows.push_back({.source = source, .collection = kPolicies, .document = DocumentId(document), .state = state});
  }
  std::shared_ptr<const store::View> CurrentView() const override { return nullptr; }
  Offset NextOffset(Stream, Partition) const override { return Offset(0); }
  std::map<std::pair<Stream, Partition>, store::Account> Accounts() const override { return {}; }
  std::vector<store::HeldDeletes> Held() const override { return {}; }
  std::map<SourceName, std::map<Code, uint64_t>> Skipped() const override {
    return {{kFiles, {{Code::kInvalidUtf8, 1}}}};
  }
  void ForEachDocument(const std::function<bool(const store::KnownDocument&)>& visit) const override {
    for (const store::KnownDocument& row : rows) {
      if (!visit(row)) return;
    }
  }
  std::vector<store::GenerationInfo> Generations() const override { return {}; }
  std::vector<store::KnownDocument> rows;
};

// Publishes a snapshot of these documents, one a step.
class FakeConnector final : public Connector {
 public:
  explicit FakeConnector(std::vector<std::string> documents) : documents_(std::move(documents)) {}
  Status Check() override { return OkStatus(); }
  Status Run(ConnectorHost&) override { return OkStatus(); }
  Status List(const std::function<Status(const std::string& id)>& take) override {
    if (!lists) return Connector::List(take);
    for (const std::string& document : documents_) FRESHET_RETURN_IF_ERROR(take(document));
    return OkStatus();
  }
  Result<bool> Step(ConnectorHost& host) override {
    ChangeEvent event{.change = SnapshotEdge{.side = SnapshotEdge::Side::kEnd}};
    if (next_ < documents_.size()) {
      event = {.origin = {.document = DocumentId(documents_[next_++])}, .change = Upsert{}};
    }
    FRESHET_RETURN_IF_ERROR(host.Publish({event}, Lane::kBackfill));
    return true;
  }

  bool lists = false;

 private:
  const std::vector<std::string> documents_;
  size_t next_ = 0;
};

class SourceDeskTest : public ::testing::Test {
 protected:
  SourceDeskTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "freshet-desk-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    SourceEntry entry{.collection = kPolicies, .lister = {}, .may_step = true, .names = {.opaque = false}};
    entry.lister = [this] { return std::unique_ptr<Connector>(std::make_unique<FakeConnector>(in_source_)); };
    std::map<SourceName, SourceEntry> sources = {{kFiles, entry}};
    sources[SourceName("stream")] = entry;
    sources[SourceName("stream")].may_step = false;
    sources[SourceName("table")] = sources[SourceName("stream")];
    sources[SourceName("table")].lister = [this] {
      auto connector = std::make_unique<FakeConnector>(in_source_);
      connector->lists = true;
      return std::unique_ptr<Connector>(std::move(connector));
    };
    desk_ = std::make_unique<SourceDesk>(SourceDesk::Parts{.data_dir = directory_,
                                                           .keys = keys_,
                                                           .clock = clock_,
                                                           .sources = std::move(sources),
                                                           .index = [this] { return &index_; },
                                                           .most = 2});
  }
  ~SourceDeskTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  SignalState Signals() const { return *ReadSignals(SignalFileOf(directory_, kFiles)); }

  std::filesystem::path directory_;
  const KeyRing keys_ = *KeyRing::Parse(KeyRing::NewKeyLine());
  const SystemClock clock_;
  FakeIndex index_;
  std::vector<std::string> in_source_;
  std::unique_ptr<SourceDesk> desk_;
};

TEST_F(SourceDeskTest, AWishChangesNothingElse) {
  ASSERT_TRUE(desk_->Pause(kFiles).ok());
  EXPECT_TRUE(Signals().paused);
  ASSERT_TRUE(desk_->Backfill(kFiles, {.since = FromMicros(7)}).ok());
  EXPECT_TRUE(Signals().paused);
  EXPECT_EQ(Signals().snapshots, 1u);
  EXPECT_EQ(Signals().again_since, 7u);
  ASSERT_TRUE(desk_->Resume(kFiles).ok());
  EXPECT_FALSE(Signals().paused);
  EXPECT_EQ(Signals().snapshots, 1u);
  ASSERT_TRUE(desk_->Backfill(kFiles, {.documents = {"a"}}).ok());
  EXPECT_EQ(Signals().again_since, std::nullopt);
  EXPECT_THAT(Signals().again_documents, ElementsAre("a"));
  ASSERT_TRUE(desk_->Backfill(kFiles, {}).ok());
  EXPECT_EQ(Signals().again_since, 0u) << "everything";
  EXPECT_THAT(Signals().again_documents, IsEmpty());
  EXPECT_EQ(Signals().snapshots, 3u);
}

TEST_F(SourceDeskTest, TheHostOfTheConnectorKnowsWhatIsWantedAgain) {
  const SourceSignals signals(SignalFileOf(directory_, kFiles), 0ms);
  const auto wanted = [&](const char* document, int64_t changed) {
    return signals.WantsAgain(
        signals.state().snapshots, [&] { return std::string(document); }, FromMicros(changed));
  };
  EXPECT_FALSE(wanted("a", 5)) << "nobody asked";
  ASSERT_TRUE(desk_->Backfill(kFiles, {.since = FromMicros(10), .documents = {"a"}}).ok());
  EXPECT_TRUE(wanted("a", 5));
  EXPECT_FALSE(wanted("b", 9));
  EXPECT_TRUE(wanted("b", 10));
  const SourceSignals restarted(SignalFileOf(directory_, kFiles), 0ms);
  EXPECT_EQ(restarted.state().snapshots, 1u);
  EXPECT_FALSE(restarted.WantsAgain(
      1, [] { return std::string("a"); }, FromMicros(20)))
      << "not at every start";
}

TEST_F(SourceDeskTest, FindsWhatIsMissingAndWhatIsTooMuch) {
  in_source_ = {"same", "new", "skipped", "back"};
  index_.Add("same");
  index_.Add("old", store::DocumentState::kOutdated);
  index_.Add("skipped", store::DocumentState::kSkipped);
  index_.Add("back", store::DocumentState::kDeleted);
  index_.Add("gone", store::DocumentState::kDeleted);
  index_.Add("other's", store::DocumentState::kSearchable, SourceName("stream"));
  const Reconciled found = *desk_->Reconcile(kFiles, Mend::kNo);
  EXPECT_EQ(found.in_source, 4u);
  EXPECT_EQ(found.in_index, 3u);
  EXPECT_THAT(found.missing, ElementsAre("back", "new"));
  EXPECT_THAT(found.surplus, ElementsAre("old"));
  EXPECT_EQ(found.skipped, (std::map<Code, uint64_t>{{Code::kInvalidUtf8, 1}}));
  EXPECT_FALSE(found.mending);
  EXPECT_EQ(Signals().snapshots, 0u) << "looking changes nothing";
}

TEST_F(SourceDeskTest, ASourceThatListsItselfIsAskedForNoSnapshot) {
  const SourceName table("table");
  in_source_ = {"same", "new"};
  index_.Add("same", store::DocumentState::kSearchable, table);
  index_.Add("old", store::DocumentState::kSearchable, table);
  const Reconciled found = *desk_->Reconcile(table, Mend::kNo);
  EXPECT_THAT(found.missing, ElementsAre("new"));
  EXPECT_THAT(found.surplus, ElementsAre("old"));
  in_source_ = {};
  EXPECT_EQ((*desk_->Reconcile(table, Mend::kNo)).in_source, 0u);
}

TEST_F(SourceDeskTest, MendingAsksForWhatIsMissingAndForNothingWhereNothingIs) {
  in_source_ = {"a", "b"};
  index_.Add("a");
  EXPECT_TRUE((*desk_->Reconcile(kFiles, Mend::kYes)).mending);
  EXPECT_THAT(Signals().again_documents, ElementsAre("b"));
  in_source_ = {"a", "b", "c", "d"};
  EXPECT_EQ((*desk_->Reconcile(kFiles, Mend::kYes)).missing_count, 3u);
  EXPECT_EQ(Signals().again_since, 0u) << "more than can be named: everything";
  in_source_ = {};
  EXPECT_TRUE((*desk_->Reconcile(kFiles, Mend::kYes)).mending);
  EXPECT_EQ(Signals().again_since, std::nullopt) << "nothing is published again, the snapshot deletes";
  in_source_ = {"a"};
  const uint64_t before = Signals().snapshots;
  EXPECT_FALSE((*desk_->Reconcile(kFiles, Mend::kYes)).mending);
  EXPECT_EQ(Signals().snapshots, before);
}

TEST_F(SourceDeskTest, SaysWhatItCannotDo) {
  EXPECT_EQ(desk_->Pause(SourceName("no")).code(), Code::kNotFound);
  EXPECT_EQ(desk_->Reconcile(SourceName("no"), Mend::kNo).status().code(), Code::kNotFound);
  EXPECT_EQ(desk_->Reconcile(SourceName("stream"), Mend::kNo).status().code(), Code::kUnsupportedChange);
  EXPECT_EQ(desk_->Backfill(kFiles, {.documents = {"a", "b", "c"}}).code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace freshet::repair
