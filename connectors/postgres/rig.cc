#include "connectors/postgres/rig.h"

#include <stdlib.h>

#include <filesystem>
#include <thread>

#include "connectors/postgres/connector.h"
#include "connectors/postgres/local_server.h"

namespace freshet::postgres {
namespace {

// What the kit may ask of it: large enough that the host refuses it, small enough to be quick.
constexpr size_t kOversized = 15u << 20;

// The kit kills the server, not the machine: what the operating system has is not lost.
constexpr char kQuick[] = "fsync = off\nclient_min_messages = warning\n";

// Starting one takes seconds: all rigs share it, and it goes with the process.
class SharedServer {
 public:
  ~SharedServer() {
    server_.reset();
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  Result<LocalServer*> Get() {
    if (const auto missing = LocalServer::Missing()) return Status(Code::kNotFound, *missing);
    if (server_ != nullptr) return server_.get();
    std::string pattern = (std::filesystem::temp_directory_path() / "freshet-postgres-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) return Status(Code::kIoError, "no folder for a server");
    folder_ = pattern;
    std::filesystem::permissions(folder_, std::filesystem::perms(0755));
    FRESHET_ASSIGN_OR_RETURN(server_, LocalServer::Start({.directory = folder_ + "/server", .extra = kQuick}));
    return server_.get();
  }
  int NextNumber() { return ++number_; }

 private:
  std::string folder_;
  std::unique_ptr<LocalServer> server_;
  int number_ = 0;
};

SharedServer& Shared() {
  static SharedServer server;
  return server;
}

rows::MappingOptions MappingOf(const std::string& schema) {
  rows::DocumentOptions document{.table = schema + ".doc", .id = "{name}", .content = "{body}", .scope = "doc/{name}"};
  rows::AccessOptions access{.table = schema + ".reader", .scope = "doc/{name}", .allow = {"{who}"}};
  return {.documents = {document}, .access = {access}};
}

class PostgresRig final : public kit::Rig {
 public:
  PostgresRig(LocalServer& server, int number) : server_(server), schema_("rig" + std::to_string(number)) {}
  ~PostgresRig() override {
    if (outage_) (void)SetOutage(false);
    (void)Run("DROP SCHEMA " + schema_ + " CASCADE");
    (void)Run("DROP PUBLICATION IF EXISTS " + schema_);
    // The connector may have gone just now: the server needs a moment to notice.
    for (int i = 0; i < 100 && !Run("SELECT pg_drop_replication_slot('" + schema_ + "')").ok(); ++i) {
      const Result<SqlRows> there = client_ == nullptr ? Result<SqlRows>(SqlRows()) : Slot();
      if (!there.ok() || there->rows.empty()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  Status Open() {
    FRESHET_RETURN_IF_ERROR(Run("CREATE SCHEMA " + schema_));
    FRESHET_RETURN_IF_ERROR(Run("CREATE TABLE " + schema_ + ".doc (name text PRIMARY KEY, body text, note text)"));
    return Run("CREATE TABLE " + schema_ + ".reader (name text, who text, PRIMARY KEY (name, who))");
  }

  bool Can(kit::Ability ability) const override {
    using kit::Ability;
    for (const Ability one :
         {Ability::kAccess, Ability::kDelete, Ability::kOutage, Ability::kSchema, Ability::kOversized}) {
      if (one == ability) return true;
    }
    return false;
  }
  Result<std::unique_ptr<Connector>> Start() override {
    PostgresOptions options{.connection = server_.url(), .slot = schema_, .publication = schema_};
    options.mapping = MappingOf(schema_);
    options.heartbeat = std::chrono::milliseconds(10);
    FRESHET_ASSIGN_OR_RETURN(rows::Mapping mapping, rows::Mapping::Compile(options.mapping));
    auto source = std::make_unique<PostgresSource>(std::move(options), std::move(mapping));
    return std::unique_ptr<Connector>(std::make_unique<SourceConnector>(std::move(source), SourceConnector::Options{}));
  }
  std::string DocumentOf(const std::string& name) const override { return name; }

  Status Put(const std::string& name, const std::string& text) override {
    return Run("INSERT INTO " + schema_ + ".doc (name, body) VALUES (" + Literal(name) + ", " + Literal(text) +
               ") ON CONFLICT (name) DO UPDATE SET body = excluded.body");
  }
  Status Remove(const std::string& name) override {
    return Run("DELETE FROM " + schema_ + ".doc WHERE name = " + Literal(name));
  }
  Status SetReaders(const std::string& name, const std::vector<std::string>& readers) override {
    std::string sql = "BEGIN; DELETE FROM " + schema_ + ".reader WHERE name = " + Literal(name) + ";";
    for (const std::string& who : readers) {
      sql += "INSERT INTO " + schema_ + ".reader VALUES (" + Literal(name) + ", " + Literal(who) + ");";
    }
    return Run(sql + "COMMIT");
  }
  Status SetOutage(bool gone) override {
    client_.reset();
    outage_ = gone;
    if (!gone) return server_.Launch();
    server_.Kill();
    return OkStatus();
  }
  Status ChangeSchema() override {
    return Run("ALTER TABLE " + schema_ + ".doc DROP COLUMN note; ALTER TABLE " + schema_ +
               ".doc ADD COLUMN added int DEFAULT 1");
  }
  Status PutOversized(const std::string& name) override {
    return Put(name, std::string(kOversized, 'x') + std::string(1u << 20, 'y'));
  }

 private:
  Result<SqlRows> Slot() {
    return client_->Query("SELECT 1 FROM pg_replication_slots WHERE slot_name = " + Literal(schema_));
  }
  Status Run(const std::string& sql) {
    if (client_ == nullptr) {
      FRESHET_ASSIGN_OR_RETURN(client_, SqlClient::Connect(server_.url(), SqlClient::Kind::kQueries));
    }
    return client_->Query(sql).status();
  }

  LocalServer& server_;
  const std::string schema_;
  std::unique_ptr<SqlClient> client_;
  bool outage_ = false;
};

}  // namespace

Result<std::unique_ptr<kit::Rig>> MakePostgresRig(const ConfigNode&) {
  FRESHET_ASSIGN_OR_RETURN(LocalServer* const server, Shared().Get());
  auto rig = std::make_unique<PostgresRig>(*server, Shared().NextNumber());
  FRESHET_RETURN_IF_ERROR(rig->Open());
  return std::unique_ptr<kit::Rig>(std::move(rig));
}

}  // namespace freshet::postgres
