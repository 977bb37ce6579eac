// The query engine over a real index: what is found, by whom, how fresh, and what is said where something lacks.
#include "services/query/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "services/query/testing/test_index.h"

namespace freshet::query {
namespace {

using freshet::testing::NamesOf;
using freshet::testing::TestDocument;
using freshet::testing::TestIndex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using namespace std::chrono_literals;

constexpr const char* kFalls = "# Falls\n\nKeep the floor dry.\n\n## Assessment\n\nMorse scale on admission.\n";

// The model that made the vectors, out of order.
class BrokenEmbedder final : public model::Embedder {
 public:
  std::string_view name() const override { return model::HashingEmbedder().name(); }
  uint32_t dimensions() const override { return 384; }
  Result<model::EmbeddingBatch> Compute(std::span<const std::string_view>, model::Priority) const override {
    return Status(Code::kUnavailable, "the model does not answer");
  }
};

class QueryEngineTest : public ::testing::Test {
 protected:
  void Open() { index_.Allow("open", {"group:everyone"}); }
  void Settle() {
    index_.Beat();
    index_.Show();
  }
  Result<SearchResponse> Search(SearchRequest request, std::string_view user = "ada") {
    return index_.engine->Search(TestIndex::CallerOf(user), request, "trace");
  }
  SearchResponse Answer(SearchRequest request, std::string_view user = "ada") {
    const Result<SearchResponse> response = Search(std::move(request), user);
    EXPECT_TRUE(response.ok()) << response.status().ToString();
    return response.ok() ? *response : SearchResponse{};
  }

