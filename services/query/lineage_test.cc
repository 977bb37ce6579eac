// GET /v1/documents/{id}/lineage: every state that a document can be in, and who is told of it.
#include "services/query/lineage.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "services/query/testing/test_index.h"

namespace freshet::query {
namespace {

using Json = nlohmann::json;
using freshet::testing::TestIndex;
using namespace std::chrono_literals;

const CollectionName kPolicies("policies");

class LineageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    index_.Allow("open", {"user:ada"});
    index_.Beat();
  }
  Result<std::string> Ask(const Caller& caller, std::string_view id = "a") {
    return LineageJson(*index_.engine, caller, kPolicies, DocumentId(id));
  }
  Json Lineage(const Caller& caller, std::string_view id = "a") {
    const Result<std::string> json = Ask(caller, id);
    EXPECT_TRUE(json.ok()) << json.status().ToString();
    return json.ok() ? Json::parse(*json) : Json();
  }
  std::string Where(std::string_view id = "a") { return Lineage(operator_, id)["where"]; }

  TestIndex index_;
  const Caller ada_ = TestIndex::CallerOf("ada");
  const Caller bob_ = TestIndex::CallerOf("bob");
  const Caller operator_ = TestIndex::CallerOf("olga", {std::string(kOperatorGroup)});
};

TEST_F(LineageTest, TellsTheWholeJourney) {
  index_.Put({.id = "a",
              .version = 7,
              .text = "# One\n\nfloor\n\n# Two\n\nwall\n",
              .committed = index_.clock.Now() - 2s,
              .deid_run = 3});
  index_.Show();
  EXPECT_EQ(Lineage(ada_), Json({{"source", "files"},
                                 {"collection", "policies"},
                                 {"document_id", "a"},
                                 {"where", "searchable"},
                                 {"version", "1:7"},
                                 {"newest_version", "1:7"},
                                 {"revision", {{"deid_run", 3}, {"embed_run", 0}}},
                                 {"stamps",
                                  {{"committed", FormatTime(index_.clock.Now() - 2s)},
                                   {"captured", nullptr},
                                   {"deid", nullptr},
                                   {"chunk", nullptr},
                                   {"embed", nullptr},
                                   {"index", FormatTime(index_.clock.Now())}}},
                                 {"traceparent", ""},
                                 {"policy", "none@1"},
                                 {"model", "hashing-384"},
                                 {"generation", 1},
                                 {"chunks", 2},
                                 {"outdated", false},
                                 {"skipped", nullptr}}));
}

TEST_F(LineageTest, EveryState) {
  index_.Put({.id = "z", .text = "floor\n"});
  index_.Show();
  index_.Put({.id = "a", .version = 1, .text = "floor\n"});
  EXPECT_EQ(Where(), "in flight") << "written, not yet shown";
  index_.Show();
  EXPECT_EQ(Where(), "searchable");
  index_.Change(Withhold{}, 2, "a");
  EXPECT_EQ(Where(), "withheld");
  index_.Change(Release{}, 3, "a");
  EXPECT_EQ(Where(), "searchable");
  index_.Change(Delete{}, 4, "a");
  EXPECT_EQ(Where(), "deleted");
  index_.Skip({.id = "b"}, Code::kBinaryContent);
  index_.Show();
  EXPECT_EQ(Where("b"), "dead-lettered");
}

TEST_F(LineageTest, ASkippedVersionIsToldBesideTheOneThatIsIn) {
  index_.Put({.id = "a", .version = 1, .text = "floor\n"});
  index_.Skip({.id = "a", .version = 2}, Code::kMalformedDocument);
  index_.Show();
  const Json lineage = Lineage(ada_);
  EXPECT_EQ(lineage["where"], "searchable");
  EXPECT_EQ(lineage["outdated"], true);
  EXPECT_EQ(lineage["version"], "1:1");
  EXPECT_EQ(lineage["newest_version"], "1:2");
  EXPECT_EQ(lineage["skipped"], Json::parse(R"({"code": "malformed_document", "stage": "deid"})"));
}

TEST_F(LineageTest, OnlyWhoMaySeeTheDocumentIsToldThatItExists) {
  index_.Put({.id = "a", .text = "floor\n"});
  index_.Show();
  EXPECT_TRUE(Ask(ada_).ok());
  const Status hidden = Ask(bob_).status(), absent = Ask(bob_, "no-such").status();
  EXPECT_EQ(hidden.code(), Code::kNotFound);
  EXPECT_EQ(hidden.ToString(), absent.ToString()) << "the two must not be told apart";
  EXPECT_TRUE(Ask(operator_).ok());
  EXPECT_EQ(Ask(operator_, "no-such").code(), Code::kNotFound);
}

TEST_F(LineageTest, WhatIsGoneIsToldToOperatorsOnly) {
  index_.Put({.id = "a", .text = "floor\n"});
  index_.Put({.id = "b", .text = "floor\n"});
  index_.Skip({.id = "c"}, Code::kQuarantined);
  index_.Show();
  index_.Change(Delete{}, 2, "a");
  index_.Change(Withhold{}, 2, "b");
  for (const char* id : {"a", "b", "c"}) {
    EXPECT_EQ(Ask(ada_, id).code(), Code::kNotFound) << id;
    EXPECT_TRUE(Ask(operator_, id).ok()) << id;
  }
}

TEST_F(LineageTest, AnotherTenantsOperatorIsNobodyHere) {
  index_.Put({.id = "a", .text = "floor\n"});
  index_.Show();
  const Caller other{.user = "olga", .groups = {std::string(kOperatorGroup)}, .tenant = TenantName("other-clinic")};
  EXPECT_EQ(Ask(other).code(), Code::kPermissionDenied);
}

TEST_F(LineageTest, SourcesMayHaveDocumentsOfOneId) {
  TestIndex index({.sources = {{SourceName("files"), kPolicies}, {SourceName("more"), kPolicies}}});
  index.Allow("open", {"user:ada"});
  index.Beat();
  index.Put({.id = "a", .version = 1, .text = "floor\n"});
  index.Put({.id = "a", .version = 2, .text = "floor\n", .source = "more"});
  index.Show();
  const auto ask = [&](const Caller& caller) {
    return Json::parse(LineageJson(*index.engine, caller, kPolicies, DocumentId("a")).value());
  };
  EXPECT_EQ(ask(ada_)["source"], "files");
  EXPECT_FALSE(ask(ada_).contains("others")) << "of the other source ada may not know";
  EXPECT_EQ(ask(operator_)["others"].size(), 1u);
  EXPECT_EQ(ask(operator_)["others"][0]["source"], "more");
}

TEST_F(LineageTest, OperatorsAreMembersOfTheirGroup) {
  EXPECT_TRUE(IsOperator(operator_));
  EXPECT_FALSE(IsOperator(ada_));
  EXPECT_FALSE(IsOperator(TestIndex::CallerOf("freshet-operators")));
  EXPECT_FALSE(IsOperator(TestIndex::CallerOf("x", {"freshet-operator", "Freshet-Operators"})));
}

}  // namespace
}  // namespace freshet::query
