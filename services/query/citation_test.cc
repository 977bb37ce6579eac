// A citation's original over HTTP: who may ask, for what, what is answered and what the audit log says.
#include "services/query/citation.h"

#include <gmock/gmock.h>

#include "services/query/testing/json_schema.h"
#include "services/query/testing/test_server.h"

namespace freshet::query {
namespace {

using freshet::testing::SchemaMistakes;
using freshet::testing::TestServer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Json = nlohmann::json;

class CitationTest : public ::testing::Test {
 protected:
  CitationTest() {
    server_.index.Allow("open", {"group:everyone"});
    server_.index.Allow("closed", {"user:ada"});
    server_.index.Put({.id = "ward/a", .text = "# Falls\n\nKeep the floor dry.\n"});
    server_.index.Put({.id = "b", .text = "Not for Otto.\n", .scope = "closed"});
    server_.Settle();
  }
  // "user action outcome document subject"
  std::string LastLine() const {
    const query::AuditEntry line = server_.audit.entries().back();
    return line.user + " " + line.action + " " + line.outcome + " " +
           (line.documents.empty() ? "-" : line.documents[0]) + " " + line.subject;
  }
  static std::string Path(const std::string& document, const std::string& rest) {
    return "/v1/documents/" + document + "/citation?collection=policies" + rest;
  }

  TestServer server_;
};

TEST_F(CitationTest, SaysWhichPlacesOfTheOriginalAPlaceStandsFor) {
  const auto result = server_.Get(Path("ward/a", "&start=2&end=20"), "otto");
  const Json answer = TestServer::Json(result);
  EXPECT_EQ(answer["place"], Json::parse(R"({"start": 2, "end": 20})"));
  EXPECT_EQ(answer["original"], Json::parse(R"({"start": 2, "end": 22})"));
  EXPECT_EQ(answer["version"], "1:1");
  EXPECT_EQ(answer["blocks"].size(), 2u) << "the heading and the paragraph";
  EXPECT_EQ(answer["pieces"][0]["replaced"], "NAME");
  EXPECT_EQ(answer["pieces"][1]["replaced"], nullptr);
  EXPECT_FALSE(answer["pieces"][0].contains("text"));
  EXPECT_THAT(server_.cited, ElementsAre("ward/a 1:1 2-20"));
  EXPECT_EQ(LastLine(), "otto citation ok ward/a files policies 1:1 2:20");
  const Json openapi = TestServer::Json(server_.Get("/openapi.json", "otto"));
  EXPECT_EQ(SchemaMistakes(answer, openapi, std::string("#/components/schemas/Citation")), "");
}

TEST_F(CitationTest, TheWordsOnlyWhereTheyAreAskedForAndTheAuditSaysSo) {
  const Json answer = TestServer::Json(server_.Get(Path("ward/a", "&start=2&end=20&text=true"), "otto"));
  EXPECT_EQ(answer["pieces"][0]["text"], "Ada");
  EXPECT_EQ(LastLine(), "otto citation ok ward/a files policies 1:1 2:20 text");
  EXPECT_EQ(LastLine().find("Ada"), std::string::npos);
}

TEST_F(CitationTest, OnlyTheEntitledAsk) {
  for (const char* user : {"ada", "bob", "olga", "rita", "eve"}) {
    EXPECT_EQ(TestServer::Problem(server_.Get(Path("ward/a", "&start=2&end=20"), user)), "403 permission_denied")
        << user;
    EXPECT_EQ(LastLine(), std::string(user) + " citation permission_denied - ");
  }
  EXPECT_EQ(TestServer::Problem(server_.Get(Path("ward/a", "&start=2&end=20"))), "401 unauthenticated");
  EXPECT_THAT(server_.cited, IsEmpty());
}

TEST_F(CitationTest, AndOnlyForWhatTheyMayRead) {
  EXPECT_EQ(TestServer::Problem(server_.Get(Path("b", "&start=0&end=3"), "otto")), "404 not_found");
  EXPECT_EQ(TestServer::Problem(server_.Get(Path("nowhere", "&start=0&end=3"), "otto")), "404 not_found");
  server_.index.Change(Withhold{Code::kQuarantined}, 1, "ward/a");
  EXPECT_EQ(TestServer::Problem(server_.Get(Path("ward/a", "&start=0&end=3"), "otto")), "404 not_found");
  EXPECT_THAT(server_.cited, IsEmpty());
}

TEST_F(CitationTest, OfTheVersionThatWasCited) {
  EXPECT_EQ(server_.Get(Path("ward/a", "&start=2&end=20&version=1:1"), "otto")->status, 200);
  EXPECT_EQ(TestServer::Problem(server_.Get(Path("ward/a", "&start=2&end=20&version=1:2"), "otto")), "404 not_found");
}

TEST_F(CitationTest, WhatIsRevokedMeanwhileIsNotShown) {
  server_.while_citing = [this] { server_.index.Allow("open", {"group:everyone"}, {"user:otto"}); };
  EXPECT_EQ(TestServer::Problem(server_.Get(Path("ward/a", "&start=2&end=20&text=true"), "otto")), "404 not_found");
  EXPECT_EQ(server_.cited.size(), 1u);
}

TEST_F(CitationTest, RefusesWhatIsNoRange) {
  for (const char* rest : {"", "&start=2", "&end=2", "&start=a&end=9", "&start=-1&end=9", "&start=&end=9",
                           "&start=2&end=20&text=yes", "&start=2&end=20&version=x", "&start=2&end=20&more=1",
                           "&start=9&end=9", "&start=1&end=99999999999999999999999"}) {
    EXPECT_EQ(TestServer::Problem(server_.Get(Path("ward/a", rest), "otto")), "400 invalid_argument") << rest;
  }
  EXPECT_EQ(TestServer::Problem(server_.Get("/v1/documents/ward/a/citation?start=2&end=20", "otto")),
            "400 invalid_argument");
}

TEST_F(CitationTest, WhatCannotBeAuditedIsNotShown) {
  server_.audit.Fail(Status(Code::kDiskFull, "full"));
  EXPECT_EQ(TestServer::Problem(server_.Get(Path("ward/a", "&start=2&end=20"), "otto")), "503 disk_full");
}

}  // namespace
}  // namespace freshet::query
