// For tests and the kit: topics in memory, which outlive their readers.
//
//   auto topics = std::make_shared<MemoryTopics>();
//   topics->Append({.topic = "dbs.public.note", .key = "{\"id\":1}", .value = "..."});
//   topics->Load("fixtures/debezium_insert.jsonl");     // one record a line: topic, partition, offset, key, value
//   MemoryTopicReader reader(topics);
//
// One thread.
#pragma once

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "connectors/debezium/topics.h"

namespace freshet::debezium {

struct MemoryTopics {
  struct Record {
    std::string topic;
    uint32_t partition = 0;
    std::string key;
    std::optional<std::string> value;
  };
  using Keep = std::function<bool(const Record&)>;

  void Append(Record record) {
    const log::TopicPartition at{record.topic, Partition(record.partition)};
    auto& rows = partitions[at];
    rows.push_back({at.topic, at.partition, Offset(rows.size()), record.key, record.value, SystemClock().Now()});
  }
  // How many records the file has that are kept.
  size_t Load(
      const std::string& path, const Keep& keep = [](const Record&) { return true; }) {
    std::ifstream file(path);
    size_t count = 0;
    for (std::string line; std::getline(file, line);) {
      const auto json = nlohmann::json::parse(line);
      const auto text = [&json](const char* name) {
        return json[name].is_null() ? std::nullopt : std::optional(json[name].get<std::string>());
      };
      Record record{json["topic"], json["partition"], text("key").value_or(""), text("value")};
      if (!keep(record)) continue;
      Append(std::move(record));
      ++count;
    }
    return count;
  }

  std::map<log::TopicPartition, std::vector<log::Delivered>> partitions;
  std::map<log::TopicPartition, uint64_t> first;  // what retention has left
  bool gone = false;                              // no broker answers
  std::function<void(MemoryTopics&)> before_poll = [](MemoryTopics&) {};
};

class MemoryTopicReader final : public TopicReader {
 public:
  explicit MemoryTopicReader(std::shared_ptr<MemoryTopics> topics) : topics_(std::move(topics)) {}

  Status Check(const std::vector<std::string>&) override { return Answer(); }
  Status Open(const std::vector<std::string>& topics, const Offsets& next) override {
    FRESHET_RETURN_IF_ERROR(Answer());
    wanted_ = {topics.begin(), topics.end()};
    next_ = next;
    return OkStatus();
  }
  void Close() override { next_.clear(); }
  Result<log::Polled> Poll(Duration) override {
    FRESHET_RETURN_IF_ERROR(Answer());
    topics_->before_poll(*topics_);
    log::Polled polled;
    size_t bytes = 0;
    at_end_ = true;
    for (const auto& [at, rows] : topics_->partitions) {
      if (std::find(wanted_.begin(), wanted_.end(), at.topic) == wanted_.end()) continue;
      uint64_t& next = next_[at].value;
      const auto first = topics_->first.find(at);
      if (first != topics_->first.end() && next < first->second) {
        polled.gaps.push_back({at.topic, at.partition, Offset(next), Offset(first->second)});
        next = first->second;
      }
      for (; next < rows.size() && polled.records.size() < 1000 && bytes < (1u << 20); ++next) {
        bytes += rows[next].value.value_or("").size();
        polled.records.push_back(rows[next]);
      }
      at_end_ = at_end_ && next == rows.size();
    }
    return polled;
  }
  bool AtEnd() const override { return at_end_; }

 private:
  Status Answer() const { return topics_->gone ? Status(Code::kLogUnavailable, "no broker answers") : OkStatus(); }

  const std::shared_ptr<MemoryTopics> topics_;
  std::vector<std::string> wanted_;
  Offsets next_;
  bool at_end_ = false;
};

}  // namespace freshet::debezium
