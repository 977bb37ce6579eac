// What the store keeps is read back as it was, and what is damaged is never taken for a record.
#include <gtest/gtest.h>

#include "common/store/access_record.h"
#include "common/store/document_record.h"
#include "common/store/journal.h"
#include "common/store/progress_record.h"
#include "common/store/space.h"

namespace freshet::store {
namespace {

// Every shorter value must be refused, but for those whose last field is "the rest".
template <class Decode>
void ExpectTruncationIsRefused(const std::string& value, Decode decode) {
  for (size_t size = 0; size < value.size(); ++size) {
    EXPECT_EQ(decode(std::string_view(value).substr(0, size)).code(), Code::kCorruptStore) << size;
  }
  EXPECT_EQ(decode(value + "x").code(), Code::kCorruptStore);
}

DocumentHead FullHead(FacetPool& pool) {
  DocumentHead head;
  head.ordinal = DocumentOrdinal(300);
  head.content = {Version{1, 2, 3}, Revision{4, 5}};
  head.effective = FromMicros(-77);
  head.facets = pool.Share({ScopeId("folder"), {{"department", {"icu", "er"}}, {"kind", {}}}});
  head.chunks = {{.hash = HashOf("a"), .occurrence = 1, .ordinal = ChunkOrdinal(8), .vector = true},
                 {.hash = HashOf("b"), .occurrence = 0, .ordinal = ChunkOrdinal(5), .vector = false}};
  head.deletion = std::make_shared<Deletion>(Deletion{Version{1, 1, 0}, FromMicros(9)});
  head.skip = std::make_shared<Skip>(Skip{{Version{2, 0, 0}, {}}, Code::kQuarantined, Step::kEmbed});
  head.hold = std::make_shared<Hold>(Hold{Version{3, 0, 0}, 6, true, Code::kQuarantined});
  head.present = Version{1, 9, 9};
  return head;
}

TEST(Records, HeadsAreReadBack) {
  FacetPool pool;
  const DocumentHead head = FullHead(pool);
  std::string value;
  EncodeHead(head, value);
  const Result<DocumentHead> read = DecodeHead(value, pool);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->ordinal, head.ordinal);
  EXPECT_EQ(read->content, head.content);
  EXPECT_EQ(read->effective, head.effective);
  EXPECT_EQ(read->facets, head.facets) << "equal facets are one object";
  ASSERT_EQ(read->chunks.size(), 2u);
  EXPECT_EQ(read->chunks[0].hash, HashOf("a"));
  EXPECT_EQ(read->chunks[0].occurrence, 1u);
  EXPECT_TRUE(read->chunks[0].vector);
  EXPECT_EQ(read->chunks[1].ordinal, ChunkOrdinal(5));
  EXPECT_EQ(read->deletion->version, head.deletion->version);
  EXPECT_EQ(read->skip->code, Code::kQuarantined);
  EXPECT_EQ(read->skip->stage, Step::kEmbed);
  EXPECT_EQ(read->hold->deid_run, 6u);
  EXPECT_EQ(read->present, head.present);
  std::string again;
  EncodeHead(*read, again);
  EXPECT_EQ(again, value);
  ExpectTruncationIsRefused(value, [&](std::string_view bytes) { return DecodeHead(bytes, pool); });
}

TEST(Records, AHeadWithoutContentIsSmall) {
  FacetPool pool;
  DocumentHead head;
  head.deletion = std::make_shared<Deletion>(Deletion{Version{1, 1, 0}, FromMicros(9)});
  std::string value;
  EncodeHead(head, value);
  EXPECT_LT(value.size(), 16u);
  const Result<DocumentHead> read = DecodeHead(value, pool);
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(read->has_content());
  EXPECT_EQ(read->skip, nullptr);
}

TEST(Records, FacetsNobodyHasAreForgotten) {
  FacetPool pool;
  auto facets = pool.Share({ScopeId("a"), {}});
  pool.Sweep();
  EXPECT_EQ(pool.size(), 1u);
  facets.reset();
  pool.Sweep();
  EXPECT_EQ(pool.size(), 0u);
}

TEST(Records, BodiesAreReadBack) {
  Origin origin{.source = SourceName("s"), .collection = CollectionName("c"), .document = DocumentId("d")};
  origin.version = {1, 2, 3};
  origin.revision = {4, 5};
  origin.committed = FromMicros(6);
  origin.StampOf(Step::kIndex) = FromMicros(7);
  origin.traceparent = "00-trace";
  origin.generation = 8;
  const Result<DocumentBody> read = DecodeBody(EncodeBody(origin, "model", 9, "sealed"));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(KeyOf(read->origin), KeyOf(origin));
  EXPECT_EQ(read->origin.version, origin.version);
  EXPECT_EQ(read->origin.revision, origin.revision);
  EXPECT_EQ(read->origin.stamps, origin.stamps);
  EXPECT_EQ(read->origin.committed, origin.committed);
  EXPECT_EQ(read->origin.traceparent, "00-trace");
  EXPECT_EQ(read->origin.generation, 8u);
  EXPECT_EQ(read->model, "model");
  EXPECT_EQ(read->chunk_count, 9u);
  EXPECT_EQ(read->sealed, "sealed");
  EXPECT_EQ(DecodeBody("").code(), Code::kCorruptStore);
}

TEST(Records, AccessIsReadBack) {
  ScopeLists scope;
  scope.lists = {{.version = {1, 1, 0}, .allow = {"a", "b"}, .deny = {"c"}},
                 {.version = {1, 2, 0}, .content = Version{3, 0, 0}, .removed = true}};
  const Result<ScopeLists> read = DecodeScope(Encode(scope));
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->lists.size(), 2u);
  EXPECT_EQ(read->lists[0].allow, scope.lists[0].allow);
  EXPECT_EQ(read->lists[0].deny, scope.lists[0].deny);
  EXPECT_FALSE(read->lists[0].content.has_value());
  EXPECT_EQ(read->lists[1].content, scope.lists[1].content);
  EXPECT_TRUE(read->lists[1].removed);
  ExpectTruncationIsRefused(Encode(scope), DecodeScope);

