// Quarantine over HTTP: who may do what, what is answered, what the audit log says.
#include "services/query/quarantine.h"

#include <gmock/gmock.h>

#include "services/query/testing/test_server.h"

namespace freshet::query {
namespace {

using freshet::testing::TestServer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Json = nlohmann::json;

class QuarantineTest : public ::testing::Test {
 protected:
  QuarantineTest() {
    server_.held = {{.document = {SourceName("ehr"), CollectionName("notes"), DocumentId("charts/a")},
                     .version = {.epoch = 1, .position = 42},
                     .reason = "doubt",
                     .releasable = true,
                     .risk = 0.93,
                     .policy = "safe_harbor@1"},
                    {.document = {SourceName("ehr"), CollectionName("notes"), DocumentId("b")},
                     .version = {.epoch = 1, .position = 43},
                     .reason = "residue"}};
  }
  // "user action outcome document subject"
  std::string LastLine() const {
    const query::AuditEntry line = server_.audit.entries().back();
    return line.user + " " + line.action + " " + line.outcome + " " +
           (line.documents.empty() ? "-" : line.documents[0]) + " " + line.subject;
  }

  static constexpr const char* kShow = "/v1/quarantine/charts/a?collection=notes";
  static constexpr const char* kRelease = "/v1/quarantine/charts/a/release";
  static constexpr const char* kRerun = "/v1/quarantine/charts/a/rerun";
  TestServer server_;
};

TEST_F(QuarantineTest, ListsWhatIsHeld) {
  const Json rows = TestServer::Json(server_.Get("/v1/quarantine", "rita")).at("documents");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["document_id"], "charts/a");
  EXPECT_EQ(rows[0]["version"], "1:42");
  EXPECT_EQ(rows[0]["state"], "held");
  EXPECT_EQ(rows[0]["risk"], 0.93);
  EXPECT_FALSE(rows[0].contains("released_by"));
  EXPECT_EQ(LastLine(), "rita quarantine ok - ");
}

TEST_F(QuarantineTest, OnlyReviewersOfTheTenantLookInside) {
  EXPECT_EQ(server_.Get("/v1/quarantine", "olga")->status, 200) << "operators see coordinates";
  for (const char* user : {"ada", "olga", "eve"}) {
    EXPECT_EQ(TestServer::Problem(server_.Get(kShow, user)), "403 permission_denied") << user;
    EXPECT_EQ(TestServer::Problem(server_.Post(kRelease, R"({"collection":"notes","version":"1:42"})", user)),
              "403 permission_denied");
    EXPECT_EQ(TestServer::Problem(server_.Post(kRerun, R"({"collection":"notes"})", user)), "403 permission_denied");
  }
  for (const char* user : {"ada", "eve"}) {
    EXPECT_EQ(TestServer::Problem(server_.Get("/v1/quarantine", user)), "403 permission_denied") << user;
  }
  EXPECT_EQ(TestServer::Problem(server_.Get(kShow)), "401 unauthenticated");
  EXPECT_THAT(server_.reviewed, IsEmpty());
  EXPECT_EQ(LastLine(), " quarantine_show unauthenticated - ");
}

TEST_F(QuarantineTest, ShowsTheTextAndLeavesALine) {
  const Json shown = TestServer::Json(server_.Get(kShow, "rita"));
  EXPECT_EQ(shown["text"], "Seen by Ada.");
  EXPECT_EQ(shown["decisions"][0]["start"], 8);
  EXPECT_EQ(shown["decisions"][0]["action"], "keep");
  EXPECT_EQ(LastLine(), "rita quarantine_show ok charts/a ehr notes 1:42");
  EXPECT_EQ(TestServer::Problem(server_.Get("/v1/quarantine/z?collection=notes", "rita")), "404 not_found");
  EXPECT_EQ(TestServer::Problem(server_.Get("/v1/quarantine/charts/a", "rita")), "400 invalid_argument");
}

TEST_F(QuarantineTest, WhatCannotBeAuditedIsNotShown) {
  server_.audit.Fail(Status(Code::kDiskFull, "full"));
  EXPECT_EQ(TestServer::Problem(server_.Get(kShow, "rita")), "503 disk_full");
}

TEST_F(QuarantineTest, ReleasesTheVersionThatWasLookedAt) {
  const Json released = TestServer::Json(server_.Post(kRelease, R"({"collection":"notes","version":"1:42"})", "rita"));
  EXPECT_EQ(released["state"], "released");
  EXPECT_EQ(released["released_by"], "rita");
  EXPECT_EQ(LastLine(), "rita quarantine_release ok charts/a ehr notes 1:42");
  EXPECT_THAT(server_.reviewed, ElementsAre("release charts/a 1:42 rita"));
  EXPECT_EQ(TestServer::Problem(
                server_.Post("/v1/quarantine/b/release", R"({"collection":"notes","version":"1:43"})", "rita")),
            "403 permission_denied");
  for (const char* body :
       {"", "{}", "[]", R"({"collection":"notes"})", R"({"collection":"notes","version":7})",
        R"({"collection":"notes","version":"x"})", R"({"collection":"notes","version":"1:42","more":1})"}) {
    EXPECT_EQ(TestServer::Problem(server_.Post(kRelease, body, "rita")), "400 invalid_argument") << body;
  }
  EXPECT_EQ(server_.reviewed.size(), 1u);
}

TEST_F(QuarantineTest, RunsAgain) {
  EXPECT_EQ(server_.Post(kRerun, R"({"collection":"notes"})", "rita")->status, 200);
  EXPECT_THAT(server_.reviewed, ElementsAre("rerun charts/a"));
  EXPECT_EQ(LastLine(), "rita quarantine_rerun ok charts/a ehr notes 1:42");
  EXPECT_EQ(TestServer::Problem(server_.Post(kRerun, R"({"collection":"other"})", "rita")), "404 not_found");
  EXPECT_EQ(TestServer::Problem(server_.Post(kRerun, "{}", "rita")), "400 invalid_argument");
}

}  // namespace
}  // namespace freshet::query
