// For the folder connector's tests: a host that records, a model of the sink, and a directory to play in.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "connectors/folder/connector.h"

namespace freshet::folder {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// A directory of its own, with shorthands for what people do to files. Paths are below its root.
class Playground {
 public:
  explicit Playground(const std::string& below = "root") {
    std::string pattern = (fs::temp_directory_path() / "freshet-folder-XXXXXX").string();
    top_ = mkdtemp(pattern.data());
    root_ = top_ / below;
    fs::create_directory(root_);
  }
  ~Playground() {
    std::error_code ignored;
    fs::remove_all(top_, ignored);
  }
  Playground(const Playground&) = delete;
  Playground& operator=(const Playground&) = delete;

  const fs::path& root() const { return root_; }
  fs::path outside() const { return top_; }
  fs::path At(const std::string& path) const { return root_ / path; }

  void Write(const std::string& path, std::string_view text) const {  // in place, and closed
    fs::create_directories(At(path).parent_path());
    std::ofstream(At(path), std::ios::binary | std::ios::trunc) << text;
  }
  void Replace(const std::string& path, std::string_view text) const {  // atomically
    const fs::path temporary = At(path).parent_path() / ".writing";
    std::ofstream(temporary, std::ios::binary) << text;
    fs::rename(temporary, At(path));
  }
  void Folder(const std::string& path) const { fs::create_directories(At(path)); }
  void Rename(const std::string& from, const std::string& to) const { fs::rename(At(from), At(to)); }
  void Remove(const std::string& path) const { fs::remove_all(At(path)); }

 private:
  fs::path top_;
  fs::path root_;
};

struct Published {
  Lane lane;
  ChangeEvent event;
};

// Keeps all that is published and saved. The positions outlive connectors, as the log's do.
class RecordingHost final : public ConnectorHost {
 public:
  Status Publish(std::vector<ChangeEvent> events, Lane lane) override {
    if (!failure.ok()) return failure;
    size_t bytes = 0;
    for (ChangeEvent& event : events) {
      if (const auto* const upsert = std::get_if<Upsert>(&event.change)) bytes += upsert->content.size();
      const bool urgent = std::holds_alternative<Delete>(event.change) ||
                          std::holds_alternative<AccessChange>(event.change) ||
                          std::holds_alternative<Withhold>(event.change);
      EXPECT_EQ(urgent, lane == Lane::kUrgent);
      published.push_back({lane, std::move(event)});
    }
    most_bytes = std::max(most_bytes, bytes);
    return OkStatus();
  }
  Status PublishHeartbeat(Time time, std::span<const Lane> lanes) override {
    if (!failure.ok()) return failure;
    heartbeats.push_back({time, {lanes.begin(), lanes.end()}});
    return OkStatus();
  }
  Result<std::map<std::string, std::string>> LoadPositions() override { return positions; }
  Status SavePositions(const std::vector<std::pair<std::string, std::optional<std::string>>>& changes) override {
    if (!failure.ok()) return failure;
    for (const auto& [key, value] : changes) {
      if (value) {
        positions[key] = *value;
      } else {
        positions.erase(key);
      }
    }
    ++saves;
    return OkStatus();
  }
  const Clock& clock() const override { return *clock_in_use; }
  bool stopping() const override { return stop.load(); }
  void Sleep(Duration) override {}

