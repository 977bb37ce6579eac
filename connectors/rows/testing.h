// For tests of connectors of rows: tables in memory, a host that records, and what a sink makes of it.
//
//   FakeTable notes("public.note", {"id", "body"}, {"id"});
//   RecordingHost host;   ...   SinkModel sink = host.Replayed();   sink.Contents()
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>

#include "connectors/connector.h"
#include "connectors/rows/batch.h"

namespace freshet::rows {

using namespace std::chrono_literals;

inline std::shared_ptr<const Table> MakeTable(std::string name, std::vector<std::string> columns,
                                              const std::set<std::string>& key, bool whole_before = false) {
  Table table{.name = std::move(name), .columns = std::move(columns), .whole_before = whole_before};
  for (const std::string& column : table.columns) table.key.push_back(whole_before || key.contains(column));
  return std::make_shared<const Table>(std::move(table));
}

// "~" is an unknown value, "-" is null.
inline Row MakeRow(std::shared_ptr<const Table> table, const std::vector<std::string>& values) {
  Row row{std::move(table), {}};
  for (const std::string& value : values) {
    row.cells.push_back(value == "~" ? Cell::Unknown() : value == "-" ? Cell::Null() : Cell::Text(value));
  }
  return row;
}

// Tables by name, asked by equality.
class FakeSource final : public RowSource {
 public:
  Result<std::vector<Row>> Select(const RowQuery& query) override {
    ++selects;
    if (!failure.ok()) return failure;
    std::vector<Row> found;
    for (const Row& row : tables[query.table]) {
      const auto key = KeyOf(row, query.by);
      if (key && std::find(query.keys.begin(), query.keys.end(), *key) != query.keys.end()) found.push_back(row);
    }
    std::stable_sort(found.begin(), found.end(),
                     [&query](const Row& a, const Row& b) { return KeyOf(a, query.order) < KeyOf(b, query.order); });
    return found;
  }
  std::map<std::string, std::vector<Row>> tables;
  Status failure;
  int selects = 0;
};

// What a sink makes of events: the newest version wins in each register, a snapshot's end deletes what it did not
// mention.
struct SinkModel {
  struct Document {
    Version content_version, deleted, present, withheld;
    bool has_content = false;
    Upsert upsert;
    Time committed;
  };
  std::map<std::string, Document> documents;
  std::map<std::string, std::pair<Version, AccessChange>> scopes;
  std::map<std::string, std::pair<Version, GroupChange>> groups;
  std::map<std::string, std::pair<Version, IdentityChange>> identities;
  Version ended;

  void Apply(const ChangeEvent& event) {
    const Version& version = event.origin.version;
    if (const auto* edge = std::get_if<SnapshotEdge>(&event.change)) {
      if (edge->side == SnapshotEdge::Side::kEnd) End(edge->begin_version);
    } else if (const auto* access = std::get_if<AccessChange>(&event.change)) {
      Newest(scopes[access->scope.value], version, *access);
    } else if (const auto* group = std::get_if<GroupChange>(&event.change)) {
      Newest(groups[group->group.value], version, *group);
    } else if (const auto* identity = std::get_if<IdentityChange>(&event.change)) {
      Newest(identities[identity->patient.value + "/" + identity->identity], version, *identity);
    } else if (!event.origin.document.empty()) {
      ApplyToDocument(documents[event.origin.document.value], event);
    }
  }
  // Document id -> content, or "!code" where it was refused; withheld ones are not there.
  std::map<std::string, std::string> Contents() const {
    std::map<std::string, std::string> contents;
    for (const auto& [id, document] : documents) {
      if (!document.has_content || document.content_version <= document.withheld) continue;
      const Code refused = document.upsert.refused;
      contents[id] = refused != Code::kOk ? "!" + std::string(NameOf(refused)) : document.upsert.content;
    }
    return contents;
  }
  // "user:a", "user:a[2026-01-31T00:00:00.000Z..2026-02-01T00:00:00.000Z)", without a limit that is none.
  static std::string TextOf(const Listed& listed) {
    if (!listed.period.is_limited()) return listed.principal.value;
    const Period& period = listed.period;
    return listed.principal.value + "[" + (period.from == Period().from ? "" : FormatTime(period.from)) + ".." +
           (period.until == Period().until ? "" : FormatTime(period.until)) + ")";
  }
  // "user:a user:b -user:c" of a scope.
  std::string Access(const std::string& scope) const {
    const auto found = scopes.find(scope);
    if (found == scopes.end() || found->second.second.removed) return "";
    std::string text;
    for (const Listed& one : found->second.second.allow) text += (text.empty() ? "" : " ") + TextOf(one);
    for (const Listed& one : found->second.second.deny) text += " -" + TextOf(one);
    return text;
  }

