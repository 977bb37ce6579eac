// Which steps a process of a site runs, and which processes there cannot be.
#include "services/freshet/roles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet {
namespace {

using ::testing::HasSubstr;

// As a site on a log that several processes share; the kind is the only thing that roles ask of the log.
SiteConfig SharedSite() {
  SiteConfig site;
  site.log.kind = LogKind::kKafka;
  site.sources.push_back({.name = SourceName("wards")});
  return site;
}

TEST(RolesTest, EverythingFusedIsOneRunOfSteps) {
  const Result<Roles> roles = RolesOf(Step::kDeid, SharedSite());
  ASSERT_TRUE(roles.ok());
  EXPECT_EQ(roles->steps, AllRoles().steps);
  EXPECT_TRUE(roles->serves());
  EXPECT_FALSE(roles->all()) << "the connectors run elsewhere";
  const Result<Roles> chunk = RolesOf(Step::kChunk, SharedSite());
  EXPECT_EQ(chunk.code(), Code::kConfiguration);
  EXPECT_THAT(chunk.status().message(), HasSubstr("runs in `freshet deid`"));
}

TEST(RolesTest, WithoutFusingEachStepIsAProcess) {
  SiteConfig site = SharedSite();
  site.pipeline.fuse = false;
  for (const StageRow& row : kPipeline) {
    const Result<Roles> roles = RolesOf(row.step, site);
    ASSERT_TRUE(roles.ok());
    EXPECT_EQ(roles->steps, std::set<Step>{row.step});
    EXPECT_EQ(roles->serves(), row.step == Step::kIndex);
    EXPECT_FALSE(roles->connectors);
  }
}

TEST(RolesTest, AModelIsLoadedWhereTextsOrQuestionsAreEmbedded) {
  SiteConfig site = SharedSite();
  site.pipeline.fuse = false;
  std::string embedder, tokens;
  for (const StageRow& row : kPipeline) {
    const ModelNeeds needs = NeedsOf(*RolesOf(row.step, site));
    if (needs.embedder) embedder += std::string(NameOf(row.step)) + " ";
    if (needs.tokens) tokens += std::string(NameOf(row.step)) + " ";
  }
  EXPECT_EQ(embedder, "embed index ");
  EXPECT_EQ(tokens, "chunk index ") << "the index makes other generations";
  EXPECT_FALSE(NeedsOf(*ConnectorRole(SourceName(), site)).embedder);
  EXPECT_TRUE(NeedsOf(QueryRole()).embedder);
  EXPECT_FALSE(NeedsOf(QueryRole()).tokens);
  EXPECT_TRUE(NeedsOf(AllRoles()).embedder && NeedsOf(AllRoles()).tokens);
}

TEST(RolesTest, ADurableHopDividesARun) {
  SiteConfig site = SharedSite();
  site.pipeline.durable_after = {Step::kDeid};
  EXPECT_EQ(RolesOf(Step::kDeid, site)->steps, std::set<Step>{Step::kDeid});
  EXPECT_EQ(RolesOf(Step::kChunk, site)->steps, (std::set<Step>{Step::kChunk, Step::kEmbed, Step::kIndex}));
  EXPECT_EQ(RolesOf(Step::kIndex, site).code(), Code::kConfiguration);
}

TEST(RolesTest, ConnectorsOfAllSourcesOrOfOne) {
  EXPECT_TRUE(ConnectorRole(SourceName(), SharedSite())->only_source.value.empty());
  const Result<Roles> one = ConnectorRole(SourceName("wards"), SharedSite());
  ASSERT_TRUE(one.ok());
  EXPECT_TRUE(one->connectors);
  EXPECT_TRUE(one->steps.empty());
  EXPECT_EQ(ConnectorRole(SourceName("ward"), SharedSite()).code(), Code::kConfiguration);
}

TEST(RolesTest, TheEmbeddedLogIsOneProcesss) {
  SiteConfig site = SharedSite();
  site.log.kind = LogKind::kEmbedded;
  EXPECT_THAT(RolesOf(Step::kDeid, site).status().message(), HasSubstr("freshet run"));
  EXPECT_EQ(ConnectorRole(SourceName(), site).code(), Code::kConfiguration);
}

}  // namespace
}  // namespace freshet
