// Topics: the cluster's topics as far as this log uses them: created with the right settings, refused with wrong ones.
// Internal to the Kafka log.
//
//   FRESHET_RETURN_IF_ERROR(topics.Create(specs));
//   FRESHET_ASSIGN_OR_RETURN(KnownTopic topic, topics.Find(name));   // asks the cluster once
//
// Any thread. configuration: a topic that is not there, exists with other partitions or another kind of retention,
// takes smaller records, or counts a record as stored on fewer brokers than min_insync_replicas asks. A topic that
// keeps records for another time or size than its spec is used as it is, with a warning: its operator may have meant
// it.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "common/log/kafka/admin.h"

namespace freshet::log {

struct KnownTopic {
  uint32_t partitions = 0;
  size_t max_record_bytes = TopicSpec{}.max_record_bytes;  // as its spec said, in this process
  bool has_spec = false;                                   // this process created or checked it
};

class Topics {
 public:
  Topics(const Admin& admin, const KafkaOptions& options) : admin_(admin), options_(options) {}

  Status Create(std::span<const TopicSpec> specs);
  Result<KnownTopic> Find(const std::string& name);
  // configuration where there is no such partition.
  Result<KnownTopic> Find(const TopicPartition& partition);

 private:
  Admin::TopicSettings SettingsFor(const TopicSpec& spec) const;
  Status Check(const TopicSpec& spec, const Admin::TopicSettings& found) const;
  Status Await(const TopicSpec& spec);

  const Admin& admin_;
  const KafkaOptions& options_;
  std::mutex mutex_;
  std::map<std::string, KnownTopic> known_;
};

}  // namespace freshet::log
