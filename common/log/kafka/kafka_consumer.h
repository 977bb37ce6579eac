// KafkaConsumer: a member of a consumer group, or a reader of partitions at given offsets. Internal to the Kafka log.
//
//   KafkaConsumer::Join(options, {.group = "freshet.x.deid.live", .topics = topics, .partitions = 8}, &waker);
//   KafkaConsumer::Read(options, {{{"freshet.x.groups", Partition(0)}, Offset(12)}}, &waker);
//
// Members rebalance cooperatively: what stays with a member is read on without a break. A partition begins where its
// group committed. The broker fences commits by the group's generation; a partition that this consumer has not been
// given, or gave back, is refused before. A position that retention has overtaken is told as a Gap; one beyond the end
// is configuration. As Consumer: one thread, but for Commit, Tenure and Owns, from any.
#pragma once

#include <map>
#include <mutex>

#include "common/log/kafka/client.h"
#include "common/log/kafka/partition_queues.h"

namespace freshet::log {

struct Membership {
  std::string group;
  std::vector<std::string> topics;
  size_t partitions = 1;  // of the topics together
};

class KafkaConsumer final : public Consumer {
 public:
  using Starts = std::vector<std::pair<TopicPartition, Offset>>;

  static Result<std::unique_ptr<Consumer>> Join(const KafkaOptions& options, const Membership& membership,
                                                Waker* waker);
  static Result<std::unique_ptr<Consumer>> Read(const KafkaOptions& options, const Starts& starts, Waker* waker);
  ~KafkaConsumer() override;

  Result<Polled> Poll(PollLimits limits) override;
  bool AtEnd() const override { return failed_.empty() && queues_->AtEnd(); }
  Status Commit(std::span<const std::pair<TopicPartition, Progress>> progress) override;
  uint64_t Tenure(const TopicPartition& partition) const override;
  std::vector<TopicPartition> Assignment() override;

 private:
  enum class Kind : uint8_t { kMember, kReader };
  KafkaConsumer(const KafkaOptions& options, Kind kind, std::string group)
      : options_(options), kind_(kind), group_(std::move(group)) {}

  Status Connect(size_t partitions, Waker* waker);
  void Forsake();
  // Rebalances and what the client has to say.
  Status Serve();
  static void OnRebalance(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                          void* self);
  Status Gain(rd_kafka_topic_partition_list_t* partitions);
  Status Lose(rd_kafka_topic_partition_list_t* partitions);
  // Sets partitions whose fetching failed going again, from where that is possible.
  Status Recover();
  Status RecoverOne(const FetchError& failed);
  Status StartUnread();
  Status Restart(const PartitionList& partitions);
  Status RestartAt(const TopicPartition& partition, Offset offset);

  const KafkaOptions options_;
  const Kind kind_;
  const std::string group_;
  Handle<rd_kafka_t> client_;
  std::unique_ptr<PartitionQueues> queues_;
  bool was_assigned_ = false;  // once, be it nothing
  std::vector<FetchError> failed_;
  std::vector<Gap> gaps_;     // not told yet
  std::mutex commit_mutex_;   // held by a commit that is under way: none outlasts the tenure that it was checked for
  mutable std::mutex mutex_;  // of what follows, which Commit reads from any thread
  uint64_t last_tenure_ = 0;
  std::map<TopicPartition, uint64_t> owned_;  // and their tenures
};

}  // namespace freshet::log
