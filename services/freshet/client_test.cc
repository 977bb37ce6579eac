// freshet search, freshet freshness and others: against a server that answers as the query service does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "services/freshet/command.h"

namespace freshet {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kSearchAnswer = R"({"hits": [{"document_id": "precautions.md", "collection": "policies",
 "title": "Contact \u001b[2Jprecautions", "section": ["Gowns", "When"], "text": "Wear gloves.", "score": 0.8301}],
 "as_of": "2026-01-31T09:30:00.000Z", "staleness_ms": 180, "warnings": ["stale"], "took_ms": {"total": 4.6}})";

constexpr const char* kFreshnessAnswer = R"({"now": "2026-01-31T09:30:00.000Z", "sources": [
 {"source": "policies", "collection": "policies", "state": "fresh", "staleness_ms": 180,
  "searchable_ms": {"insert": {"p50": 8, "p95": 12.5, "p99": 20, "count": 3}},
  "slo": [{"name": "searchable", "budget_left": 0.992}], "dead_letters": {"binary_content": 2, "empty_document": 1}}]})";

constexpr const char* kSourcesAnswer = R"({"sources": [
 {"source": "policies", "collection": "policies", "held": [{"snapshot": "3:40", "documents": 200}]},
 {"source": "notes", "collection": "notes", "held": []}]})";

constexpr const char* kQuarantineAnswer = R"({"documents": [
 {"document_id": "00ff/a b", "collection": "notes", "source": "ehr", "version": "1:42", "state": "held",
  "reason": "doubt", "risk": 0.934, "policy": "safe_harbor@1", "since": "2026-01-31T09:30:00.000Z"},
 {"document_id": "00aa", "collection": "notes", "version": "1:7", "state": "released", "reason": "doubt", "risk": 0.9}]})";
constexpr const char* kHeldAnswer = R"({"document_id": "00ff/a b", "version": "1:42", "state": "held",
 "reason": "doubt", "risk": 0.934, "policy": "safe_harbor@1", "text": "Frau \u00d6z\u001b[2J, Ada and MRN 4711.",
 "decisions": [{"start": 5, "end": 7, "type": "NAME", "score": 0.9, "action": "placeholder", "replacement": "[NAME]",
  "detector": "name/title", "why": "Gone."},
  {"start": 13, "end": 16, "type": "NAME", "score": 0.3, "action": "keep", "detector": "model/name",
  "replacement": "", "why": "Left in."}]})";

constexpr const char* kCitationAnswer = R"({"document_id": "00ff/a b", "source": "ehr", "version": "1:42",
 "media_type": "text/plain", "place": {"start": 3, "end": 12}, "original": {"start": 3, "end": 9},
 "blocks": [{"block": 0, "source_place": "line=1"}],
 "pieces": [{"place": {"start": 3, "end": 9}, "original": {"start": 3, "end": 6}, "replaced": "NAME", "text": "A\u001b[2Jda"},
            {"place": {"start": 9, "end": 12}, "original": {"start": 6, "end": 9}, "replaced": null, "text": " is"}]})";

