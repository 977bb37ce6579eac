// freshet plan: what another model, chunker or policy would embed again, against indexes whose making is known.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/model/words_counter.h"
#include "services/freshet/command.h"
#include "services/freshet/reindex_plan.h"
#include "services/query/testing/test_index.h"

namespace freshet {
namespace {

using Json = nlohmann::json;
using testing::TestIndex;
using testing::TestKeys;

const CollectionName kPolicies("policies");

// Vectors of another name and length.
class OtherModel final : public model::Embedder {
 public:
  std::string_view name() const override { return "other"; }
  uint32_t dimensions() const override { return 2; }
  Result<model::EmbeddingBatch> Compute(std::span<const std::string_view> texts, model::Priority) const override {
    if (fails) return Status(Code::kUnavailable, "the model does not answer");
    return model::EmbeddingBatch{2, std::vector<float>(2 * texts.size(), 0.7f)};
  }
  bool fails = false;
};

// Documents of so many one-paragraph sections each, all different.
std::string TextOf(int document, int sections) {
  std::string text;
  for (int i = 0; i < sections; ++i) {
    const std::string number = std::to_string(document) + "." + std::to_string(i);
    text += "# Part " + number + "\n\nKeep floor " + number + " dry.\n\n";
  }
  return text;
}

class ReindexPlanTest : public ::testing::Test {
 protected:
  ReindexPlanTest() {
    index_.Allow("nobody", {});  // a plan is about all documents, whoever may read them
    for (int i = 0; i < 20; ++i) index_.Put({.id = std::to_string(i), .text = TextOf(i, 3), .scope = "nobody"});
    index_.Beat();
    index_.Show();
  }
  CollectionPlan PlanOf(const model::Embedder& embedder, std::string_view name, chunk::ChunkOptions chunks = {},
                        size_t documents = 200) {
    const model::WordsCounter counter;
    const auto chunker = chunk::Chunker::Make(chunks, counter).value();
    const auto view = index_.engine->view();
    const auto policy = deid::FindPolicy(name).value();
    const PlanParts parts{
        .view = *view, .keys = TestKeys(), .chunker = *chunker, .embedder = embedder, .policy = *policy};
    return PlanCollection(parts, kPolicies, {.documents = documents}).value();
  }