 private:
  template <class T>
  static void Newest(std::pair<Version, T>& at, const Version& version, const T& change) {
    if (at.first < version) at = {version, change};
  }
  void ApplyToDocument(Document& document, const ChangeEvent& event) {
    const Version& version = event.origin.version;
    if (const auto* upsert = std::get_if<Upsert>(&event.change)) {
      if (version <= document.content_version || version <= document.deleted) return;
      if (version < ended && document.present < ended) return;
      document.content_version = version;
      document.upsert = *upsert;
      document.has_content = true;
      document.committed = event.origin.committed;
    } else if (std::holds_alternative<Delete>(event.change)) {
      Erase(document, version);
    } else if (std::holds_alternative<Present>(event.change)) {
      document.present = std::max(document.present, version);
    } else if (std::holds_alternative<Withhold>(event.change)) {
      document.withheld = std::max(document.withheld, version);
    }
  }
  static void Erase(Document& document, const Version& version) {
    document.deleted = std::max(document.deleted, version);
    if (document.content_version <= version) document.has_content = false;
  }
  void End(const Version& begin) {
    ended = std::max(ended, begin);
    for (auto& [id, document] : documents) {
      if (document.content_version < begin && document.present < begin) Erase(document, begin);
    }
  }
};

struct Published {
  Lane lane;
  ChangeEvent event;
};

// Keeps all that is published and saved. Positions outlive connectors, as the log's do.
class RecordingHost : public ConnectorHost {
 public:
  Status Publish(std::vector<ChangeEvent> events, Lane lane) override {
    if (!failure.ok()) return failure;
    if (publishes_left == 0) return Status(Code::kLogUnavailable, "as the test wants it");
    if (publishes_left > 0) --publishes_left;
    size_t bytes = 0;
    for (ChangeEvent& event : events) {
      if (const auto* const upsert = std::get_if<Upsert>(&event.change)) bytes += upsert->content.size();
      if (keep) published.push_back({lane, std::move(event)});
    }
    count += events.size();
    most_bytes = std::max(most_bytes, bytes);
    return OkStatus();
  }
  Status PublishHeartbeat(Time time, std::span<const Lane> lanes) override {
    if (!failure.ok()) return failure;
    heartbeats.push_back(time);
    for (const Lane lane : lanes) beaten.insert(lane);
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
  const Clock& clock() const override { return system; }
  bool stopping() const override { return stop.load(); }
  void Sleep(Duration) override {}

  SinkModel Replayed() const {
    SinkModel sink;
    for (const Published& one : published) sink.Apply(one.event);
    return sink;
  }

  SystemClock system;
  std::atomic<bool> stop{false};
  Status failure;
  int publishes_left = -1;  // less than 0: all that come
  bool keep = true;
  std::vector<Published> published;
  std::vector<Time> heartbeats;
  std::set<Lane> beaten;
  std::map<std::string, std::string> positions;
  size_t count = 0;
  size_t most_bytes = 0;  // of content in one call
  int saves = 0;
};

}  // namespace freshet::rows