class ClientTest : public testing::Test {
 protected:
  void SetUp() override {
    server_.Post("/v1/search", [this](const httplib::Request& request, httplib::Response& response) {
      Answer(request, response, kSearchAnswer);
    });
    server_.Get("/v1/freshness", [this](const httplib::Request& request, httplib::Response& response) {
      Answer(request, response, kFreshnessAnswer);
    });
    server_.Get("/v1/sources", [this](const httplib::Request& request, httplib::Response& response) {
      Answer(request, response, kSourcesAnswer);
    });
    server_.Post("/v1/sources/([^/]+)/confirm", [this](const httplib::Request& request, httplib::Response& response) {
      confirmed_ = request.matches[1];
      Answer(request, response, R"({"confirmed": true, "snapshot": "3:40", "documents": 200})");
    });
    server_.Get("/v1/quarantine", [this](const httplib::Request& request, httplib::Response& response) {
      Answer(request, response, kQuarantineAnswer);
    });
    const auto held = [this](const httplib::Request& request, httplib::Response& response) {
      confirmed_ += request.method + " " + request.target + "; ";
      Answer(request, response, kHeldAnswer);
    };
    server_.Get("/v1/quarantine/(.+)", held);
    server_.Post("/v1/quarantine/(.+)", held);
    server_.Get("/v1/documents/(.+)/citation", [this](const httplib::Request& request, httplib::Response& response) {
      confirmed_ = request.target;
      Answer(request, response, kCitationAnswer);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  void TearDown() override {
    server_.stop();
    thread_.join();
  }

  void Answer(const httplib::Request& request, httplib::Response& response, const std::string& answer) {
    authorization_ = request.get_header_value("Authorization");
    request_ = request.body;
    if (fail_after_ >= 0 && fail_after_-- == 0) status_ = 503;
    response.status = status_;
    response.set_content(status_ == 200 ? (answer_.empty() ? answer : answer_) : problem_, "application/json");
  }

  int Run(std::vector<std::string> arguments, bool colour = false) {
    arguments.insert(arguments.end(), {"--url", "http://127.0.0.1:" + std::to_string(port_), "--token", "t0ken"});
    std::istringstream in;
    out_.str("");
    err_.str("");
    Terminal terminal{in, out_, err_, colour};
    return static_cast<int>(RunCommandLine(AllCommands(), arguments, terminal));
  }

  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
  int status_ = 200;
  int fail_after_ = -1;  // answers that go well until all fail; below 0: all go well
  std::string answer_, problem_;
  std::string authorization_, request_, confirmed_;
  std::ostringstream out_, err_;
};

TEST_F(ClientTest, SearchAsksAsToldAndShowsPassages) {
  EXPECT_EQ(Run({"search", "contact precautions", "--collection", "policies", "--top-k", "3", "--mode", "lexical",
                 "--max-staleness", "5s"}),
            0)
      << err_.str();
  EXPECT_EQ(authorization_, "Bearer t0ken");
  EXPECT_EQ(Json::parse(request_), Json::parse(R"({"query": "contact precautions", "collections": ["policies"],
      "top_k": 3, "mode": "lexical", "max_staleness_ms": 5000.0})"));
  EXPECT_EQ(out_.str(),
            "1. Contact [2Jprecautions  0.830\n"
            "   policies · precautions.md · Gowns › When\n"
            "   Wear gloves.\n\n"
            "1 passage, as of 2026-01-31T09:30:00.000Z (180 ms behind), in 4.6 ms.\n"
            "Warning: stale\n");
}

TEST_F(ClientTest, ColoursAreForTerminals) {
  EXPECT_EQ(Run({"search", "x"}, true), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\x1b[1m1. Contact [2Jprecautions\x1b[0m"));
}

TEST_F(ClientTest, JsonIsTheAnswerAsItIs) {
  EXPECT_EQ(Run({"search", "x", "--json"}), 0);
  EXPECT_EQ(out_.str(), std::string(kSearchAnswer) + "\n");
  EXPECT_EQ(Run({"freshness", "--json"}), 0);
  EXPECT_EQ(out_.str(), std::string(kFreshnessAnswer) + "\n");
}

TEST_F(ClientTest, NothingFoundIsSaid) {
  answer_ = R"({"hits": [], "as_of": "2026-01-31T09:30:00.000Z"})";
  EXPECT_EQ(Run({"search", "x"}), 0);
  EXPECT_EQ(out_.str(), "No passage found, as of 2026-01-31T09:30:00.000Z (- behind), in -.\n");
}

TEST_F(ClientTest, FreshnessIsATable) {
  EXPECT_EQ(Run({"freshness"}), 0);
  std::istringstream lines(out_.str());
  std::string headings, row;
  std::getline(lines, headings);
  std::getline(lines, row);
  EXPECT_THAT(headings, testing::StartsWith("source    collection  state  behind  insert p50 / p95"));
  EXPECT_THAT(row, testing::StartsWith("policies  policies    fresh  180 ms  8.0 ms / 12.5 ms"));
  EXPECT_THAT(row, HasSubstr("99.2 % of searchable"));
  EXPECT_THAT(row, testing::EndsWith("3"));
}

TEST_F(ClientTest, SourcesAreListedWithWhatWaitsForAPerson) {
  EXPECT_EQ(Run({"source", "list"}), 0);
  std::istringstream lines(out_.str());
  std::string headings, policies, notes;
  std::getline(lines, headings);
  std::getline(lines, policies);
  std::getline(lines, notes);
  EXPECT_THAT(headings, testing::StartsWith("source    collection  held deletes  of snapshot"));
  EXPECT_THAT(policies, testing::MatchesRegex("policies  policies +200  3:40 *"));
  EXPECT_THAT(notes, testing::MatchesRegex("notes +notes +-  - *"));
  EXPECT_EQ(Run({"source", "list", "--json"}), 0);
  EXPECT_EQ(Json::parse(out_.str()), Json::parse(kSourcesAnswer));
}

// Whether said or looked up, the request names the snapshot.
TEST_F(ClientTest, AConfirmNamesTheSnapshotThatItConfirms) {
  EXPECT_EQ(Run({"source", "confirm", "policies"}), 0) << err_.str();
  EXPECT_EQ(confirmed_, "policies");
  EXPECT_EQ(Json::parse(request_), Json::parse(R"({"snapshot": "3:40"})"));
  EXPECT_EQ(out_.str(), "Confirmed: 200 documents that snapshot 3:40 of policies did not mention are deleted.\n");
  EXPECT_EQ(Run({"source", "confirm", "policies", "--snapshot", "2:7", "--json"}), 0);
  EXPECT_EQ(Json::parse(request_), Json::parse(R"({"snapshot": "2:7"})"));
  EXPECT_EQ(Json::parse(out_.str())["documents"], 200);
}

TEST_F(ClientTest, WhatIsNotHeldIsNotConfirmed) {
  EXPECT_EQ(Run({"source", "confirm", "notes"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("not_found: no deletes of this source are held"));
  EXPECT_EQ(Run({"source", "confirm", "letters"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("no source has this name"));
  EXPECT_EQ(confirmed_, "");
}

TEST_F(ClientTest, EverySloIsShownWithItsState) {
  answer_ =
      R"({"sources": [{"source": "policies", "slo": [{"name": "searchable", "budget_left": 0, "state": "violated"},
    {"name": "revoked", "budget_left": 0.5, "state": "at_risk"}]}]})";
  EXPECT_EQ(Run({"freshness"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("0.0 % of searchable, violated; 50.0 % of revoked, at risk"));
}

TEST_F(ClientTest, WhatIsNotWholeIsNeverCalledWhole) {
  answer_ = R"({"sources": [{"source": "policies", "slo": [{"name": "searchable", "budget_left": 0.9997}]}]})";
  EXPECT_EQ(Run({"freshness"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("99.9 % of searchable"));
}

TEST_F(ClientTest, WhatWaitsForAPersonAndAClockThatIsAheadAreSaidBelow) {
  answer_ = R"({"sources": [
    {"source": "policies", "held_deletes": 1, "clock_ahead_ms": {"max": null, "count": 0}},
    {"source": "no\u001b[2Jtes", "held_deletes": 30, "clock_ahead_ms": {"max": 30000, "count": 1}}, {"source": "labs"}]})";
  EXPECT_EQ(Run({"freshness"}), 0);
  EXPECT_THAT(out_.str(),
              testing::EndsWith("\n\npolicies: 1 delete waits for `freshet source confirm`.\n"
                                "no[2Jtes: 30 deletes wait for `freshet source confirm`.\n"
                                "no[2Jtes: its clock is ahead of ours, up to 30.0 s, in 1 change of 24 hours.\n"));
  answer_ = R"({"sources": [{"source": "labs", "held_deletes": 0, "lanes": {"backfill": {"stalled_ms": 30000}}}]})";
  EXPECT_EQ(Run({"freshness"}), 0);
  EXPECT_THAT(out_.str(), testing::Not(HasSubstr("labs:")));
  answer_ = R"({"sources": [{"source": "labs", "lanes": {"backfill": {"stalled_ms": 240000}}}]})";
  EXPECT_EQ(Run({"freshness"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("labs: nothing of its backfill has come for 4.0 min.\n"));
}

TEST_F(ClientTest, WatchShowsItAgainAndWaitsForAServerThatRestarts) {
  std::vector<std::string> watch = {"freshness", "--watch", "--every", "100ms", "--times", "2"};
  EXPECT_EQ(Run(watch), 0) << err_.str();
  const std::string shown = out_.str();
  const size_t first = shown.find("2026-01-31T09:30:00.000Z");
  EXPECT_NE(shown.find("2026-01-31T09:30:00.000Z", first + 1), shown.npos) << shown;
  EXPECT_THAT(shown, testing::Not(HasSubstr("\x1b["))) << "no terminal";
  EXPECT_EQ(Run(watch, true), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\x1b[H\x1b[2J"));
  EXPECT_EQ(Run({"freshness", "--watch", "--json"}), 2);
  fail_after_ = 1;
  EXPECT_EQ(Run(watch), 1);
  EXPECT_THAT(out_.str(), testing::AllOf(HasSubstr("policies"), HasSubstr("unavailable: HTTP 503")));
  EXPECT_EQ(Run(watch), 1) << "not there at all";
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ClientTest, AProblemIsToldWithItsCode) {
  status_ = 401;
  problem_ = R"({"type": "about:blank", "title": "Unauthenticated", "status": 401, "code": "unauthenticated",
                "detail": "No caller is known by this token."})";
  EXPECT_EQ(Run({"search", "x"}), 2);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(), "freshet: unauthenticated: No caller is known by this token.\n");
  EXPECT_EQ(Run({"search", "x", "--json"}), 2);
  EXPECT_EQ(Json::parse(out_.str())["code"], "unauthenticated") << "one JSON value, whatever happened";
}

TEST_F(ClientTest, AnErrorThatIsNoProblemIsStillOne) {
  status_ = 503;
  problem_ = "<html>";
  EXPECT_EQ(Run({"freshness"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("unavailable: HTTP 503"));
  status_ = 200;
  answer_ = "[]";
  EXPECT_EQ(Run({"freshness"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("no JSON object"));
}

TEST_F(ClientTest, AnAnswerOfOtherShapesNeverCrashes) {
  for (const char* answer :
       {R"({"hits": 7, "took_ms": []})", R"({"hits": [1, null, {"section": {"a": 1}, "text": 3}]})",
        R"({"sources": [null, {"slo": {}, "searchable_ms": 1, "dead_letters": [1, "x"]}]})", "{}"}) {
    answer_ = answer;
    EXPECT_EQ(Run({"search", "x"}), 0) << answer;
    EXPECT_EQ(Run({"freshness"}), 0) << answer;
  }
}

TEST_F(ClientTest, QuarantineListsWhatIsHeldAndWhy) {
  EXPECT_EQ(Run({"quarantine", "list"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("00ff/a b  notes       ehr     1:42     held      doubt   0.93"));
  EXPECT_EQ(authorization_, "Bearer t0ken");
  answer_ = R"({"documents": []})";
  EXPECT_EQ(Run({"quarantine", "list"}), 0);
  EXPECT_EQ(out_.str(), "Nothing is in quarantine.\n");
  EXPECT_EQ(Run({"quarantine", "list", "--json"}), 0);
  EXPECT_EQ(Json::parse(out_.str()), Json::parse(answer_));
}

TEST_F(ClientTest, QuarantineShowMarksWhatGoesAndWhatIsDoubted) {
  EXPECT_EQ(Run({"quarantine", "show", "00ff/a b", "--collection", "notes"}), 0) << err_.str();
  EXPECT_EQ(confirmed_, "GET /v1/quarantine/00ff/a%20b?collection=notes; ");
  EXPECT_THAT(out_.str(), HasSubstr("Frau {\u00d6z => [NAME]}"));
  EXPECT_THAT(out_.str(), HasSubstr("?Ada?"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(out_.str(), HasSubstr("Version 1:42, held for doubt, risk 0.93, policy safe_harbor@1."));
}

TEST_F(ClientTest, QuarantineReleasesOneVersion) {
  EXPECT_EQ(Run({"quarantine", "release", "00ff", "--collection", "notes"}), 2) << "which version?";
  EXPECT_EQ(Run({"quarantine", "release", "00ff", "--collection", "notes", "--version", "1:42"}), 0) << err_.str();
  EXPECT_EQ(confirmed_, "POST /v1/quarantine/00ff/release; ");
  EXPECT_EQ(Json::parse(request_), Json::parse(R"({"collection": "notes", "version": "1:42"})"));
  status_ = 403;
  problem_ = R"({"code": "permission_denied", "detail": "only reviewers look into quarantine"})";
  EXPECT_EQ(Run({"quarantine", "release", "00ff", "--collection", "notes", "--version", "1:42"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("only reviewers"));
}

TEST_F(ClientTest, QuarantineRunsOneOrAllHeldAgain) {
  EXPECT_EQ(Run({"quarantine", "rerun", "--collection", "notes"}), 2);
  EXPECT_EQ(Run({"quarantine", "rerun", "00ff", "--all", "--collection", "notes"}), 2);
  EXPECT_EQ(Run({"quarantine", "rerun", "--all", "--collection", "notes"}), 0) << err_.str();
  EXPECT_EQ(confirmed_, "POST /v1/quarantine/00ff/a%20b/rerun; ") << "what is released is on its way already";
  EXPECT_THAT(out_.str(), HasSubstr("On their way through de-identification: 1."));
}

TEST_F(ClientTest, CitationShowsWhatAPlaceStandsFor) {
  const std::vector<std::string> asked = {"citation", "00ff/a b", "--collection", "notes", "--range", "3:12"};
  EXPECT_EQ(Run(asked), 0) << err_.str();
  EXPECT_EQ(confirmed_, "/v1/documents/00ff/a%20b/citation?collection=notes&start=3&end=12");
  EXPECT_THAT(out_.str(), HasSubstr("Version 1:42 of ehr: 3:12 stands for 3:9 of the original (text/plain; line=1)."));
  EXPECT_THAT(out_.str(), HasSubstr("3:9    3:6       NAME"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("da")));
  std::vector<std::string> more = asked;
  more.insert(more.end(), {"--version", "1:42", "--text"});
  EXPECT_EQ(Run(more), 0);
  EXPECT_THAT(confirmed_, HasSubstr("&version=1%3A42&text=true"));
  EXPECT_THAT(out_.str(), HasSubstr("A[2Jda"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("\x1b")));
  more.push_back("--json");
  EXPECT_EQ(Run(more), 0);
  EXPECT_EQ(Json::parse(out_.str()), Json::parse(kCitationAnswer));
}

TEST_F(ClientTest, CitationNeedsARangeAndARight) {
  for (const char* range : {"3", "3:", ":12", "a:b", "3:12:4", "-1:2"}) {
    EXPECT_EQ(Run({"citation", "00ff", "--collection", "notes", "--range", range}), 2) << range;
  }
  EXPECT_EQ(confirmed_, "");
  status_ = 403;
  problem_ = R"({"code": "permission_denied", "detail": "only members of freshet-originals"})";
  EXPECT_EQ(Run({"citation", "00ff", "--collection", "notes", "--range", "3:12"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("freshet-originals"));
}

}  // namespace
}  // namespace freshet
