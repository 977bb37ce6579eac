// FolderConnector and `_access.yaml`: which lists folders have, and the order in which lists and content go out.
#include <gmock/gmock.h>

#include "connectors/folder/files.h"
#include "connectors/folder/testing.h"

namespace freshet::folder {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

class AccessTest : public FolderTest {
 protected:
  void Allow(const std::string& folder, const std::string& yaml) const {
    playground.Write(JoinNames(folder, kAccessFile), yaml);
  }
  size_t IndexOf(const std::string& told, size_t from = 0) const {
    const std::vector<std::string> all = Told(from);
    return from + static_cast<size_t>(std::find(all.begin(), all.end(), told) - all.begin());
  }
};

TEST_F(AccessTest, WithoutAnAccessFileTheOptionDecides) {
  options.default_access = DefaultAccess::kNobody;
  playground.Write("sub/a.md", "text");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Access("/"), "");
  EXPECT_EQ(Access("/sub"), "");
  options.default_access = DefaultAccess::kEveryone;
  Restart();
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Access("/sub"), "allow group:everyone");
}

TEST_F(AccessTest, ListsAreFlat) {
  Allow("", "allow: [\"group:staff\"]\ndeny: [\"user:bob\"]\n");
  Allow("a", "inherit: true\nallow: [\"user:ada\"]\n");
  Allow("a/b", "allow: [\"group:icu\"]\n");
  playground.Folder("a/c/d");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Access("/"), "allow group:staff deny user:bob");
  EXPECT_EQ(Access("/a"), "allow group:staff user:ada deny user:bob");
  EXPECT_EQ(Access("/a/b"), "allow group:icu");
  EXPECT_EQ(Access("/a/c/d"), "allow group:staff user:ada deny user:bob");
  EXPECT_THAT(Contents(), IsEmpty());
}

TEST_F(AccessTest, AChangeReachesAllThatInheritAndNothingElse) {
  Allow("", "allow: [\"group:staff\"]\n");
  Allow("own", "allow: [\"group:icu\"]\n");
  playground.Folder("below/deep");
  ASSERT_TRUE(Settle().ok());
  const size_t before = host.published.size();
  Allow("", "allow: [\"group:doctors\"]\n");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Told(before), ElementsAre("urgent access /", "urgent access /below", "urgent access /below/deep"));
  EXPECT_EQ(Access("/below/deep"), "allow group:doctors");
  EXPECT_EQ(Access("/own"), "allow group:icu");
}

TEST_F(AccessTest, ANewAccessFileMovesNoDocument) {
  playground.Write("sub/a.md", "text");
  playground.Write("sub/b.md", "text");
  ASSERT_TRUE(Settle().ok());
  const size_t before = host.published.size();
  Allow("sub", "allow: [\"user:ada\"]\n");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Told(before), ElementsAre("urgent access /sub"));
  EXPECT_EQ(Access("/sub"), "allow user:ada");
}

TEST_F(AccessTest, AVanishedAccessFileKeepsItsEffectForAWhile) {
  Allow("sub", "allow: [\"user:ada\"]\n");
  playground.Write("sub/a.md", "text");
  ASSERT_TRUE(Settle().ok());
  playground.Remove("sub/_access.yaml");
  ASSERT_TRUE(Settle(options.settle / 2).ok());
  EXPECT_EQ(Access("/sub"), "allow user:ada");
  ASSERT_TRUE(Settle(options.settle).ok());
  EXPECT_EQ(Access("/sub"), "allow group:everyone");
}

TEST_F(AccessTest, DeletingAFolderOpensNothing) {
  Allow("sub", "allow: [\"user:ada\"]\n");
  playground.Write("sub/a.md", "text");
  ASSERT_TRUE(Settle().ok());
  const size_t before = host.published.size();
  playground.Remove("sub/_access.yaml");
  ASSERT_TRUE(Settle().ok());
  playground.Remove("sub");
  ASSERT_TRUE(Settle().ok());
  ASSERT_TRUE(Settle(5s).ok());
  EXPECT_THAT(Told(before), ElementsAre("urgent removed /sub", "urgent delete sub/a.md"));
}

TEST_F(AccessTest, ABrokenFileLetsNobodyInUntilItIsMended) {
  Allow("", "allow: [\"group:staff\"]\n");
  playground.Folder("sub");
  ASSERT_TRUE(Settle().ok());
  for (const char* broken : {"allow: [staff]\n", "alow: [\"group:staff\"]\n", "allow: [", "- 1\n", "allow: {}\n"}) {
    Allow("", broken);
    ASSERT_TRUE(Settle().ok());
    EXPECT_EQ(Access("/"), "") << broken;
    EXPECT_EQ(Access("/sub"), "") << broken;
  }
  Allow("", "allow: [\"group:staff\"]\n");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Access("/sub"), "allow group:staff");
}

