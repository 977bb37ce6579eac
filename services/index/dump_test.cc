// What a dump tells apart, and what it does not.
#include "common/store/dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/index/index.h"
#include "services/index/testing/embedded_documents.h"

namespace freshet::index {
namespace {

using freshet::testing::EmbeddedOf;
using freshet::testing::SourceOrigin;
using freshet::testing::TestDocument;
using freshet::testing::TestKeys;
using ::testing::HasSubstr;
using ::testing::Not;

const TestDocument kFalls{.id = "falls.md", .version = 3, .text = "# Falls\n\nKeep the floor dry.\n"};
const TestDocument kHands{.id = "hands.md", .version = 2, .text = "# Hands\n\nWash them.\n\n# Soap\n\nUse it.\n"};

SinkInput Put(const TestDocument& document) { return Arrival<EmbeddedDocument>{EmbeddedOf(document), {}}; }
SinkInput Urgent(UrgentChange change, uint64_t version, std::string_view id = "") {
  Origin origin = SourceOrigin("files", "policies", version);
  origin.document = DocumentId(std::string(id));
  return Arrival<UrgentChange>{{std::move(origin), std::move(change)}, {}};
}
SinkInput Open(uint64_t version, const char* whom = "group:everyone") {
  return Urgent(AccessChange{.scope = ScopeId("open"), .allow = {Principal(whom)}}, version);
}

// The dump of an index that takes these in, one after another, at times that begin with `second`.
store::IndexDump DumpOf(std::vector<SinkInput> inputs, bool versions = true, int second = 1) {
  const std::string path = ::testing::TempDir() + "/dump_test_index";
  std::filesystem::remove_all(path);
  IndexOptions options{.store = {.path = path, .partitions = 1, .access_streams = {Stream(0)}}};
  auto index = std::move(*Index::Open(options, TestKeys()));
  uint64_t offset = 0;
  for (SinkInput& input : inputs) {
    const bool urgent = std::holds_alternative<Arrival<UrgentChange>>(input);
    std::visit(
        [&](auto& arrival) {
          arrival.position = {Stream(urgent ? 0 : 1), Partition(0), Offset(offset)};
        },
        input);
    ++offset;
    EXPECT_TRUE(index->Apply({&input, 1}, Time(std::chrono::seconds(second++))).ok());
  }
  index.reset();
  auto dump = store::DumpIndex(path, {.versions = versions});
  EXPECT_TRUE(dump.ok()) << dump.status().ToString();
  return dump.ok() ? *dump : store::IndexDump{};
}

std::string DigestOf(std::vector<SinkInput> inputs, bool versions = true, int second = 1) {
  return DumpOf(std::move(inputs), versions, second).Digest();
}

TEST(DumpTest, DependsNeitherOnOrderNorOnTimeNorOnWhatWasReplaced) {
  TestDocument older = kHands;
  older.version = 1;
  older.text = "# Hands\n\nAn older text of another length.\n";
  const std::string digest = DigestOf({Put(kFalls), Put(kHands), Open(5)});
  EXPECT_EQ(DigestOf({Open(5), Put(kHands), Put(kFalls)}), digest);
  EXPECT_EQ(DigestOf({Put(kFalls), Put(kHands), Open(5)}, true, 1000), digest);
  EXPECT_EQ(DigestOf({Put(older), Put(kFalls), Put(kHands), Put(older), Open(4), Open(5), Put(kFalls)}), digest);
}

TEST(DumpTest, TellsEveryDifferenceThatAQueryCouldMeet) {
  std::set<std::string> digests = {DigestOf({Put(kFalls)})};
  TestDocument other = kFalls;
  const auto differs = [&](std::vector<SinkInput> inputs) {
    return digests.insert(DigestOf(std::move(inputs))).second;
  };
  other.text = "# Falls\n\nKeep the floor wet.\n";
  EXPECT_TRUE(differs({Put(other)}));
  other = kFalls;
  other.vectors = false;
  EXPECT_TRUE(differs({Put(other)}));
  other = kFalls;
  other.attributes = {{"ward", {"3"}}};
  EXPECT_TRUE(differs({Put(other)}));
  other = kFalls;
  other.scope = "closed";
  EXPECT_TRUE(differs({Put(other)}));
  other = kFalls;
  other.version = 4;
  EXPECT_TRUE(differs({Put(other)}));
  other = kFalls;
  other.source = "others";
  EXPECT_TRUE(differs({Put(other)}));
  EXPECT_TRUE(differs({Put(kFalls), Put(kHands)}));
  EXPECT_TRUE(differs({Put(kFalls), Open(1)}));
  EXPECT_TRUE(differs({Put(kFalls), Open(1, "user:ada")}));
  EXPECT_TRUE(differs({Put(kFalls), Urgent(GroupChange{Principal("group:a"), {Principal("user:b")}}, 1)}));
  EXPECT_TRUE(differs({Put(kFalls), Urgent(Delete{}, 9, "falls.md")}));
  EXPECT_TRUE(differs({Put(kFalls), Urgent(Withhold{Code::kQuarantined}, 9, "falls.md")}));
}

TEST(DumpTest, WithoutVersionsOnlyWhatIsThereCounts) {
  TestDocument later = kFalls;
  later.version = 30;
  EXPECT_NE(DigestOf({Put(kFalls), Open(1)}), DigestOf({Put(later), Open(2)}));
  store::IndexDump one = DumpOf({Put(kFalls), Open(1)}, false), two = DumpOf({Put(later), Open(2)}, false);
  // The seal holds the version; the command compares what is sealed.
  EXPECT_EQ(one.lines[0], two.lines[0]) << "the access list";
  EXPECT_EQ(DumpOf({Put(kHands), Urgent(Delete{}, 9, "hands.md")}, false).lines, std::vector<std::string>());
  const auto keep_nothing = [](const std::string&) -> Result<std::string> { return std::string(); };
  const std::string path = ::testing::TempDir() + "/dump_test_index";
  one = DumpOf({Put(kFalls)}, false);
  const auto first = store::DumpIndex(path, {.versions = false, .content = keep_nothing});
  two = DumpOf({Put(later)}, false);
  const auto second = store::DumpIndex(path, {.versions = false, .content = keep_nothing});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->lines, second->lines);
}

TEST(DumpTest, CountsAndHoldsNoText) {
  const store::IndexDump dump = DumpOf({Put(kFalls), Put(kHands), Open(1, "user:florence")});
  EXPECT_EQ(dump.documents, 2u);
  EXPECT_GE(dump.chunks, 2u);
  EXPECT_EQ(dump.vectors, dump.chunks);
  const std::string all = ::testing::PrintToString(dump.lines);
  EXPECT_THAT(all, HasSubstr("document policies.1 files/falls.md content@1:3+0.0:"));
  for (const char* word : {"floor", "Wash", "Soap", "florence"}) EXPECT_THAT(all, Not(HasSubstr(word)));
}

TEST(DumpTest, AnIndexThatIsNotThereIsNotFound) {
  EXPECT_EQ(store::DumpIndex(::testing::TempDir() + "/no-index", {}).status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace freshet::index
