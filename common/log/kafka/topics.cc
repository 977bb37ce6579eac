#include "common/log/kafka/topics.h"

#include <charconv>
#include <thread>

#include "common/log/kafka/errors.h"
#include "common/telemetry/log.h"

namespace freshet::log {
namespace {

// What a record weighs beyond its key and value: a batch's header and the record's own lengths.
constexpr size_t kFraming = 4096;
// A broker's limit is on batches, so it is never below the producer's batch.size.
constexpr size_t kLeastLimit = 1 << 20;
constexpr std::string_view kCompactedSegmentBytes = "67108864";  // compaction leaves the newest segment alone
constexpr Duration kPropagation = std::chrono::milliseconds(5);

Status Wrong(const std::string& topic, const std::string& what) {
  return Status(Code::kConfiguration, "topic=" + topic + " " + what);
}

size_t LimitOf(const TopicSpec& spec) { return std::max(spec.max_record_bytes, kLeastLimit) + kFraming; }

uint64_t NumberIn(const Admin::TopicSettings& settings, const std::string& name) {
  uint64_t number = 0;
  const auto found = settings.find(name);
  if (found == settings.end()) return 0;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  return number;
}

}  // namespace

Admin::TopicSettings Topics::SettingsFor(const TopicSpec& spec) const {
  Admin::TopicSettings settings = {{"cleanup.policy", spec.compacted ? "compact" : "delete"},
                                   {"max.message.bytes", std::to_string(LimitOf(spec))},
                                   {"message.timestamp.type", "LogAppendTime"}};
  if (spec.compacted) {
    settings["segment.bytes"] = kCompactedSegmentBytes;
  } else {
    const auto kept = std::chrono::duration_cast<std::chrono::milliseconds>(spec.retention_time);
    settings["retention.ms"] = std::to_string(kept.count());
    settings["retention.bytes"] = std::to_string(spec.retention_bytes / spec.partitions);
  }
  if (options_.min_insync_replicas > 0) {
    settings["min.insync.replicas"] = std::to_string(options_.min_insync_replicas);
  }
  return settings;
}

Status Topics::Check(const TopicSpec& spec, const Admin::TopicSettings& found) const {
  const Admin::TopicSettings wanted = SettingsFor(spec);
  const auto policy = found.find("cleanup.policy");
  if (policy != found.end() && policy->second != wanted.at("cleanup.policy")) {
    return Wrong(spec.name, "exists with another kind of retention: cleanup.policy is " + policy->second + ", not " +
                                wanted.at("cleanup.policy"));
  }
  for (const char* const least : {"max.message.bytes", "min.insync.replicas"}) {
    if (!found.contains(least) || NumberIn(found, least) >= NumberIn(wanted, least)) continue;
    return Wrong(spec.name,
                 std::string("exists with ") + least + "=" + found.at(least) + ", below " + wanted.at(least));
  }
  for (const char* const name : {"retention.ms", "retention.bytes", "message.timestamp.type"}) {
    const auto want = wanted.find(name);
    if (want == wanted.end() || !found.contains(name) || found.at(name) == want->second) continue;
    freshet::Log(LogLevel::kWarning, "Topic has other settings than configured and is used as it is.",
                 {{"topic", Coordinate(spec.name)},
                  {"setting", Coordinate(name)},
                  {"configured", Coordinate(want->second)},
                  {"found", Coordinate(found.at(name))}});
  }
  return OkStatus();
}

Status Topics::Create(std::span<const TopicSpec> specs) {
  std::vector<std::string> names;
  for (const TopicSpec& spec : specs) {
    if (spec.name.empty() || spec.partitions == 0) return Wrong(spec.name, "a topic has a name and a partition");
    names.push_back(spec.name);
  }
  FRESHET_ASSIGN_OR_RETURN(const auto before, admin_.Settings(names));
  for (const TopicSpec& spec : specs) {
    const auto existing = before.find(spec.name);
    if (existing != before.end()) {
      FRESHET_RETURN_IF_ERROR(Check(spec, existing->second));
    } else {
      FRESHET_RETURN_IF_ERROR(admin_.CreateTopic(spec, SettingsFor(spec)));
    }
  }
  for (const TopicSpec& spec : specs) FRESHET_RETURN_IF_ERROR(Await(spec));
  return OkStatus();
}

// A broker hears of a new topic a little later than the controller.
Status Topics::Await(const TopicSpec& spec) {
  const auto deadline = std::chrono::steady_clock::now() + options_.request_timeout;
  while (true) {
    FRESHET_ASSIGN_OR_RETURN(const uint32_t partitions, admin_.PartitionsOf(spec.name));
    if (partitions == spec.partitions) break;
    if (partitions != 0) {
      return Wrong(spec.name, "exists with other partitions: " + std::to_string(partitions) + ", not " +
                                  std::to_string(spec.partitions));
    }
    if (std::chrono::steady_clock::now() > deadline) {
      return StatusOf(RD_KAFKA_RESP_ERR__TIMED_OUT, "topic=" + spec.name);
    }
    std::this_thread::sleep_for(kPropagation);
  }
  std::lock_guard lock(mutex_);
  known_[spec.name] = {spec.partitions, spec.max_record_bytes, true};
  return OkStatus();
}

Result<KnownTopic> Topics::Find(const std::string& name) {
  {
    std::lock_guard lock(mutex_);
    if (const auto known = known_.find(name); known != known_.end()) return known->second;
  }
  FRESHET_ASSIGN_OR_RETURN(const uint32_t partitions, admin_.PartitionsOf(name));
  if (partitions == 0) return Wrong(name, "does not exist");
  std::lock_guard lock(mutex_);
  return known_.try_emplace(name, KnownTopic{.partitions = partitions}).first->second;
}

Result<KnownTopic> Topics::Find(const TopicPartition& partition) {
  FRESHET_ASSIGN_OR_RETURN(const KnownTopic topic, Find(partition.topic));
  if (partition.partition.value >= topic.partitions) return Wrong(partition.topic, "has no such partition");
  return topic;
}

}  // namespace freshet::log