TEST_F(AccessTest, AGrantMayHaveAnEndWhichTravelsWithIt) {
  Allow("", "allow: [\"group:staff\"]\n");
  Allow("icu", "inherit: true\nallow: [{principal: \"user:locum\", until: \"2026-12-31T18:00:00Z\"}]\n");
  playground.Write("icu/a.md", "text");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Access("/icu"), "allow group:staff user:locum until 2026-12-31T18:00:00.000Z");
  ASSERT_TRUE(Settle(2s).ok());
  Restart();
  const size_t before = host.published.size();
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Access("/icu"), "allow group:staff user:locum until 2026-12-31T18:00:00.000Z");
  EXPECT_THAT(Told(before), Not(Contains("urgent withhold icu/a.md"))) << "it is remembered, and is no widening";
  Allow("icu", "inherit: true\nallow: [{principal: \"user:locum\", until: tomorrow}]\n");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Access("/icu"), "") << "an end that cannot be read is not none";
}

TEST_F(AccessTest, AnEarlierEndGoesBeforeAndALaterOneBehindContentOfTheSameMoment) {
  const auto until = [](const char* day) {
    return "allow: [{principal: \"user:locum\", until: " + std::string(day) + "}]\n";
  };
  Allow("", until("2026-06-01"));
  playground.Write("x.md", "text");
  ASSERT_TRUE(Settle().ok());
  size_t before = host.published.size();
  playground.Write("x.md", "changed");
  Allow("", until("2026-05-01"));
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Told(before), ElementsAre("urgent access /", "live upsert x.md"));
  before = host.published.size();
  playground.Write("x.md", "redacted");
  Allow("", until("2026-07-01"));
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Told(before), ElementsAre("live upsert x.md", "urgent withhold x.md", "urgent access /"));
  EXPECT_EQ(Access("/"), "allow user:locum until 2026-07-01T00:00:00.000Z");
}

TEST_F(AccessTest, AnAccessFileThatIsNoFileLetsNobodyIn) {
  std::ofstream(playground.outside() / "wide.yaml") << "allow: [\"group:everyone\"]\n";
  playground.Folder("linked");
  fs::create_symlink(playground.outside() / "wide.yaml", playground.At("linked/_access.yaml"));
  playground.Folder("folder/_access.yaml");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Access("/linked"), "");
  EXPECT_EQ(Access("/folder"), "");
}

// What stands in an access file (a comment may say why somebody is denied) goes into no record, and so into no
// original, also where every file is a document.
TEST_F(AccessTest, TheTextOfAnAccessFileIsNeverContent) {
  options.media_types = {{"*", "text/plain"}};
  Restart();
  Allow("", "# since Mrs. Quill complained\nallow: [\"group:staff\"]\n");
  Allow("sub", "allow: [\"group:icu\"]\n");
  playground.Write("sub/a", "text");
  ASSERT_TRUE(Settle().ok());
  Allow("sub", "# since Mrs. Quill complained again\nallow: [\"group:staff\"]\n");
  playground.Folder("moved");
  fs::rename(playground.At("sub/_access.yaml"), playground.At("moved/_access.yaml"));
  ASSERT_TRUE(Settle().ok());
  Restart();
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("sub/a", "text")));
  EXPECT_EQ(Access("/moved"), "allow group:staff");
}

TEST_F(AccessTest, AnAccessFileThatIsBeingWrittenLetsNobodyInWhereContentIsPublished) {
  Allow("", "allow: [\"group:staff\"]\n");
  ASSERT_TRUE(Settle().ok());
  std::ofstream file(playground.At(std::string(kAccessFile)));
  file << "allow: [\"group:staff\"]\n" << std::flush;  // a deny is still to come
  playground.Write("a.md", "text");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Access("/"), "");
  file << "deny: [\"user:bob\"]\n";
  file.close();
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Access("/"), "allow group:staff deny user:bob");
}

TEST_F(AccessTest, TheListIsOutBeforeTheContentItIsFor) {
  ASSERT_TRUE(Settle().ok());
  playground.Folder("sub");
  ASSERT_TRUE(Settle().ok());
  EXPECT_EQ(Access("/sub"), "allow group:everyone");
  const size_t before = host.published.size();
  Allow("sub", "allow: [\"user:ada\"]\n");
  playground.Write("sub/a.md", "for ada");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Told(before), ElementsAre("urgent access /sub", "live upsert sub/a.md"));
}

