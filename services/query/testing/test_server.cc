#include "services/query/testing/test_server.h"

#include <gtest/gtest.h>

namespace freshet::testing {
namespace {

constexpr const char* kTokens = R"(
- {token: token-ada, user: ada, groups: [nurses], tenant: general-hospital}
- {token: token-bob, user: bob, tenant: general-hospital}
- {token: token-olga, user: olga, groups: [freshet-operators], tenant: general-hospital}
- {token: token-rita, user: rita, groups: [freshet-reviewers], tenant: general-hospital}
- {token: token-otto, user: otto, groups: [freshet-originals], tenant: general-hospital}
- {token: token-eve, user: eve, groups: [freshet-operators], tenant: other-clinic}
)";

httplib::Headers HeadersOf(const std::string& user) {
  httplib::Headers headers;
  if (!user.empty()) headers.emplace("Authorization", "Bearer token-" + user);
  return headers;
}

std::unique_ptr<slo::SloBook> BookOf(test::CrashDisk& disk, MetricRegistry& metrics, const Clock& clock) {
  auto history = slo::LatencyHistory::Open({.path = "/freshness", .env = disk.env()});
  EXPECT_TRUE(history.ok()) << history.status().ToString();
  slo::Slo searchable{.name = "searchable", .operations = {"insert", "update"}, .of_content = true};
  slo::Slo revoked{.name = "revoked", .target = std::chrono::seconds(1), .operations = {"delete", "access"}};
  return std::make_unique<slo::SloBook>(
      std::vector<slo::SourcePromises>{{SourceName("files"), {std::move(searchable), std::move(revoked)}}},
      std::move(history).value(), &metrics, clock);
}

}  // namespace

Status TestAudit::Append(const query::AuditEntry& entry) {
  std::lock_guard lock(mutex_);
  if (!fails_.ok()) return fails_;
  entries_.push_back(entry);
  return OkStatus();
}

std::vector<query::AuditEntry> TestAudit::entries() const {
  std::lock_guard lock(mutex_);
  return entries_;
}

void TestAudit::Fail(Status status) {
  std::lock_guard lock(mutex_);
  fails_ = std::move(status);
}

void TestSpans::Add(Span span) {
  std::lock_guard lock(mutex_);
  spans_.push_back(std::move(span));
}

std::vector<Span> TestSpans::spans() const {
  std::lock_guard lock(mutex_);
  return spans_;
}

TestServer::TestServer() {
  callers_ = std::make_unique<query::TokenFile>(query::TokenFile::Parse(kTokens).value());
  slos = BookOf(history_disk, metrics, index.clock);
  query::ServerParts parts{
      .engine = index.engine.get(), .callers = callers_.get(), .audit = &audit, .metrics = &metrics};
  parts.freshness = {
      .engine = index.engine.get(), .metrics = &metrics, .store = &index.index().store(), .slos = slos.get()};
  parts.spans = &spans;
  parts.unready = [this] { return unready; };
  parts.repair = [this](const query::RepairCall& call) -> Result<query::RepairAnswer> {
    repairs.push_back(call);
    if (call.subject == "no-such") return Status(Code::kNotFound, "no source has this name");
    return query::RepairAnswer{"{}", "audited " + call.action};
  };
  parts.confirm_deletes = [this](const store::HeldDeletes& held) {
    confirmed.push_back(held.source.value + " " + held.begin.ToString());
    return OkStatus();
  };
  parts.quarantine = Desk();
  parts.citations = Citations();
  server_ = std::make_unique<query::Server>(query::ServerOptions{.listen = "127.0.0.1:0", .threads = 8}, parts);
  const Result<std::string> started = server_->Start();
  EXPECT_TRUE(started.ok()) << started.status().ToString();
  url = started.ok() ? *started : "";
}