  TestIndex index_;
  const model::HashingEmbedder same_;
  const OtherModel other_;
};

TEST_F(ReindexPlanTest, NothingChangedIsNothingToEmbed) {
  const CollectionPlan plan = PlanOf(same_, "none");
  EXPECT_EQ(plan.documents, 20u);
  EXPECT_EQ(plan.chunks, 60u);
  EXPECT_EQ(plan.model, same_.name());
  EXPECT_EQ(plan.sampled, 20u);
  EXPECT_EQ(plan.chunks_then, 60u);
  EXPECT_EQ(plan.chunks_embedded, 0u);
  EXPECT_EQ(plan.documents_embedded, 0u);
  EXPECT_EQ(plan.other_policy, 0u);
  EXPECT_EQ(plan.embed_seconds, 0.0);
  EXPECT_EQ(plan.deid_seconds, 0.0);
}

TEST_F(ReindexPlanTest, AnotherModelEmbedsEverythingAgain) {
  const CollectionPlan plan = PlanOf(other_, "none");
  EXPECT_EQ(plan.chunks_embedded, 60u);
  EXPECT_EQ(plan.documents_embedded, 20u);
  EXPECT_GT(plan.chunks_a_second, 0.0);
  EXPECT_NEAR(plan.embed_seconds, 60 / plan.chunks_a_second, 1e-9);
  EXPECT_EQ(plan.vector_bytes, 60u * (3 * 2 + 12));
}

TEST_F(ReindexPlanTest, AnotherPolicyMakesItsDocumentsAnew) {
  const CollectionPlan plan = PlanOf(same_, "safe_harbor");
  EXPECT_EQ(plan.other_policy, 20u);
  EXPECT_EQ(plan.chunks_embedded, 60u);
  EXPECT_GT(plan.deid_seconds, 0.0);
  EXPECT_GT(PlanOf(same_, "safe_harbor", {}, 5).deid_seconds, 0.0) << "the sample stands for all";
}

TEST_F(ReindexPlanTest, AnotherChunkerEmbedsTheChunksThatItCutsElsewhere) {
  std::string paragraph;
  for (int i = 0; i < 60; ++i) paragraph += "Nurse number " + std::to_string(i) + " keeps this floor dry all night. ";
  index_.Put({.id = "0", .version = 2, .text = paragraph + "\n"});  // the only one long enough to be cut
  index_.Show();
  const CollectionPlan plan = PlanOf(same_, "none", {.target_tokens = 40, .max_tokens = 64});
  EXPECT_EQ(plan.documents_embedded, 1u);
  EXPECT_GT(plan.chunks_then, plan.chunks);
  EXPECT_GE(plan.chunks_embedded, plan.chunks_then - 57);
  EXPECT_LE(plan.chunks_embedded, plan.chunks_then - 57 + 1) << "the 19 others stay as they are";
}

TEST_F(ReindexPlanTest, ASampleStandsForAll) {
  const CollectionPlan plan = PlanOf(other_, "none", {}, 5);
  EXPECT_EQ(plan.sampled, 5u);
  EXPECT_EQ(plan.chunks_embedded, 60u) << "all documents are alike";
  EXPECT_EQ(plan.documents_embedded, 20u);
}

TEST_F(ReindexPlanTest, AModelThatDoesNotAnswerIsAnError) {
  OtherModel broken;
  broken.fails = true;
  const model::WordsCounter counter;
  const auto chunker = chunk::Chunker::Make({}, counter).value();
  const auto view = index_.engine->view();
  const auto policy = deid::FindPolicy("none").value();
  const PlanParts parts{.view = *view, .keys = TestKeys(), .chunker = *chunker, .embedder = broken, .policy = *policy};
  EXPECT_EQ(PlanCollection(parts, kPolicies, {}).code(), Code::kUnavailable);
  EXPECT_EQ(PlanCollection(parts, CollectionName("unheard-of"), {})->documents, 0u);
}

// The command, over a directory that another store has open.
class PlanCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path(::testing::TempDir()) / "plan_test";
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_ / "data");
    key_ = KeyRing::NewKeyLine() + "\n";
    std::ofstream(directory_ / "tenant.key") << key_;
    Configure("none");
  }
  void Configure(const std::string& policy) {
    std::ofstream(directory_ / "next.yaml") << "tenant: clinic\ndata_dir: " << (directory_ / "data").string()
                                            << "\nkeys: {tenant: \"${FILE:" << (directory_ / "tenant.key").string()
                                            << "}\"}\nsources:\n  - {name: files, connector: folder, collection: "
                                               "policies, options: {root: ./policies}}\ncollections:\n  - {name: "
                                               "policies, deidentify: "
                                            << policy << "}\nembedder: {kind: hashing}\n";
  }
  int Run(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"plan", "--config", (directory_ / "next.yaml").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::istringstream in;
    out_.str("");
    err_.str("");
    Terminal terminal{.in = in, .out = out_, .err = err_};
    return static_cast<int>(RunCommandLine(AllCommands(), arguments, terminal));
  }

  std::filesystem::path directory_;
  std::string key_;
  std::ostringstream out_, err_;
};

TEST_F(PlanCommandTest, AnIndexThatIsNotThereIsAnError) {
  EXPECT_NE(Run({}), 0);
  EXPECT_NE(err_.str().find("not_found"), std::string::npos) << err_.str();
  EXPECT_EQ(Run({"--collection", "unheard-of"}), 2);
  EXPECT_EQ(Run({"--sample", "0"}), 2);
}

TEST_F(PlanCommandTest, ReadsTheIndexThatAnotherHasOpen) {
  const KeyRing keys = KeyRing::Parse(key_).value();
  const std::string path = (directory_ / "data" / "index").string();
  const auto index = index::Index::Open({.store = {.path = path}}, keys).value();
  index::SinkInput input = Arrival<EmbeddedDocument>{testing::EmbeddedOf({.id = "a", .text = TextOf(1, 4)}),
                                                     {Stream(1), Partition(0), Offset(0)}};
  ASSERT_TRUE(index->Apply({&input, 1}, Time(std::chrono::hours(1))).ok());
  ASSERT_TRUE(index->store().Refresh().ok());
  ASSERT_TRUE(index->store().Maintain(Time(std::chrono::hours(1))).ok());
  for (const bool other : {false, true}) {
    if (other) Configure("safe_harbor");
    ASSERT_EQ(Run({"--json"}), 0) << err_.str();
    const Json json = Json::parse(out_.str());
    EXPECT_EQ(json["model"], "hashing-384");
    ASSERT_EQ(json["collections"].size(), 1u);
    const Json& row = json["collections"][0];
    EXPECT_EQ(row["name"], "policies");
    EXPECT_EQ(row["documents"], 1);
    EXPECT_EQ(row["other_policy"], other ? 1 : 0);
    EXPECT_EQ(row["chunks_embedded"], other ? 4 : 0);
    EXPECT_GT(json["index_bytes"], 0);
  }
  ASSERT_EQ(Run({}), 0) << err_.str();
  EXPECT_NE(out_.str().find("policies"), std::string::npos);
}

}  // namespace
}  // namespace freshet