TEST_F(AccessTest, ANarrowingGoesBeforeAndAWideningBehindContentOfTheSameMoment) {
  Allow("", "allow: [\"group:a\", \"group:b\"]\n");
  playground.Write("x.md", "with a secret");
  playground.Write("y.md", "unchanged");
  ASSERT_TRUE(Settle().ok());
  const size_t before = host.published.size();
  playground.Write("x.md", "redacted");
  Allow("", "allow: [\"group:b\", \"group:c\"]\n");
  ASSERT_TRUE(Settle().ok());
  ASSERT_THAT(Told(before),
              ElementsAre("urgent access /", "live upsert x.md", "urgent withhold x.md", "urgent access /"));
  const auto& narrow = std::get<AccessChange>(host.published[before].event.change);
  EXPECT_THAT(narrow.allow, ElementsAre(Principal("group:b")));
  const Version content = host.published[before + 1].event.origin.version;
  EXPECT_LT(host.published[before + 2].event.origin.version, content);  // hides the old text, not the new
  EXPECT_EQ(Access("/"), "allow group:b group:c");
  EXPECT_THAT(Contents(), Contains(Pair("x.md", "redacted")));
}

TEST_F(AccessTest, AGrantWithNothingUnderWayIsOneRecord) {
  Allow("", "allow: [\"group:a\"]\n");
  playground.Write("x.md", "text");
  ASSERT_TRUE(Settle().ok());
  const size_t before = host.published.size();
  Allow("", "allow: [\"group:a\", \"user:new\"]\n");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Told(before), ElementsAre("urgent access /"));
}

TEST_F(AccessTest, WhatWasUnderWayBeforeARestartIsWithheldBeforeAWidening) {
  Allow("", "allow: [\"group:a\"]\n");
  playground.Write("x.md", "with a secret");
  ASSERT_TRUE(Settle().ok());
  playground.Write("x.md", "redacted");
  ASSERT_TRUE(Settle().ok());
  ASSERT_TRUE(Settle(2s).ok());
  connector.reset();
  Allow("", "allow: [\"group:a\", \"group:c\"]\n");
  const size_t before = host.published.size();
  ASSERT_TRUE(Settle().ok());
  const size_t withheld = IndexOf("urgent withhold x.md", before);
  ASSERT_LT(withheld, host.published.size());
  for (size_t i = before; i < withheld; ++i) {
    const auto* const access = std::get_if<AccessChange>(&host.published[i].event.change);
    if (access == nullptr) continue;
    EXPECT_THAT(access->allow, Not(Contains(Principal("group:c"))));
  }
  EXPECT_EQ(Access("/"), "allow group:a group:c");
  EXPECT_THAT(Contents(), Contains(Pair("x.md", "redacted")));
}

TEST_F(AccessTest, ANarrowingDuringDowntimeIsOutBeforeAnyContent) {
  Allow("", "allow: [\"group:a\", \"group:b\"]\n");
  for (int i = 0; i < 20; ++i) playground.Write(std::to_string(i) + ".md", "text");
  ASSERT_TRUE(Settle().ok());
  ASSERT_TRUE(Settle(2s).ok());
  connector.reset();
  Allow("", "allow: [\"group:b\"]\n");
  playground.Write("3.md", "a secret");
  const size_t before = host.published.size();
  ASSERT_TRUE(Settle().ok());
  EXPECT_LT(IndexOf("urgent access /", before), IndexOf("backfill upsert 3.md", before));
  EXPECT_EQ(Access("/"), "allow group:b");
}

TEST_F(AccessTest, AGoneFolderIsNoScope) {
  playground.Write("sub/deep/a.md", "text");
  ASSERT_TRUE(Settle().ok());
  playground.Remove("sub");
  ASSERT_TRUE(Settle().ok());
  const Sink sink = Replayed();
  EXPECT_TRUE(sink.scopes.at("/sub").change.removed);
  EXPECT_TRUE(sink.scopes.at("/sub/deep").change.removed);
  ASSERT_TRUE(Settle(2s).ok());
  EXPECT_EQ(host.positions.count("d/sub/deep"), 0u);
}

TEST_F(AccessTest, AccessFilesAreNoDocuments) {
  options.media_types["yaml"] = "text/plain";
  Allow("sub", "allow: [\"user:ada\"]\n");
  playground.Write("sub/b.yaml", "x");
  ASSERT_TRUE(Settle().ok());
  Allow("sub", "allow: [\"user:eve\"]\n");
  ASSERT_TRUE(Settle().ok());
  EXPECT_THAT(Contents(), ElementsAre(Pair("sub/b.yaml", "x")));
}

}  // namespace
}  // namespace freshet::folder