  TestIndex index_;
};

TEST_F(QueryEngineTest, AHitIsAPassageWithItsPlaceAndWhereItCameFrom) {
  Open();
  const Time committed = index_.clock.Now() - 3s;
  index_.Put({.id = "falls.md",
              .version = 7,
              .text = kFalls,
              .title = "Falls",
              .uri = "file:///falls.md",
              .attributes = {{"department", {"ward-3"}}},
              .committed = committed});
  Settle();
  const SearchResponse answer = Answer({.query = "morse scale"});
  ASSERT_EQ(answer.hits.size(), 2u);
  const SearchHit& hit = answer.hits[0];
  EXPECT_EQ(hit.passage.text, "Morse scale on admission.");
  EXPECT_EQ(hit.document, DocumentId("falls.md"));
  EXPECT_EQ(hit.collection, CollectionName("policies"));
  EXPECT_EQ(hit.title, "Falls");
  EXPECT_EQ(hit.uri, "file:///falls.md");
  EXPECT_THAT(hit.passage.section, ElementsAre("Falls", "Assessment"));
  EXPECT_EQ(hit.passage.block, 3u);
  EXPECT_EQ(hit.passage.place_end - hit.passage.place_begin, hit.passage.text.size());
  EXPECT_EQ(hit.version.ToString(), "1:7");
  EXPECT_EQ(hit.committed, committed);
  EXPECT_EQ(hit.searchable, index_.clock.Now());
  EXPECT_THAT(hit.attributes, ElementsAre(std::pair("department", std::vector<std::string>{"ward-3"})));
  EXPECT_FALSE(hit.outdated);
  EXPECT_GT(*hit.lexical, 0);
  EXPECT_GT(*hit.vector, 0);
  EXPECT_EQ(answer.trace_id, "trace");
  std::vector<std::string> phases;
  for (const auto& [phase, took] : answer.took_ms) phases.push_back(phase);
  EXPECT_THAT(phases, ElementsAre("embed", "vector", "lexical", "resolve", "total"));
}

TEST_F(QueryEngineTest, PlacesCountCodePoints) {
  Open();
  index_.Put({.id = "a", .text = "Überwachung täglich.\n\n## Größe\n\nMaße prüfen.\n"});
  Settle();
  const SearchResponse answer = Answer({.query = "prüfen", .mode = Mode::kLexical});
  ASSERT_EQ(answer.hits.size(), 1u);
  EXPECT_EQ(answer.hits[0].passage.text, "Maße prüfen.");
  EXPECT_EQ(answer.hits[0].passage.place_begin, 29u);
  EXPECT_EQ(answer.hits[0].passage.place_end, 41u);
}

TEST_F(QueryEngineTest, ModesUseTheSearchesThatTheyName) {
  Open();
  index_.Put({.id = "words", .text = "floor plan\n", .vectors = false});
  index_.Put({.id = "both", .text = "floor dry\n"});
  Settle();
  EXPECT_EQ(index_.Found("floor plan", "ada", Mode::kLexical), "words@1 both@1");
  EXPECT_EQ(index_.Found("floor plan", "ada", Mode::kVector), "both@1");
  for (const SearchHit& hit : Answer({.query = "floor plan", .mode = Mode::kLexical}).hits) {
    EXPECT_TRUE(hit.lexical && !hit.vector);
  }
  for (const SearchHit& hit : Answer({.query = "floor plan", .mode = Mode::kVector}).hits) {
    EXPECT_TRUE(!hit.lexical && hit.vector);
  }
}

TEST_F(QueryEngineTest, TopKIsTheMostThatIsShown) {
  Open();
  for (int i = 0; i < 130; ++i) index_.Put({.id = "d" + std::to_string(i), .text = "floor\n"});
  Settle();
  for (const size_t top_k : {1, 7, 100}) EXPECT_EQ(Answer({.query = "floor", .top_k = top_k}).hits.size(), top_k);
}

TEST_F(QueryEngineTest, WordsThatFollowEachOtherAsAskedCountForMore) {
  Open();
  index_.Put({.id = "apart.md", .text = "Failure of a pump, the heart of the ward.\n"});
  index_.Put({.id = "phrase.md", .text = "Signs were those of heart failure, on a ward.\n"});
  Settle();
  const SearchResponse answer = Answer({.query = "heart failure", .mode = Mode::kLexical});
  ASSERT_EQ(answer.hits.size(), 2u);
  EXPECT_EQ(answer.hits[0].document.value, "phrase.md");
  const SearchResponse words = Answer({.query = "failure in the heart", .mode = Mode::kLexical});
  ASSERT_EQ(words.hits.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    const float expected = *words.hits[i].lexical * (answer.hits[0].document == words.hits[i].document ? 1.5f : 1);
    const auto& hit = answer.hits[0].document == words.hits[i].document ? answer.hits[0] : answer.hits[1];
    EXPECT_FLOAT_EQ(*hit.lexical, expected);
  }
}

TEST_F(QueryEngineTest, CollectionsAreChosenAndEachOnlyOnce) {
  Open();
  index_.Change(AccessChange{.scope = ScopeId("open"), .allow = {Principal("user:ada")}}, 1, "", "ehr", "notes");
  index_.Put({.id = "p", .text = "floor\n"});
  index_.Put({.id = "n", .text = "floor\n", .source = "ehr", .collection = "notes"});
  Settle();
  EXPECT_EQ(Answer({.query = "floor"}).collections.size(), 2u);
  EXPECT_EQ(Answer({.query = "floor"}).hits.size(), 2u);
  EXPECT_EQ(NamesOf(Answer({.query = "floor", .collections = {CollectionName("notes")}})), "n@1");
  const SearchResponse twice =
      Answer({.query = "floor", .collections = {CollectionName("policies"), CollectionName("policies")}});
  EXPECT_EQ(NamesOf(twice), "p@1");
  EXPECT_EQ(twice.collections.size(), 1u);
  EXPECT_EQ(Search({.query = "floor", .collections = {CollectionName("secret")}}).code(), Code::kNotFound);
}

// A list of one source says nothing about another's documents, whatever the names of its scopes.
TEST_F(QueryEngineTest, ScopesAreTheSourcesOwn) {
  Open();
  index_.Put({.id = "n", .text = "floor\n", .source = "ehr", .collection = "notes"});
  Settle();
  EXPECT_EQ(index_.Found("floor", "ada"), "");
}

TEST_F(QueryEngineTest, AnotherTenantsCallerIsRefused) {
  Open();
  index_.Put({.id = "a", .text = "floor\n"});
  Settle();
  const Caller other{.user = "ada", .tenant = TenantName("other-clinic")};
  EXPECT_EQ(index_.engine->Search(other, {.query = "floor"}, "").code(), Code::kPermissionDenied);
}

TEST_F(QueryEngineTest, NobodySeesWhatNobodyWasAllowed) {
  index_.Put({.id = "a", .text = "floor\n", .scope = "unheard-of"});
  index_.Allow("nurses", {"group:nurses"}, {"user:bob"});
  index_.Put({.id = "b", .text = "floor\n", .scope = "nurses"});
  Settle();
  EXPECT_EQ(index_.Found("floor", "ada"), "");
  const auto found = [&](std::string_view user, std::vector<std::string> groups) {
    return NamesOf(*index_.engine->Search(TestIndex::CallerOf(user, groups), {.query = "floor"}, ""));
  };
  EXPECT_EQ(found("ada", {"nurses"}), "b@1");
  EXPECT_EQ(found("bob", {"nurses"}), "") << "deny wins";
  EXPECT_EQ(found("nurses", {}), "") << "a user is no group";
}

TEST_F(QueryEngineTest, NothingIsKnownBeforeTheFirstHeartbeat) {
  Open();
  index_.Put({.id = "a", .text = "floor\n"});
  index_.Show();
  const SearchResponse answer = Answer({.query = "floor"});
  EXPECT_THAT(answer.hits, IsEmpty()) << "unknown access is no access";
  EXPECT_EQ(answer.as_of, std::nullopt);
  EXPECT_EQ(answer.access_as_of, std::nullopt);
  EXPECT_THAT(answer.warnings, UnorderedElementsAre(HasSubstr("access_stale: what source files"),
                                                    HasSubstr("access_stale: what source ehr")));
}

TEST_F(QueryEngineTest, AsOfIsTheOldestOfWhatVouchesForTheAnswer) {
  Open();
  Settle();
  const Time begin = index_.clock.Now();
  index_.clock.Advance(10s);
  index_.BeatOf("files", {freshet::testing::kUrgentStream, freshet::testing::kGroupStream});
  index_.Show();
  const SearchRequest request{.query = "floor", .collections = {CollectionName("policies")}};
  SearchResponse answer = Answer(request);
  EXPECT_EQ(answer.as_of, begin) << "live has not said more";
  EXPECT_EQ(answer.access_as_of, begin + 10s);
  EXPECT_EQ(answer.collections[0].as_of, begin);
  index_.BeatOf("files", {freshet::testing::kLiveStream});
  index_.Show();
  EXPECT_EQ(Answer(request).as_of, begin + 10s) << "backfill does not count while no snapshot is open";
  EXPECT_EQ(Answer({.query = "floor"}).as_of, begin) << "of all collections, the oldest";
  index_.Snapshot(SnapshotEdge::Side::kBegin, 50);
  index_.Show();
  EXPECT_EQ(Answer(request).as_of, begin) << "an open snapshot may still add documents";
  index_.Snapshot(SnapshotEdge::Side::kEnd, 50);
  index_.Show();
  EXPECT_EQ(Answer(request).as_of, begin + 10s);
}

TEST_F(QueryEngineTest, StalenessIsToldOrRefused) {
  Open();
  index_.Put({.id = "a", .text = "floor\n"});
  Settle();
  index_.clock.Advance(4s);
  EXPECT_THAT(Answer({.query = "floor", .max_staleness = 4s}).warnings, IsEmpty());
  const SearchResponse warned = Answer({.query = "floor", .max_staleness = 4s - 1us});
  EXPECT_THAT(warned.warnings, ElementsAre(HasSubstr("stale: ")));
  EXPECT_EQ(NamesOf(warned), "a@1");
  EXPECT_EQ(Search({.query = "floor", .max_staleness = 3s, .on_stale = OnStale::kRefuse}).code(), Code::kStale);
  EXPECT_TRUE(Search({.query = "floor", .max_staleness = 5s, .on_stale = OnStale::kRefuse}).ok());
  EXPECT_TRUE(Search({.query = "floor", .on_stale = OnStale::kRefuse}).ok()) << "no limit, nothing to refuse";
}

TEST_F(QueryEngineTest, WhatIsUnknownIsStale) {
  EXPECT_EQ(Search({.query = "floor", .max_staleness = 1h, .on_stale = OnStale::kRefuse}).code(), Code::kStale);
}

TEST_F(QueryEngineTest, DocumentsWhoseAccessIsTooOldAreNotShown) {
  Open();
  index_.Put({.id = "a", .text = "floor\n"});
  Settle();
  index_.clock.Advance(5min);
  EXPECT_EQ(index_.Found("floor", "ada"), "a@1");
  index_.clock.Advance(1us);
  const SearchResponse answer = Answer({.query = "floor", .collections = {CollectionName("policies")}});
  EXPECT_THAT(answer.hits, IsEmpty());
  EXPECT_THAT(answer.warnings, ElementsAre("access_stale: what source files says about access is too old; its "
                                           "documents are not shown"));
  index_.BeatOf("files", {freshet::testing::kUrgentStream, freshet::testing::kGroupStream});
  EXPECT_EQ(index_.Found("floor", "ada"), "a@1") << "urgent heartbeats show at once";
}

TEST_F(QueryEngineTest, ASkippedVersionLeavesTheOlderOneMarked) {
  Open();
  index_.Put({.id = "a", .text = "floor\n"});
  index_.Skip({.id = "a", .version = 2}, Code::kMalformedDocument);
  index_.Skip({.id = "b", .version = 1}, Code::kBinaryContent);
  Settle();
  const SearchResponse answer = Answer({.query = "floor", .collections = {CollectionName("policies")}});
  ASSERT_EQ(NamesOf(answer), "a@1");
  EXPECT_TRUE(answer.hits[0].outdated);
  std::map<Code, uint64_t> incomplete;
  for (const Incomplete& row : answer.incomplete) incomplete[row.code] += row.documents;
  EXPECT_EQ(incomplete, (std::map<Code, uint64_t>{{Code::kMalformedDocument, 1}, {Code::kBinaryContent, 1}}));
}

TEST_F(QueryEngineTest, WithoutVectorsTheAnswerIsLexicalAndSaysSo) {
  TestIndex index({.embedder = std::make_shared<BrokenEmbedder>()});
  index.Allow("open", {"group:everyone"});
  index.Put({.id = "a", .text = "floor\n"});
  index.Beat();
  index.Show();
  for (const Mode mode : {Mode::kHybrid, Mode::kVector}) {
    const auto answer = index.engine->Search(TestIndex::CallerOf("ada"), {.query = "floor", .mode = mode}, "");
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(NamesOf(*answer), "a@1");
    EXPECT_THAT(answer->warnings, ElementsAre(HasSubstr("no_vectors: ")));
  }
  const auto lexical = index.engine->Search(TestIndex::CallerOf("ada"), {.query = "floor", .mode = Mode::kLexical}, "");
  EXPECT_THAT(lexical->warnings, IsEmpty()) << "nobody asked for vectors";
}

TEST_F(QueryEngineTest, QuestionsOfOddCharactersFindNothingAndHarmNothing) {
  Open();
  index_.Put({.id = "a", .text = "floor\n"});
  Settle();
  const std::string odd[] = {std::string("\0\x01\x1b", 3), "()[]{}*?~^:\"\\+-!",    "AND OR NOT", "\u200b\u202e",
                             std::string(16'000, '*'),     std::string(16'000, 'x')};
  for (const std::string& query : odd) {
    EXPECT_THAT(Answer({.query = query, .mode = Mode::kLexical}).hits, IsEmpty());
    EXPECT_TRUE(Search({.query = query}).ok());
  }
  EXPECT_EQ(index_.Found(std::string("floor\0", 6), "ada", Mode::kLexical), "a@1");
}

class AfterTest : public QueryEngineTest {
 protected:
  static SearchRequest After(uint64_t version, std::string_view id = "a", std::string_view source = "files") {
    return {.query = "floor",
            .after = VersionToken{{SourceName(source), CollectionName("policies"), DocumentId(id)}, {1, version}}};
  }
};

TEST_F(AfterTest, AVersionThatIsInIsAnsweredAtOnce) {
  Open();
  index_.Put({.id = "a", .version = 3, .text = "floor\n"});
  Settle();
  EXPECT_EQ(NamesOf(Answer(After(3))), "a@3");
  EXPECT_EQ(NamesOf(Answer(After(2))), "a@3") << "what is newer stands for it";
}

TEST_F(AfterTest, ASkipIsAccountedForToo) {
  Open();
  index_.Put({.id = "b", .version = 3, .text = "floor\n"});
  index_.Skip({.id = "b", .version = 4}, Code::kBinaryContent);
  Settle();
  EXPECT_TRUE(Answer(After(4, "b")).hits.at(0).outdated);
}

// The same answer as of one that there is not: a token may name any document.
TEST_F(AfterTest, OfADocumentThatIsNotTheCallersNothingIsTold) {
  Open();
  index_.Allow("closed", {"user:eve"});
  index_.Put({.id = "a", .version = 3, .text = "floor\n", .scope = "closed"});
  index_.Put({.id = "b", .version = 3, .text = "floor\n"});
  index_.Change(Delete{}, 4, "b");
  Settle();
  const std::string none = Search(After(3, "none")).status().ToString();
  for (const SearchRequest& request : {After(3, "a"), After(3, "b"), After(4, "b")}) {
    EXPECT_EQ(Search(request).status().ToString(), none);
  }
  EXPECT_TRUE(index_.engine->Search(TestIndex::CallerOf("eve"), After(3, "a"), "").ok());
}

TEST_F(AfterTest, WhatDoesNotComeInTimeIsATimeout) {
  Open();
  index_.Put({.id = "a", .version = 3, .text = "floor\n"});
  Settle();
  EXPECT_EQ(Search(After(4)).code(), Code::kTimeout);
  EXPECT_EQ(Search(After(3, "a", "ehr")).code(), Code::kTimeout) << "another source's document is another document";
}

TEST_F(AfterTest, WhatIsNotYetShownIsWaitedFor) {
  Open();
  Settle();
  index_.Put({.id = "a", .version = 3, .text = "floor\n"});
  std::thread later([&] {
    std::this_thread::sleep_for(50ms);
    index_.Show();
  });
  EXPECT_EQ(NamesOf(Answer(After(3))), "a@3");
  later.join();
}

// DESIGN §4.3: one answer never holds two versions of a document, whatever is written meanwhile; and a passage is
// always of the version that it says.
TEST_F(QueryEngineTest, AnAnswerNeverMixesVersionsWhileAWriterWorks) {
  Open();
  const auto text = [](uint64_t version) {
    std::string markup;
    for (int i = 0; i < 3; ++i) markup += "# S" + std::to_string(i) + "\n\nfloor v" + std::to_string(version) + ".\n\n";
    return markup;
  };
  for (const char* id : {"a", "b", "c"}) index_.Put({.id = id, .version = 1, .text = text(1)});
  Settle();
  std::atomic<bool> done = false;
  std::atomic<uint64_t> answers = 0, wrong = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const Result<SearchResponse> answer = Search({.query = "floor", .top_k = 100});
        std::map<std::string, Version> versions;
        if (!answer.ok() || answer->hits.size() != 9) ++wrong;
        if (!answer.ok()) continue;
        for (const SearchHit& hit : answer->hits) {
          const Version first = versions.emplace(hit.document.value, hit.version).first->second;
          const bool fits = hit.passage.text == "floor v" + std::to_string(hit.version.position) + ".";
          if (first != hit.version || !fits) ++wrong;
        }
        ++answers;
      }
    });
  }
  for (uint64_t version = 2; version < 60; ++version) {
    for (const char* id : {"a", "b", "c"}) {
      index_.Put({.id = id, .version = version, .text = text(version)});
      index_.Show();
    }
  }
  while (answers < 20) std::this_thread::yield();
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0u);
}

}  // namespace
}  // namespace freshet::query
