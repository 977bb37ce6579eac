// TestServer: the HTTP API over a TestIndex, on a free port of this machine.
//
//   TestServer server;
//   server.index.Put({.id = "a", .text = "floor\n"});   server.Settle();
//   httplib::Result answer = server.Post("/v1/search", R"({"query": "floor"})", "ada");
//
// Tokens are "token-" and the user's name: ada, bob; olga is an operator, rita a reviewer, otto may see originals, eve
// is another tenant's operator. One thread feeds; any thread asks.
#pragma once

#include <httplib.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/slo/slo_book.h"
#include "services/query/server.h"
#include "services/query/testing/test_index.h"

namespace freshet::testing {

// An audit log in memory, which can be told to fail.
class TestAudit final : public query::AuditLog {
 public:
  Status Append(const query::AuditEntry& entry) override;
  std::vector<query::AuditEntry> entries() const;
  void Fail(Status status);

 private:
  mutable std::mutex mutex_;
  std::vector<query::AuditEntry> entries_;
  Status fails_;
};

// What would be told to a collector.
class TestSpans final : public SpanSink {
 public:
  void Add(Span span) override;
  std::vector<Span> spans() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Span> spans_;
};

class TestServer {
 public:
  TestServer();
  ~TestServer();

  void Settle();  // everything applied is shown and vouched for

  // `user` empty: no token.
  httplib::Result Get(const std::string& path, const std::string& user = "") const;
  httplib::Result Post(const std::string& path, const std::string& body, const std::string& user = "") const;
  httplib::Client Client() const;
  // An answer of 200 as JSON; fails the test otherwise.
  static nlohmann::json Json(const httplib::Result& result);
  // "400 invalid_argument"; fails the test where it is no problem document of that status.
  static std::string Problem(const httplib::Result& result);

  TestIndex index;
  TestAudit audit;
  TestSpans spans;  // requests that begin a trace of their own are not sampled
  MetricRegistry metrics;
  test::CrashDisk history_disk{2};
  std::unique_ptr<slo::SloBook> slos;      // of "files": searchable within 5 s, revoked within 1 s
  std::vector<std::string> unready;        // set before asking
  std::vector<query::RepairCall> repairs;  // that operators asked for; answered with {}
  std::vector<std::string> confirmed;      // "source snapshot" whose deletes were let through
  std::vector<query::HeldDocument> held;   // in quarantine
  std::vector<std::string> reviewed;       // "release a 1:42 rita", "rerun a"
  std::vector<std::string> cited;          // "a 1:42 3-9 text" that were resolved: two pieces each, the first replaced
  std::function<void()> while_citing;      // called meanwhile
  std::string url;

 private:
  query::QuarantineDesk Desk();
  query::CitationDesk Citations();
  Result<query::HeldDocument> FindHeld(const DocumentId& document) const;

  std::unique_ptr<query::TokenFile> callers_;
  std::unique_ptr<query::Server> server_;
};

}  // namespace freshet::testing