  struct Beat {
    Time time;
    std::vector<Lane> lanes;
  };
  ManualClock manual{FromMicros(1'800'000'000'000'000)};
  SystemClock system;
  const Clock* clock_in_use = &manual;
  std::atomic<bool> stop{false};
  Status failure;
  std::vector<Published> published;
  std::vector<Beat> heartbeats;
  std::map<std::string, std::string> positions;
  size_t most_bytes = 0;  // of content in one call
  int saves = 0;
};

// "user:b", "user:b until 2026-12-31T18:00:00.000Z".
inline std::string TextOf(const Listed& listed) {
  std::string text = listed.principal.value;
  if (listed.period.from != Period().from) text += " from " + FormatTime(listed.period.from);
  if (listed.period.until != Period().until) text += " until " + FormatTime(listed.period.until);
  return text;
}

// What a sink makes of it: the newest version wins in each register, a snapshot's end deletes what it did not mention.
class Sink {
 public:
  struct Document {
    Version content_version, deleted, present, withheld;
    bool has_content = false;
    Upsert upsert;
  };
  struct Scope {
    Version version;
    AccessChange change;
  };

  void Apply(const Published& published) {
    const ChangeEvent& event = published.event;
    if (const auto* edge = std::get_if<SnapshotEdge>(&event.change)) {
      if (edge->side == SnapshotEdge::Side::kEnd) End(edge->begin_version);
      return;
    }
    if (const auto* access = std::get_if<AccessChange>(&event.change)) {
      Scope& scope = scopes[access->scope.value];
      if (scope.version < event.origin.version) scope = {event.origin.version, *access};
      return;
    }
    Document& document = documents[event.origin.document.value];
    const Version& version = event.origin.version;
    if (const auto* upsert = std::get_if<Upsert>(&event.change)) {
      if (version <= document.content_version || version <= document.deleted) return;
      // A straggler from before a snapshot that has ended, and did not see it.
      if (version < ended_ && document.present < ended_) return;
      document.content_version = version;
      document.upsert = *upsert;
      document.has_content = true;
    } else if (std::holds_alternative<Delete>(event.change)) {
      Erase(document, version);
    } else if (std::holds_alternative<Present>(event.change)) {
      document.present = std::max(document.present, version);
    } else if (std::holds_alternative<Withhold>(event.change)) {
      document.withheld = std::max(document.withheld, version);
    }
  }
  // In the order of publication, or in any other.
  void ApplyAll(const std::vector<Published>& all) {
    for (const Published& one : all) Apply(one);
  }

  // id -> content, or "!code" where it was refused.
  std::map<std::string, std::string> Contents() const {
    std::map<std::string, std::string> contents;
    for (const auto& [id, document] : documents) {
      if (!document.has_content || document.content_version <= document.withheld) continue;
      const bool refused = document.upsert.refused != Code::kOk;
      contents[id] = refused ? "!" + std::string(NameOf(document.upsert.refused)) : document.upsert.content;
    }
    return contents;
  }
  // "allow group:a user:b deny user:c" of a scope; "" where nobody is allowed.
  std::string Access(const std::string& scope) const {
    const auto found = scopes.find(scope);
    if (found == scopes.end() || found->second.change.removed || found->second.change.allow.empty()) return "";
    std::string text = "allow";
    for (const Listed& listed : found->second.change.allow) text += " " + TextOf(listed);
    if (!found->second.change.deny.empty()) text += " deny";
    for (const Listed& listed : found->second.change.deny) text += " " + TextOf(listed);
    return text;
  }

  std::map<std::string, Document> documents;
  std::map<std::string, Scope> scopes;

 private:
  static void Erase(Document& document, const Version& version) {
    document.deleted = std::max(document.deleted, version);
    if (document.content_version <= version) document.has_content = false;
  }
  void End(const Version& begin) {
    ended_ = std::max(ended_, begin);
    for (auto& [id, document] : documents) {
      if (document.content_version < begin && document.present < begin) Erase(document, begin);
    }
  }

  Version ended_;  // the begin of the newest snapshot that has ended
};

// A connector over a playground, stepped by hand.
class FolderTest : public ::testing::Test {
 protected:
  FolderTest() {
    options.root = playground.root();
    options.default_access = DefaultAccess::kEveryone;
  }

  void Restart() { connector = std::make_unique<FolderConnector>(options); }
  // Steps until nothing is left to do now.
  Status Settle() {
    if (connector == nullptr) Restart();
    for (int i = 0; i < 10'000; ++i) {
      FRESHET_ASSIGN_OR_RETURN(const bool did, connector->Step(host));
      if (!did) return OkStatus();
    }
    ADD_FAILURE() << "does not come to rest";
    return OkStatus();
  }
  // The same, after so much time.
  Status Settle(Duration later) {
    host.manual.Advance(later);
    return Settle();
  }
  Sink Replayed() const {
    Sink sink;
    sink.ApplyAll(host.published);
    return sink;
  }
  std::map<std::string, std::string> Contents() const { return Replayed().Contents(); }
  std::string Access(const std::string& scope) const { return Replayed().Access(scope); }
  // "live upsert a.md", "urgent delete b.md", "backfill present c.md", "urgent access /", "backfill begin", …
  std::vector<std::string> Told(size_t from = 0) const {
    std::vector<std::string> told;
    for (size_t i = from; i < host.published.size(); ++i) told.push_back(Describe(host.published[i]));
    return told;
  }
  static std::string Describe(const Published& one) {
    const std::string lane(NameOf(one.lane));
    const Change& change = one.event.change;
    if (const auto* edge = std::get_if<SnapshotEdge>(&change)) {
      return lane + (edge->side == SnapshotEdge::Side::kBegin ? " begin" : " end");
    }
    if (const auto* access = std::get_if<AccessChange>(&change)) {
      return lane + (access->removed ? " removed " : " access ") + access->scope.value;
    }
    const char* const kind = std::holds_alternative<Upsert>(change)     ? " upsert "
                             : std::holds_alternative<Delete>(change)   ? " delete "
                             : std::holds_alternative<Present>(change)  ? " present "
                             : std::holds_alternative<Withhold>(change) ? " withhold "
                                                                        : " other ";
    return lane + kind + one.event.origin.document.value;
  }

  Playground playground;
  FolderOptions options;
  RecordingHost host;
  std::unique_ptr<FolderConnector> connector;
};

}  // namespace freshet::folder
