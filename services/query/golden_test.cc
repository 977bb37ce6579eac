// The small golden set gates the search: the demo's policies, its questions (demo/golden.jsonl), each asked by its
// caller.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "services/query/evaluate.h"
#include "services/query/testing/test_index.h"

namespace freshet::query {
namespace {

using freshet::testing::TestIndex;

const std::filesystem::path kPolicies = "demo/policies";

class GoldenSet : public ::testing::Test {
 protected:
  GoldenSet() {
    index_.Allow("open", {"group:staff"});
    index_.Allow("executive", {"group:executives", "group:infection-control"});
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kPolicies)) {
      if (entry.path().extension() != ".md") continue;
      std::ifstream file(entry.path());
      std::stringstream text;
      text << file.rdbuf();
      const std::string id = std::filesystem::relative(entry.path(), kPolicies).string();
      names_.push_back(id);
      texts_.push_back(text.str());
    }
    for (size_t i = 0; i < names_.size(); ++i) {
      index_.Put({.id = names_[i],
                  .version = 1,
                  .text = texts_[i],
                  .scope = names_[i].starts_with("executive") ? "executive" : "open",
                  .title = texts_[i].substr(2, texts_[i].find('\n') - 2)});
    }
    index_.Beat();
    index_.Show();
    std::ifstream golden("demo/golden.jsonl");
    auto read = ReadGolden(golden);
    EXPECT_TRUE(read.ok()) << read.status().ToString();
    if (read.ok()) questions_ = *std::move(read);
  }

  std::vector<std::string> Ranked(const GoldenQuestion& question, Mode mode) {
    static const std::map<std::string, std::vector<std::string>> kGroups = {
        {"ada", {"staff", "infection-control"}}, {"bob", {"staff"}}, {"carol", {}}};
    const Caller caller = TestIndex::CallerOf(question.caller, kGroups.at(question.caller));
    const auto answer = index_.engine->Search(caller, {.query = question.question, .top_k = 30, .mode = mode}, "trace");
    EXPECT_TRUE(answer.ok());
    std::vector<std::string> ranked;
    if (!answer.ok()) return ranked;
    for (const SearchHit& hit : answer->hits) ranked.push_back(hit.document.value);
    return ranked;
  }

  struct Means {
    double ndcg = 0, recall = 0;
    size_t leaks = 0;
  };
  Means Ask(Mode mode) {
    Means means;
    double judged = 0;
    for (const GoldenQuestion& question : questions_) {
      const QuestionFigures figures = Judge(question, Ranked(question, mode), 10);
      means.leaks += figures.leaks;
      if (question.relevant.empty()) continue;
      judged += 1;
      means.ndcg += figures.ndcg;
      means.recall += figures.recall;
    }
    means.ndcg /= judged;
    means.recall /= judged;
    return means;
  }

  TestIndex index_;
  std::vector<std::string> names_, texts_;
  std::vector<GoldenQuestion> questions_;
};

TEST_F(GoldenSet, NamesDocumentsThatAreThere) {
  ASSERT_GE(questions_.size(), 10u);
  for (const GoldenQuestion& question : questions_) {
    for (const auto& [name, grade] : question.relevant) EXPECT_EQ(std::count(names_.begin(), names_.end(), name), 1);
    for (const std::string& name : question.forbidden) EXPECT_EQ(std::count(names_.begin(), names_.end(), name), 1);
  }
}

TEST_F(GoldenSet, WordsFindTheRightPolicies) {
  const Means means = Ask(Mode::kLexical);
  EXPECT_GE(means.ndcg, 0.9);
  EXPECT_GE(means.recall, 0.9);
  EXPECT_EQ(means.leaks, 0u);
}

// The hashing embedder knows no meaning: it must not spoil much, and show nothing forbidden.
TEST_F(GoldenSet, EveryModeKeepsWhatIsForbidden) {
  EXPECT_EQ(Ask(Mode::kVector).leaks, 0u);
  const Means hybrid = Ask(Mode::kHybrid);
  EXPECT_EQ(hybrid.leaks, 0u);
  EXPECT_GE(hybrid.ndcg, 0.75);
}

TEST_F(GoldenSet, OfADocumentOnlyTheBestPassageWhereAskedFor) {
  const auto ask = [&](size_t top_k, bool one) {
    const auto answer = index_.engine->Search(
        TestIndex::CallerOf("bob", {"staff"}),
        {.query = "hands gloves room heparin", .top_k = top_k, .mode = Mode::kLexical, .one_per_document = one},
        "trace");
    EXPECT_TRUE(answer.ok());
    return answer.ok() ? answer->hits : std::vector<SearchHit>();
  };
  const auto documents = [](const std::vector<SearchHit>& hits) {
    std::set<std::string> names;
    for (const SearchHit& hit : hits) names.insert(hit.document.value);
    return names;
  };
  const std::vector<SearchHit> all = ask(50, false), one = ask(50, true);
  EXPECT_GT(all.size(), documents(all).size());
  EXPECT_EQ(one.size(), documents(one).size());
  EXPECT_EQ(documents(one), documents(all));
  EXPECT_EQ(one[0].passage.text, all[0].passage.text);
  EXPECT_EQ(documents(ask(3, true)).size(), 3u) << "the place of a second passage is another document's";
}

}  // namespace
}  // namespace freshet::query
