// For tests: topics in memory, records of a real Debezium where the machine has them, a connector over both.
//
//   TestSite site("dbs");
//   if (!site.Load("insert")) GTEST_SKIP() << kNoRecordings;
//   site.Run();
//   site.sink().Contents()            // {"note/3": "..."}
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "connectors/debezium/connector.h"
#include "connectors/debezium/memory_topics.h"
#include "connectors/kit/kit_host.h"
#include "connectors/kit/model_sink.h"

namespace freshet::debezium {

inline constexpr char kNoRecordings[] = "../shared/fixtures/debezium is not here";

inline bool RecordingsAreHere() { return std::filesystem::exists("../shared/fixtures/debezium"); }
inline std::string RecordingOf(const std::string& name) {
  return "../shared/fixtures/debezium/debezium_" + name + ".jsonl";
}

inline DebeziumOptions NoteOptions(const std::string& prefix, const std::string& table = "public.note") {
  DebeziumOptions options{.prefix = prefix};
  options.kafka.bootstrap_servers = "127.0.0.1:1";
  options.mapping.documents = {{.table = table, .id = "note/{id}", .content = "{body}", .patients = {"{patient_id}"}}};
  options.mapping.default_access = {Principal("group:staff")};
  options.settle = Duration(0);
  options.heartbeat = std::chrono::milliseconds(10);
  return options;
}

// The first commit after a snapshot does not say what was before it, nor do the snapshot's rows.
inline constexpr uint64_t kNotTold = ~uint64_t{0};

// A change as Debezium writes it, in a commit of its own.
struct Made {
  const char* op = "c";
  uint64_t place = 100;
  Json before = nullptr;
  Json after = nullptr;
  uint64_t commit_before = 0;  // 0: just before the place
  std::string table = "note";
  const char* snapshot = "false";
};
inline std::string RecordOf(const Made& made) {
  const uint64_t before = made.commit_before == 0 ? made.place - 8 : made.commit_before;
  const Json told = before == kNotTold ? Json(nullptr) : Json(std::to_string(before));
  const Json sequence = {told, std::to_string(made.place)};
  const Json source = {{"ts_us", 1'700'000'000'000'000 + made.place},
                       {"snapshot", made.snapshot},
                       {"schema", "public"},
                       {"table", made.table},
                       {"lsn", made.place},
                       {"sequence", sequence.dump()}};
  return Json{{"before", made.before}, {"after", made.after}, {"source", source}, {"op", made.op}}.dump();
}
inline Json NoteRow(int id, const std::string& body) { return {{"id", id}, {"patient_id", "p"}, {"body", body}}; }
inline std::string KeyOf(int id) { return Json{{"id", id}}.dump(); }

struct TestSite {
  explicit TestSite(DebeziumOptions given) : options(std::move(given)) {}
  explicit TestSite(const std::string& prefix) : TestSite(NoteOptions(prefix)) {}

  // Only this site's topics, in the order recorded.
  size_t Load(const std::string& name) {
    const std::string prefix = options.prefix + ".";
    return topics->Load(RecordingOf(name),
                        [&prefix](const MemoryTopics::Record& one) { return one.topic.starts_with(prefix); });
  }
  void Append(int id, std::optional<std::string> value, uint32_t partition = 0) {
    topics->Append({options.prefix + ".public.note", partition, KeyOf(id), std::move(value)});
  }
  void Append(int id, const Made& made, uint32_t partition = 0) { Append(id, RecordOf(made), partition); }

  // A new process, until there is nothing to do. The code that ended it.
  Code Run() {
    Result<rows::Mapping> mapping = rows::Mapping::Compile(options.mapping);
    EXPECT_TRUE(mapping.ok()) << mapping.status().ToString();
    SourceConnector connector(
        std::make_unique<DebeziumSource>(options, std::move(*mapping), std::make_unique<MemoryTopicReader>(topics)),
        {.heartbeat = std::chrono::milliseconds(10)});
    for (int quiet = 0; quiet < 3;) {
      const Result<bool> did = connector.Step(host);
      if (!did.ok()) return did.code();
      quiet = *did ? 0 : quiet + 1;
    }
    return Code::kOk;
  }
  kit::ModelSink sink() const {
    kit::ModelSink sink;
    for (const kit::Published& one : host.published) sink.Apply(one.event);
    return sink;
  }
  std::map<std::string, std::string> Contents() const { return sink().Contents(); }
  // "u note/1" "d note/3", in the order published.
  std::vector<std::string> Changes() const {
    std::vector<std::string> changes;
    for (const kit::Published& one : host.published) {
      const std::string& id = one.event.origin.document.value;
      if (std::holds_alternative<Upsert>(one.event.change)) changes.push_back("u " + id);
      if (std::holds_alternative<Delete>(one.event.change)) changes.push_back("d " + id);
    }
    return changes;
  }

  DebeziumOptions options;
  const std::shared_ptr<MemoryTopics> topics = std::make_shared<MemoryTopics>();
  kit::KitHost host;
};

}  // namespace freshet::debezium