  const std::string for_good = Encode(scope);
  EXPECT_EQ(for_good[0], 1) << "as versions before there were limits read it";
  scope.lists[0].deny[0].period = {.until = FromMicros(-5)};
  scope.lists[0].allow[1].period = {.until = FromMicros(90), .from = FromMicros(-90)};
  const std::string limited = Encode(scope);
  EXPECT_EQ(limited[0], 2);
  ASSERT_TRUE(DecodeScope(limited).ok());
  EXPECT_EQ(DecodeScope(limited)->lists[0].allow, scope.lists[0].allow);
  EXPECT_EQ(DecodeScope(limited)->lists[0].deny, scope.lists[0].deny);
  ExpectTruncationIsRefused(limited, DecodeScope);
  std::string of_a_newer_version = limited;
  of_a_newer_version[of_a_newer_version.find("a") + 1] = 4;
  EXPECT_EQ(DecodeScope(of_a_newer_version).code(), Code::kCorruptStore) << "a limit of another kind";

  const GroupMembers group{{1, 2, 3}, {"x", {"y", {.until = FromMicros(7)}}}};
  ASSERT_TRUE(DecodeGroup(Encode(group)).ok());
  EXPECT_EQ(DecodeGroup(Encode(group))->members, group.members);
  ExpectTruncationIsRefused(Encode(group), DecodeGroup);
  const Consent consent{{1, 2, 3}, "research"};
  ASSERT_TRUE(DecodeConsent(Encode(consent)).ok());
  EXPECT_EQ(DecodeConsent(Encode(consent))->scope, "research");
  ExpectTruncationIsRefused(Encode(consent), DecodeConsent);
}

