// The index store from the outside: what each kind of change does to what is found.
#include "common/store/index_store.h"

#include "common/store/testing/test_store.h"

namespace freshet::store {
namespace {

const std::set<std::string> kAda = {"user:ada"};
const std::set<std::string> kBob = {"user:bob"};

// Everybody may read the scope "open".
Mutation Open() { return Allow("open", 1, {"group:everyone"}); }

std::string Outcomes(const std::vector<Applied>& applied) {
  static constexpr const char* kNames[] = {"indexed", "superseded", "skipped", "quarantined", "control"};
  static constexpr const char* kOperations[] = {":insert", ":update", ":delete", ":access", ""};
  std::string text;
  for (const Applied& each : applied) {
    text += (text.empty() ? "" : " ") + std::string(kNames[static_cast<size_t>(each.outcome)]) +
            kOperations[static_cast<size_t>(each.operation)];
  }
  return text;
}

TEST(IndexStore, FindsWhatWasPutByWordsAndByVector) {
  TestStore store(1);
  EXPECT_EQ(Outcomes(store.Show({Open(), Put("a", 1, {"contact precautions"}), Put("b", 1, {"hand hygiene"})})),
            "indexed:access indexed:insert indexed:insert");
  EXPECT_EQ(store.Found("precautions", kAda), "a@1");
  EXPECT_EQ(store.FoundByVector("hand hygiene", kAda), "b@1");
  EXPECT_EQ(store.Found("surgery", kAda), "");
  EXPECT_EQ(store->CurrentView()->DocumentCount(kPolicies), 2u);
  EXPECT_EQ(store->CurrentView()->ChunkCount(kPolicies), 2u);
  EXPECT_EQ(store->CurrentView()->Collections(), std::vector{kPolicies});
  EXPECT_EQ(store->CurrentView()->FilterFor(CollectionName("notes"), store.AccessOf(kAda), {}), std::nullopt);
}

TEST(IndexStore, ALookupTellsWhetherTheCallerMayReadIt) {
  TestStore store(1);
  store.Show({Open(), Allow("closed", 1, {"user:bob"}), Put("a", 1, {"words"}),
              Put("b", 1, {"words"}, {.scope = "closed"}), Put("c", 1, {"words"}), Delete("c", 2)});
  const auto view = store->CurrentView();
  const auto readable = [&](const char* id, const std::set<std::string>& user) {
    const auto rows = view->Lookup(kPolicies, DocumentId(id));
    return rows.size() == 1 && rows[0].ordinal && view->MayRead(kPolicies, *rows[0].ordinal, store.AccessOf(user));
  };
  EXPECT_TRUE(readable("a", kAda));
  EXPECT_FALSE(readable("b", kAda));
  EXPECT_TRUE(readable("b", kBob));
  EXPECT_FALSE(view->Lookup(kPolicies, DocumentId("c"))[0].ordinal) << "of what is deleted nothing is left to read";
}

TEST(IndexStore, AnUpdateKeepsTheChunksThatDidNotChange) {
  TestStore store(1);
  store.Show({Open(), Put("a", 1, {"first part", "second part", "third part"})});
  const auto chunks = [&](const std::string& word) {
    const auto view = store->CurrentView();
    std::set<uint32_t> ordinals;
    for (const Hit& hit :
         view->SearchLexical(kPolicies, word, 10, *view->FilterFor(kPolicies, store.AccessOf(kAda), {}))) {
      ordinals.insert(hit.chunk.value);
    }
    return ordinals;
  };
  const auto first = chunks("first");
  EXPECT_EQ(Outcomes(store.Show({Put("a", 2, {"new part", "first part", "third part"})})), "indexed:update");
  EXPECT_EQ(chunks("first"), first);
  EXPECT_EQ(chunks("second"), std::set<uint32_t>());
  EXPECT_EQ(store->CurrentView()->ChunkCount(kPolicies), 3u);
  // The kept chunk's record is the new version's.
  EXPECT_EQ(store->CurrentView()->Chunk(kPolicies, ChunkOrdinal(*first.begin()))->record, "1");
  EXPECT_EQ(store.FoundByVector("third part", kAda), "a@2");
  EXPECT_EQ(store.FoundByVector("second part", kAda), "");
}

// DESIGN §4.3: a document's version is visible whole or not at all.
TEST(IndexStore, AViewShowsOneVersionWholeWhateverIsAppliedMeanwhile) {
  TestStore store(1);
  store.Show({Open(), Put("a", 1, {"old words", "kept words"})});
  const std::shared_ptr<const View> before = store->CurrentView();
  store.Apply({Put("a", 2, {"kept words", "new words"}), Put("b", 1, {"new words"})});
  EXPECT_EQ(store.Found("words", kAda), "a@1") << "not before Refresh";
  EXPECT_EQ(store.Found("new", kAda), "");
  EXPECT_TRUE(store->Refresh().ok());
  EXPECT_EQ(store.Found("words", kAda), "a@2 b@1");
  EXPECT_EQ(store.Found("old", kAda), "");
  EXPECT_EQ(store.FoundIn(*before, "words", kAda), "a@1");
  EXPECT_EQ(store.FoundIn(*before, "old", kAda), "a@1");
  EXPECT_EQ(store.FoundIn(*before, "new", kAda), "");
  EXPECT_EQ(before->DocumentCount(kPolicies), 1u);
  EXPECT_LT(before->commit(), store->CurrentView()->commit());
}

TEST(IndexStore, DeletesAndWithholdsShowAtOnceInEveryView) {
  TestStore store(1);
  store.Show({Open(), Put("a", 1, {"words"}), Put("b", 1, {"words"}), Put("c", 1, {"words"})});
  const std::shared_ptr<const View> before = store->CurrentView();
  const auto hits =
      before->SearchLexical(kPolicies, "words", 9, *before->FilterFor(kPolicies, store.AccessOf(kAda), {}));
  ASSERT_EQ(hits.size(), 3u);
  EXPECT_EQ(Outcomes(store.Apply({Delete("a", 2), Withhold("b", 1)})), "indexed:delete indexed:access");
  EXPECT_EQ(store.FoundIn(*before, "words", kAda), "c@1");
  size_t readable = 0;
  for (const Hit& hit : hits) {
    const bool document = before->Document(kPolicies, hit.document).ok();
    EXPECT_EQ(document, before->Chunk(kPolicies, hit.chunk).ok());
    EXPECT_EQ(document, before->MayRead(kPolicies, hit.document, store.AccessOf(kAda)));
    readable += document ? 1 : 0;
  }
  EXPECT_EQ(readable, 1u);
  store.Show({Release("b", 1)});
  EXPECT_EQ(store.Found("words", kAda), "b@1 c@1");
}

TEST(IndexStore, WhatIsWithheldStaysHiddenInViewsOfTheOldContentAfterItsReRun) {
  TestStore store(1);
  store.Show({Open(), Put("a", 1, {"leaking words"})});
  store.Apply({Withhold("a", 1), Put("a", 1, {"clean words"}, {.run = 1})});
  EXPECT_EQ(store.Found("words", kAda), "");
  EXPECT_TRUE(store->Refresh().ok());
  EXPECT_EQ(store.Found("words", kAda), "a@1");
  EXPECT_EQ(store.Found("leaking", kAda), "");
}

// DESIGN §4.2: a replay changes nothing.
TEST(IndexStore, AReplayedBatchChangesNothing) {
  TestStore store(1);
  std::vector<Mutation> batch = {Open(), Put("a", 1, {"words"}), Put("a", 2, {"newer words"}), Delete("b", 3)};
  for (size_t i = 0; i < batch.size(); ++i) batch[i].position.offset = Offset(i);
  store.Show(batch);
  const uint64_t bytes = store->BytesOnDisk();
  EXPECT_EQ(Outcomes(store.Show(batch)), "superseded superseded superseded superseded");
  EXPECT_EQ(store.Found("words", kAda), "a@2");
  EXPECT_EQ(store->CurrentView()->ChunkCount(kPolicies), 1u);
  EXPECT_EQ(store->Accounts().begin()->second.next, Offset(4));
  EXPECT_GT(bytes, 0u);
}

TEST(IndexStore, ADeletedDocumentComesBackOnlyByANewerVersionAndAsANewOne) {
  TestStore store(1);
  store.Show({Open(), Put("a", 1, {"words"}), Delete("a", 2)});
  EXPECT_EQ(Outcomes(store.Show({Put("a", 1, {"words"}), Put("a", 2, {"words"}, {.run = 5})})),
            "superseded superseded");
  EXPECT_EQ(store.Found("words", kAda), "");
  EXPECT_EQ(store.StateOf("a"), "deleted@2");
  EXPECT_EQ(Outcomes(store.Show({Put("a", 3, {"words"})})), "indexed:insert");
  EXPECT_EQ(store.Found("words", kAda), "a@3");
  EXPECT_EQ(Outcomes(store.Show({Delete("a", 2)})), "superseded");
}

TEST(IndexStore, SkipsMarkWhatTheyOutdate) {
  TestStore store(1);
  EXPECT_EQ(Outcomes(store.Show({Open(), Skip("a", 1), Put("b", 1, {"words"}), Skip("b", 2, Code::kQuarantined)})),
            "indexed:access skipped indexed:insert quarantined");
  EXPECT_EQ(store.StateOf("a"), "skipped@1 malformed_document");
  EXPECT_EQ(store.StateOf("b"), "outdated@1 of 2 quarantined");
  EXPECT_EQ(store.Found("words", kAda), "b@1");
  EXPECT_EQ(Outcomes(store.Show({Skip("b", 1), Skip("b", 2, Code::kQuarantined)})), "superseded superseded");
  store.Show({Put("b", 3, {"words"})});
  EXPECT_EQ(store.StateOf("b"), "searchable@3");
  EXPECT_EQ(store.StateOf("nobody"), "unknown");
  const Account account = store->Accounts().begin()->second;
  EXPECT_EQ(account.skipped, (std::map<std::pair<Step, Code>, uint64_t>{{{Step::kDeid, Code::kMalformedDocument}, 1},
                                                                        {{Step::kDeid, Code::kQuarantined}, 1}}));
}

TEST(IndexStore, OutdatedDocumentsAreWithheldWherePolicyAsks) {
  TestStore store(1, {.withhold_outdated = {kPolicies}});
  store.Show({Open(), Put("a", 1, {"words"}), Skip("a", 2)});
  EXPECT_EQ(store.Found("words", kAda), "");
  EXPECT_EQ(store.StateOf("a"), "withheld@1 of 2 malformed_document");
  store.Reopen();
  EXPECT_EQ(store.Found("words", kAda), "");
  store.Show({Put("a", 3, {"words"})});
  EXPECT_EQ(store.Found("words", kAda), "a@3");

  TestStore other(2, {.withhold_outdated = {CollectionName("notes")}});
  other.Show({Open(), Put("a", 1, {"words"}), Skip("a", 2)});
  EXPECT_EQ(other.Found("words", kAda), "a@1") << "another collection asks for it";
}

TEST(IndexStore, MalformedMutationsAreCountedAndSkipped) {
  TestStore store(1);
  Mutation no_source = Put("a", 1, {"words"});
  no_source.origin.source = SourceName();
  EXPECT_EQ(Outcomes(store.Show({Put("", 1, {"words"}), no_source, Allow("", 1, {}), Group("", 1, {})})),
            "skipped skipped skipped skipped");
  EXPECT_EQ(store->Accounts().begin()->second.skipped.at({Step::kIndex, Code::kCorruptRecord}), 4u);
}

TEST(IndexStore, LostRecordsAreCountedAsWhatTheyAre) {
  TestStore store(1);
  EXPECT_EQ(Outcomes(store.Show({Of("", 0, LoseRecords{.code = Code::kExpired, .count = 40})})), "skipped");
  EXPECT_EQ(store->NextOffset(kLiveStream, Partition(0)), Offset(40));
  EXPECT_EQ(store->NextOffset(kLiveStream, Partition(1)), Offset(0));
}

TEST(IndexStore, RestrictionsAreExactAndOfTheViewsVersion) {
  TestStore store(1);
  const auto in = [](const char* unit) { return Restriction{.attributes = {{"unit", {unit}}}}; };
  store.Show({Open(), Put("a", 1, {"words"}, {.attributes = {{"unit", {"icu", "er"}}}, .effective = FromMicros(10)}),
              Put("b", 1, {"words"}, {.attributes = {{"unit", {"er"}}}})});
  EXPECT_EQ(store.Found("words", kAda, in("icu")), "a@1");
  EXPECT_EQ(store.Found("words", kAda, in("er")), "a@1 b@1");
  EXPECT_EQ(store.Found("words", kAda, {.effective_from = FromMicros(10)}), "a@1");
  EXPECT_EQ(store.Found("words", kAda, {.effective_from = FromMicros(11)}), "");
  store.Apply({Put("a", 2, {"words"}, {.attributes = {{"unit", {"ward"}}}})});
  EXPECT_EQ(store.Found("words", kAda, in("icu")), "a@1") << "the view still shows version 1";
  EXPECT_EQ(store.Found("words", kAda, in("ward")), "");
  EXPECT_TRUE(store->Refresh().ok());
  EXPECT_EQ(store.Found("words", kAda, in("icu")), "");
  EXPECT_EQ(store.Found("words", kAda, in("ward")), "a@2");
}

TEST(IndexStore, VectorsMayComeLaterAndOfOneModelOnly) {
  TestStore store(1);
  store.Show({Open(), Put("a", 1, {"words"}, {.vectors = false})});
  EXPECT_EQ(store.Found("words", kAda), "a@1");
  EXPECT_EQ(store.FoundByVector("words", kAda), "");
  store.Show({Put("a", 1, {"words"}, {.run = 1})});
  EXPECT_EQ(store.FoundByVector("words", kAda), "a@1");
  Mutation other = Put("b", 1, {"words"});
  std::get<PutDocument>(other.change).model = "another";
  store.Show({other});
  EXPECT_EQ(store.Found("words", kAda), "a@1 b@1");
  EXPECT_EQ(store.FoundByVector("words", kAda), "a@1");
  store.Reopen();
  EXPECT_EQ(store.FoundByVector("words", kAda), "a@1");
}

TEST(IndexStore, SharedChunksOfOneDocumentAreTakenOverOnce) {
  TestStore store(1);
  store.Show({Open(), Put("a", 1, {"same", "same", "other"})});
  EXPECT_EQ(store->CurrentView()->ChunkCount(kPolicies), 3u);
  store.Show({Put("a", 2, {"same", "other", "same", "same"})});
  EXPECT_EQ(store->CurrentView()->ChunkCount(kPolicies), 4u);
  store.Show({Delete("a", 3)});
  EXPECT_EQ(store->CurrentView()->ChunkCount(kPolicies), 0u);
}

TEST(IndexStore, GenerationsLieBesideEachOtherAndDeletesReachAll) {
  TestStore store(1);
  const auto second = [](Mutation mutation) {
    mutation.origin.generation = 2;
    return mutation;
  };
  store.Show({Open(), Put("a", 1, {"words"}), Put("b", 1, {"words"}), Delete("c", 5)});
  store.Show({second(Put("a", 1, {"words"})), second(Put("b", 1, {"words"})), second(Put("c", 4, {"words"}))});
  EXPECT_EQ(store.Found("words", kAda), "a@1 b@1") << "the older generation is served";
  EXPECT_EQ(Outcomes(store.Show({second(Put("c", 4, {"words"}))})), "superseded") << "its delete is known";
  EXPECT_EQ(Outcomes(store.Show({Delete("b", 2)})), "indexed:delete");
  EXPECT_EQ(Outcomes(store.Show({second(Put("b", 2, {"words"}))})), "superseded");
}

TEST(IndexStore, EverythingIsThereAfterReopening) {
  TestStore store(1);
  store.Show({Open(), Put("a", 1, {"words one"}), Put("b", 1, {"words two"}), Skip("b", 2), Delete("c", 3),
              Put("d", 1, {"words"}), Withhold("d", 1), Allow("closed", 2, {"user:ada"}, {"user:bob"}),
              Put("e", 1, {"words"}, {.scope = "closed"}), Group("group:g", 1, {"user:ada"})});
  const auto look = [&] {
    return store.Found("words", kAda) + "|" + store.Found("words", kBob) + "|" +
           store.FoundByVector("words two", kAda) + "|" + store.StateOf("b") + "|" + store.StateOf("c") + "|" +
           store.StateOf("d");
  };
  const std::string before = look();
  EXPECT_EQ(before, "a@1 b@1 e@1|a@1 b@1|b@1|outdated@1 of 2 malformed_document|deleted@3|withheld@1");
  store.Reopen();
  EXPECT_EQ(look(), before);
  EXPECT_EQ(store->NextOffset(kLiveStream, Partition(0)), Offset(10));
  EXPECT_EQ(Outcomes(store.Show({Put("c", 2, {"words"}), Put("f", 1, {"words"})})), "superseded indexed:insert");
  EXPECT_EQ(store.Found("words", kBob), "a@1 b@1 f@1") << "ordinals go on where they were";
}

TEST(IndexStore, ForgetsADeletedDocumentWhenItsTombstoneIsOld) {
  TestStore store(1, {.tombstone_keep = std::chrono::hours(1)});
  store.Show({Open(), Put("a", 1, {"words"}), Delete("a", 2), Delete("b", 2), Skip("b", 3)});
  store.now += std::chrono::minutes(59);
  EXPECT_TRUE(store->Maintain(store.now).ok());
  EXPECT_EQ(store.StateOf("a"), "deleted@2");
  store.now += std::chrono::minutes(2);
  EXPECT_TRUE(store->Maintain(store.now).ok());
  EXPECT_EQ(store.StateOf("a"), "unknown");
  EXPECT_EQ(store.StateOf("b"), "skipped@3 malformed_document");
  store.Reopen();
  EXPECT_EQ(store.StateOf("a"), "unknown");
}

TEST(IndexStore, ATombstoneThatWasOvertakenDoesNotTakeTheNewDocument) {
  TestStore store(1, {.tombstone_keep = std::chrono::hours(1)});
  store.Show({Open(), Put("a", 1, {"words"}), Delete("a", 2), Put("a", 3, {"words"})});
  store.now += std::chrono::minutes(30);
  store.Show({Delete("a", 4)});
  store.now += std::chrono::minutes(31);
  EXPECT_TRUE(store->Maintain(store.now).ok());
  EXPECT_EQ(store.StateOf("a"), "deleted@4") << "the older tombstone's time is not this one's";
}

TEST(IndexStore, DurableOffsetFollowsMaintain) {
  TestStore store(1);
  store.Show({Open(), Put("a", 1, {"words"})});
  EXPECT_EQ(store->NextOffset(kLiveStream, Partition(0)), Offset(2));
  EXPECT_EQ(store->DurableOffset(kLiveStream, Partition(0)), Offset(0));
  EXPECT_TRUE(store->Maintain(store.now).ok());
  EXPECT_EQ(store->DurableOffset(kLiveStream, Partition(0)), Offset(2));
}

TEST(IndexStore, TimesAreTheOldestOfAllPartitionsAndUrgentOnesOfNow) {
  TestStore store(1);
  store.ApplyOnEach(kLiveStream, AdvanceTime{FromMicros(50)});
  store.ApplyOnEach(kUrgentStream, AdvanceTime{FromMicros(60)});
  EXPECT_TRUE(store->Refresh().ok());
  store.ApplyOnEach(kLiveStream, AdvanceTime{FromMicros(70)});
  store.ApplyOnEach(kUrgentStream, AdvanceTime{FromMicros(80)});
  const auto times = [&] { return store->CurrentView()->Times().at(kSource).watermarks; };
  EXPECT_EQ(times(), (std::map<Stream, Time>{{kLiveStream, FromMicros(50)}, {kUrgentStream, FromMicros(80)}}));
  EXPECT_TRUE(store->Refresh().ok());
  EXPECT_EQ(times().at(kLiveStream), FromMicros(70));
  store.Show({Of("", 0, AdvanceTime{FromMicros(90)})});  // on one partition
  EXPECT_EQ(times().at(kLiveStream), FromMicros(70));
  store.Reopen();
  EXPECT_EQ(times().at(kLiveStream), FromMicros(70));
}

TEST(IndexStore, AStoreThatIsOpenIsRefusedToOthers) {
  TestStore store(1);
  EXPECT_EQ(IndexStore::Open(store.options).code(), Code::kConfiguration);
}

}  // namespace
}  // namespace freshet::store
