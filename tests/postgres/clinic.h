// A small hospital in a real PostgreSQL, and a connector over it: what the tests of this folder share.
//
//   Clinic clinic(*server, "a");                       // schema, slot and publication of that name
//   clinic.Run("INSERT INTO note VALUES (1, 'text', 'icu')");
//   ASSERT_TRUE(clinic.Settle().ok());                 // steps the connector until it has published all of it
//   EXPECT_EQ(clinic.Published().Contents(), clinic.Expected());
#pragma once

#include <gtest/gtest.h>

#include "common/config/yaml.h"
#include "connectors/kit/kit_host.h"
#include "connectors/postgres/connector.h"
#include "connectors/postgres/local_server.h"
#include "connectors/rows/testing.h"

namespace freshet::postgres {

using namespace std::chrono_literals;

// The program's one server; nothing where the machine has none.
inline LocalServer* TheServer() {
  static const std::unique_ptr<LocalServer> server = []() -> std::unique_ptr<LocalServer> {
    auto started = LocalServer::Start({.directory = ::testing::TempDir() + "/postgres"});
    EXPECT_TRUE(started.ok()) << started.status().ToString();
    return started.ok() ? std::move(*started) : nullptr;
  }();
  return server.get();
}

class Clinic {
 public:
  // Of a hospital that is there already: `made` false.
  Clinic(LocalServer& server, std::string name, std::string more = "", bool made = true)
      : server_(server), name_(std::move(name)), more_(std::move(more)) {
    if (!made) return;
    Run("CREATE SCHEMA " + name_);
    Run("CREATE TABLE note (id int PRIMARY KEY, body text, ward text)");
    Run("CREATE TABLE addendum (note_id int, seq int, body text, PRIMARY KEY (note_id, seq))");
    Run("CREATE TABLE memo (id int PRIMARY KEY, body text, ward text, extra text)");
    Run("CREATE TABLE ward_reader (ward text, login text, PRIMARY KEY (ward, login))");
    Run("ALTER TABLE note ALTER body SET STORAGE EXTERNAL; ALTER TABLE memo ALTER body SET STORAGE EXTERNAL");
  }

  // On a connection of its own, made again where the server was gone.
  Result<SqlRows> TryRun(const std::string& sql) {
    if (sql_ == nullptr) {
      auto client = SqlClient::Connect(server_.url(), SqlClient::Kind::kQueries);
      if (!client.ok()) return client.status();
      sql_ = std::move(*client);
      (void)sql_->Query("SET search_path = " + name_);
      if (!setting.empty()) (void)sql_->Query("SET " + setting);
    }
    Result<SqlRows> rows = sql_->Query(sql);
    if (!rows.ok() && PQstatus(sql_->raw()) != CONNECTION_OK) sql_.reset();
    return rows;
  }
  SqlRows Run(const std::string& sql) {
    Result<SqlRows> rows = TryRun(sql);
    EXPECT_TRUE(rows.ok()) << rows.status().ToString() << " " << sql.substr(0, 80);
    return rows.ok() ? *rows : SqlRows();
  }

  std::string Yaml() const {
    const auto table = [this](const std::string& t) { return name_ + "." + t; };
    return "connection: \"" + server_.url() + "\"\nslot: " + name_ + "\npublication: " + name_ +
           "\nsnapshot_blocks: 2\nheartbeat: 10ms\n" + more_ +
           "mapping:\n  documents:\n    - {table: " + table("note") +
           ", id: \"note/{id}\", content: \"{body}\", scope: \"ward/{ward}\", children: [{table: " + table("addendum") +
           ", parent: [note_id], order: [seq], content: \"+{body}\"}]}\n    - {table: " + table("memo") +
           ", id: \"memo/{id}\", content: \"{body}\", scope: \"ward/{ward}\"}\n  access: [{table: " +
           table("ward_reader") + ", scope: \"ward/{ward}\", allow: [\"user:{login}\"]}]\n";
  }
  std::unique_ptr<Connector> Make() const {
    Result<ConfigNode> node = ParseYaml(Yaml(), {.name = "test", .literal_secrets = true});
    EXPECT_TRUE(node.ok()) << node.status().ToString();
    Result<std::unique_ptr<Connector>> made = MakePostgresConnector(*node);
    EXPECT_TRUE(made.ok()) << made.status().ToString();
    return made.ok() ? std::move(*made) : nullptr;
  }
  void Restart() { connector = Make(); }

  // A step, and whether it found something to do; what may pass (unavailable) is tried again, as the host does.
  Result<bool> Turn() {
    if (connector == nullptr) Restart();
    Result<bool> did = connector->Step(host);
    return did.ok() || DispositionOf(did.code()) != Disposition::kRetry ? did : Result<bool>(true);
  }
  Status Step() { return Turn().status(); }
  // Until everything committed so far is published, the snapshot too, and its position saved, which a turn that finds
  // nothing to do has done at the latest; or what stopped it.
  Status Settle(Duration patience = 60s) {
    const Time target = SystemClock().Now();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < deadline) {
      FRESHET_ASSIGN_OR_RETURN(const bool did, Turn());
      if (did || host.beats.empty()) continue;
      const kit::Beat& beat = host.beats.back();
      if (beat.time >= target && beat.lanes.size() == kLanes.size()) return OkStatus();
    }
    return Status(Code::kTimeout, "does not come to rest");
  }

  rows::SinkModel Published() const {
    rows::SinkModel sink;
    for (const kit::Published& one : host.published) sink.Apply(one.event);
    return sink;
  }
  // What the tables say now.
  std::map<std::string, std::string> Expected() {
    std::map<std::string, std::string> all;
    const SqlRows notes = Run(
        "SELECT 'note/' || id, coalesce(body, '') || coalesce((SELECT string_agg('+' || coalesce(a.body, ''), '' ORDER "
        "BY seq) FROM addendum a WHERE note_id = id), '') FROM note UNION ALL SELECT 'memo/' || id, coalesce(body, '') "
        "FROM memo");
    for (const auto& row : notes.rows) all[*row[0]] = *row[1];
    return all;
  }
  std::string ExpectedReaders(const std::string& ward) {
    return Run("SELECT coalesce(string_agg('user:' || login, ' ' ORDER BY login), '') FROM ward_reader WHERE ward = '" +
               ward + "'")
        .First();
  }
  uint64_t Number(const std::string& sql) { return std::strtoull(Run(sql).First().c_str(), nullptr, 10); }
  const std::string& name() const { return name_; }
  void Disconnect() { sql_.reset(); }

  kit::KitHost host;
  std::unique_ptr<Connector> connector;
  std::string setting;  // of each connection of Run, as `name = value`

 private:
  LocalServer& server_;
  const std::string name_;
  const std::string more_;
  std::unique_ptr<SqlClient> sql_;
};

}  // namespace freshet::postgres