TEST(Records, ProgressIsReadBack) {
  Account account{.first = Offset(5), .next = Offset(12), .absent = 1};
  account.outcomes = {{Outcome::kIndexed, 4}, {Outcome::kSkipped, 2}};
  account.skipped = {{{Step::kDeid, Code::kInvalidUtf8}, 2}};
  const Result<Account> read = DecodeAccount(Encode(account));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->first, account.first);
  EXPECT_EQ(read->next, account.next);
  EXPECT_EQ(read->absent, 1u);
  EXPECT_EQ(read->outcomes, account.outcomes);
  EXPECT_EQ(read->skipped, account.skipped);
  ExpectTruncationIsRefused(Encode(account), DecodeAccount);

  SnapshotState snapshot{.begin = {1, 2, 3}, .phase = SnapshotState::Phase::kHeld, .stream = Stream(2)};
  snapshot.doubtful = true;
  snapshot.held = 11;
  snapshot.begun = {Partition(0), Partition(3)};
  snapshot.ended = {Partition(3)};
  snapshot.floor = {1, 1, 9};
  const Result<SnapshotState> edge = DecodeSnapshot(Encode(snapshot));
  ASSERT_TRUE(edge.ok());
  EXPECT_EQ(edge->begin, snapshot.begin);
  EXPECT_EQ(edge->phase, snapshot.phase);
  EXPECT_EQ(edge->stream, snapshot.stream);
  EXPECT_TRUE(edge->doubtful);
  EXPECT_EQ(edge->held, 11u);
  EXPECT_EQ(edge->begun, snapshot.begun);
  EXPECT_EQ(edge->ended, snapshot.ended);
  EXPECT_EQ(edge->floor, snapshot.floor);
  ExpectTruncationIsRefused(Encode(snapshot), DecodeSnapshot);
  EXPECT_EQ(*DecodeTime(EncodeTime(FromMicros(123))), FromMicros(123));
}

TEST(Records, SpacesAndJournalEntriesAreReadBack) {
  const SpaceRecord record{CollectionName("notes"), 3, 900, "model", 384, 17};
  const Result<SpaceRecord> read = DecodeSpace(Encode(record));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->collection, record.collection);
  EXPECT_EQ(read->next_document, 3u);
  EXPECT_EQ(read->next_chunk, 900u);
  EXPECT_EQ(read->model, "model");
  EXPECT_EQ(read->dimensions, 384u);
  EXPECT_EQ(read->journal_from, 17u);
  ExpectTruncationIsRefused(Encode(record), DecodeSpace);

  JournalEntry entry;
  entry.added[DocumentOrdinal(4)] = {ChunkOrdinal(1), ChunkOrdinal(200)};
  entry.added[DocumentOrdinal(9)] = {ChunkOrdinal(7)};
  entry.removed = {ChunkOrdinal(2), ChunkOrdinal(4'000'000'000)};
  const Result<JournalEntry> journal = DecodeJournal(Encode(entry));
  ASSERT_TRUE(journal.ok());
  EXPECT_EQ(journal->added, entry.added);
  EXPECT_EQ(journal->removed, entry.removed);
  ExpectTruncationIsRefused(Encode(entry), DecodeJournal);
}

// DESIGN §4.6: next - first = absent + sum of the outcomes, always.
TEST(Records, AnAccountCountsEveryOffsetOnce) {
  Account account;
  Count(account, Offset(10), 1, Outcome::kIndexed, {});
  Count(account, Offset(10), 1, Outcome::kSuperseded, {});  // delivered again
  Count(account, Offset(13), 1, Outcome::kControl, {});     // compaction took 11 and 12
  Count(account, Offset(12), 5, Outcome::kSkipped, {Step::kIndex, Code::kExpired});
  EXPECT_EQ(account.first, Offset(10));
  EXPECT_EQ(account.next, Offset(17));
  EXPECT_EQ(account.absent, 2u);
  EXPECT_EQ(account.outcomes,
            (std::map<Outcome, uint64_t>{{Outcome::kIndexed, 1}, {Outcome::kControl, 1}, {Outcome::kSkipped, 3}}));
  EXPECT_EQ(account.skipped.at({Step::kIndex, Code::kExpired}), 3u);
}

}  // namespace
}  // namespace freshet::store