Result<query::HeldDocument> TestServer::FindHeld(const DocumentId& document) const {
  for (const query::HeldDocument& row : held) {
    if (row.document.document == document) return row;
  }
  return Status(Code::kNotFound, "not held");
}

query::QuarantineDesk TestServer::Desk() {
  return {.list = [this] { return held; },
          .show = [this](const CollectionName&, const DocumentId& document) -> Result<query::ShownDocument> {
            FRESHET_ASSIGN_OR_RETURN(const query::HeldDocument found, FindHeld(document));
            return query::ShownDocument{
                .held = found,
                .text = "Seen by Ada.",
                .decisions = {{.start = 8, .end = 11, .type = "NAME", .score = 0.3, .action = "keep"}}};
          },
          .release = [this](const DocumentKey& key, const Version& version,
                            const std::string& user) -> Result<query::HeldDocument> {
            FRESHET_ASSIGN_OR_RETURN(query::HeldDocument found, FindHeld(key.document));
            if (!found.releasable) return Status(Code::kPermissionDenied, "no matter of opinion");
            reviewed.push_back("release " + key.document.value + " " + version.ToString() + " " + user);
            found.released_by = user;
            return found;
          },
          .rerun = [this](const DocumentKey& key) -> Result<query::HeldDocument> {
            reviewed.push_back("rerun " + key.document.value);
            return FindHeld(key.document);
          }};
}

query::CitationDesk TestServer::Citations() {
  return {.resolve = [this](const query::CitationQuestion& question) -> Result<query::CitedPlace> {
    const auto& [start, end] = question.range;
    cited.push_back(question.origin.document.value + " " + question.origin.version.ToString() + " " +
                    std::to_string(start) + "-" + std::to_string(end) + (question.text ? " text" : ""));
    if (while_citing) while_citing();
    if (start >= end) return Status(Code::kInvalidArgument, "the range must lie in the text");
    const size_t cut = start + 1;
    return query::CitedPlace{.media_type = "text/plain",
                             .pieces = {{{start, cut}, {start, start + 3}, "NAME", question.text ? "Ada" : ""},
                                        {{cut, end}, {start + 3, end + 2}, "", question.text ? "same" : ""}}};
  }};
}

TestServer::~TestServer() { server_->Stop(); }

void TestServer::Settle() {
  index.Beat();
  index.Show();
}

httplib::Client TestServer::Client() const { return httplib::Client(url); }

httplib::Result TestServer::Get(const std::string& path, const std::string& user) const {
  return Client().Get(path, HeadersOf(user));
}

httplib::Result TestServer::Post(const std::string& path, const std::string& body, const std::string& user) const {
  return Client().Post(path, HeadersOf(user), body, "application/json");
}

nlohmann::json TestServer::Json(const httplib::Result& result) {
  EXPECT_TRUE(result) << "no answer";
  if (!result) return {};
  EXPECT_EQ(result->status, 200) << result->body;
  EXPECT_EQ(result->get_header_value("Content-Type"), "application/json");
  return nlohmann::json::parse(result->body, nullptr, false);
}

std::string TestServer::Problem(const httplib::Result& result) {
  EXPECT_TRUE(result) << "no answer";
  if (!result) return "no answer";
  EXPECT_EQ(result->get_header_value("Content-Type"), "application/problem+json") << result->body;
  const auto problem = nlohmann::json::parse(result->body, nullptr, false);
  if (!problem.is_object()) return "no JSON";
  std::vector<std::string> keys;
  for (const auto& [key, value] : problem.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"code", "detail", "status", "title", "trace_id", "type"}));
  EXPECT_EQ(problem["status"], result->status) << "the body must say the status of the answer";
  EXPECT_TRUE(CodeOf(problem["code"].get<std::string>())) << "a code of the closed table";
  EXPECT_EQ(problem["trace_id"].get<std::string>().size(), 32u);
  return std::to_string(result->status) + " " + problem["code"].get<std::string>();
}

}  // namespace freshet::testing
