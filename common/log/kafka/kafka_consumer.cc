#include "common/log/kafka/kafka_consumer.h"

#include <cstring>

#include "common/base/bytes.h"
#include "common/log/kafka/errors.h"
#include "common/log/kafka/range.h"
#include "common/telemetry/log.h"

namespace freshet::log {
namespace {

void OnEvent(rd_kafka_t*, void* waker) { static_cast<Waker*>(waker)->Wake(); }

Status TakeError(rd_kafka_error_t* error, const std::string& where) {
  const Handle<rd_kafka_error_t> owned(error);
  return owned == nullptr ? OkStatus() : StatusOf(rd_kafka_error_code(owned.get()), where);
}

// The topics were there when the consumer was made, so a broker that knows nothing of one is behind.
Status ReadError(rd_kafka_resp_err_t error, const std::string& where) {
  const bool behind = error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
                      error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
  const Status status = StatusOf(error, where);
  return behind ? Status(Code::kLogUnavailable, status.message()) : status;
}

}  // namespace

Result<std::unique_ptr<Consumer>> KafkaConsumer::Join(const KafkaOptions& options, const Membership& membership,
                                                      Waker* waker) {
  std::unique_ptr<KafkaConsumer> consumer(new KafkaConsumer(options, Kind::kMember, membership.group));
  FRESHET_RETURN_IF_ERROR(consumer->Connect(membership.partitions, waker));
  PartitionList topics = NewPartitionList(membership.topics.size());
  for (const std::string& topic : membership.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  FRESHET_RETURN_IF_ERROR(
      StatusOf(rd_kafka_subscribe(consumer->client_.get(), topics.get()), "group=" + membership.group));
  return std::unique_ptr<Consumer>(std::move(consumer));
}

Result<std::unique_ptr<Consumer>> KafkaConsumer::Read(const KafkaOptions& options, const Starts& starts, Waker* waker) {
  // librdkafka wants a group's name of every consumer; this one never joins it and never commits.
  std::unique_ptr<KafkaConsumer> consumer(new KafkaConsumer(options, Kind::kReader, options.client_id + ".readers"));
  FRESHET_RETURN_IF_ERROR(consumer->Connect(starts.size(), waker));
  PartitionList partitions = NewPartitionList(starts.size());
  for (const auto& [partition, offset] : starts) AddTo(partitions, partition, static_cast<int64_t>(offset.value));
  FRESHET_RETURN_IF_ERROR(consumer->Gain(partitions.get()));
  if (waker != nullptr) waker->Wake();
  return std::unique_ptr<Consumer>(std::move(consumer));
}

Status KafkaConsumer::Connect(size_t partitions, Waker* waker) {
  FRESHET_ASSIGN_OR_RETURN(client_, NewClient(options_, Role::kConsume,
                                              {.group = group_,
                                               .partitions = partitions,
                                               .opaque = this,
                                               .on_rebalance = kind_ == Kind::kMember ? &OnRebalance : nullptr}));
  rd_kafka_poll_set_consumer(client_.get());
  queues_ = std::make_unique<PartitionQueues>(*client_, waker);
  if (waker == nullptr) return OkStatus();
  const Handle<rd_kafka_queue_t> events(rd_kafka_queue_get_consumer(client_.get()));
  rd_kafka_queue_cb_event_enable(events.get(), &OnEvent, waker);
  return OkStatus();
}

KafkaConsumer::~KafkaConsumer() {
  if (client_ == nullptr) return;
  rd_kafka_consumer_close(client_.get());  // leaves the group at once, so that others need not wait for its silence
  failed_.clear();
  queues_.reset();
  const bool may_abort = rd_kafka_version() < 0x02030000;
  if (may_abort && kind_ == Kind::kMember && !was_assigned_) Forsake();
}

// librdkafka before 2.3 ends the process where a member is destroyed that the group has answered and not assigned
// anything yet (confluentinc/librdkafka issue 4312). Such a one is left behind, closed and silent: its threads and some
// hundred kB stay until the process ends.
void KafkaConsumer::Forsake() {
  const Handle<rd_kafka_queue_t> events(rd_kafka_queue_get_consumer(client_.get()));
  rd_kafka_queue_cb_event_enable(events.get(), nullptr, nullptr);
  rd_kafka_set_log_level(client_.get(), 0);
  (void)client_.release();
}

void KafkaConsumer::OnRebalance(rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                                void* self) {
  auto& consumer = *static_cast<KafkaConsumer*>(self);
  const bool gained = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  consumer.was_assigned_ |= gained;
  if (gained) {
    for (rd_kafka_topic_partition_t& row : RowsOf(partitions)) row.offset = RD_KAFKA_OFFSET_STORED;
  }
  const Status status = gained ? consumer.Gain(partitions) : consumer.Lose(partitions);
  if (status.ok()) return;
  freshet::Log(LogLevel::kWarning, "Rebalance failed.", {{"group", Coordinate(consumer.group_)}, {"error", status}});
  rd_kafka_assign(consumer.client_.get(), nullptr);  // the group must be answered
}

Status KafkaConsumer::Gain(rd_kafka_topic_partition_list_t* partitions) {
  for (const rd_kafka_topic_partition_t& row : RowsOf(partitions)) queues_->Open(NameOf(row));
  FRESHET_RETURN_IF_ERROR(TakeError(rd_kafka_incremental_assign(client_.get(), partitions), "group=" + group_));
  std::lock_guard lock(mutex_);
  for (const rd_kafka_topic_partition_t& row : RowsOf(partitions)) owned_[NameOf(row)] = ++last_tenure_;
  return OkStatus();
}

Status KafkaConsumer::Lose(rd_kafka_topic_partition_list_t* partitions) {
  {
    std::scoped_lock lock(commit_mutex_, mutex_);
    for (const rd_kafka_topic_partition_t& row : RowsOf(partitions)) owned_.erase(NameOf(row));
  }
  for (const rd_kafka_topic_partition_t& row : RowsOf(partitions)) {
    queues_->Close(NameOf(row));
    std::erase_if(failed_, [&](const FetchError& error) { return error.partition == NameOf(row); });
    std::erase_if(gaps_, [&](const Gap& gap) { return TopicPartition{gap.topic, gap.partition} == NameOf(row); });
  }
  return TakeError(rd_kafka_incremental_unassign(client_.get(), partitions), "group=" + group_);
}

Status KafkaConsumer::Serve() {
  while (const Handle<rd_kafka_message_t> said{rd_kafka_consumer_poll(client_.get(), 0)}) {
    if (said->err != RD_KAFKA_RESP_ERR_NO_ERROR) FRESHET_RETURN_IF_ERROR(ReadError(said->err, "group=" + group_));
  }
  return OkStatus();
}

Result<Polled> KafkaConsumer::Poll(PollLimits limits) {
  FRESHET_RETURN_IF_ERROR(Serve());
  FRESHET_RETURN_IF_ERROR(Recover());
  Taken taken;
  queues_->Take(limits, taken);
  const bool failed = !taken.errors.empty();
  std::ranges::move(taken.errors, std::back_inserter(failed_));
  // At once: nothing else would wake the caller. Where it fails, the next Poll tells; what was taken is not lost.
  if (failed) (void)Recover();
  Polled polled{.records = std::move(taken.records), .gaps = {}};
  // A gap is told before what follows it, not before what precedes it.
  if (limits.max_records > 0 && (!failed || polled.records.empty())) polled.gaps = std::exchange(gaps_, {});
  return polled;
}

Status KafkaConsumer::Recover() {
  FRESHET_RETURN_IF_ERROR(StartUnread());
  while (!failed_.empty()) {
    const bool stopped = failed_.front().error == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET;
    const Status status = RecoverOne(failed_.front());
    // What has stopped stays on the list until it goes again; the rest librdkafka tries again by itself.
    if (status.ok() || !stopped) failed_.erase(failed_.begin());
    FRESHET_RETURN_IF_ERROR(status);
  }
  return OkStatus();
}

// Partitions that the group has not committed yet begin at their first record, all at once.
Status KafkaConsumer::StartUnread() {
  const auto unread = [](const FetchError& failed) {
    return failed.error == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET && failed.position < 0;
  };
  PartitionList partitions = NewPartitionList(failed_.size());
  for (const FetchError& failed : failed_) {
    if (unread(failed)) AddTo(partitions, failed.partition, RD_KAFKA_OFFSET_BEGINNING);
  }
  if (partitions->cnt == 0) return OkStatus();
  FRESHET_RETURN_IF_ERROR(Restart(partitions));
  std::erase_if(failed_, unread);
  return OkStatus();
}

// librdkafka has stopped at a position that the log does not have (any more), or met something else.
Status KafkaConsumer::RecoverOne(const FetchError& failed) {
  const TopicPartition& name = failed.partition;
  const Offset position(static_cast<uint64_t>(std::max<int64_t>(failed.position, 0)));
  if (failed.error != RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
    const Status status = ReadError(failed.error, Where(name));
    if (DispositionOf(status.code()) == Disposition::kHalt) return status;
    freshet::Log(LogLevel::kWarning, "Partition cannot be read for now.", {{"error", status}});
    // Bytes that fail their checksum are read again, never stepped over.
    const bool damaged = failed.error == RD_KAFKA_RESP_ERR__BAD_MSG && failed.position >= 0;
    return damaged ? RestartAt(name, position) : OkStatus();
  }
  FRESHET_ASSIGN_OR_RETURN(const OffsetRange range, QueryRange(*client_, name, options_.request_timeout));
  if (position > range.end) {
    return Status(Code::kConfiguration, "a position beyond the log's end: " + Where(name) + " position=" +
                                            std::to_string(position.value) + " end=" + std::to_string(range.end.value));
  }
  FRESHET_RETURN_IF_ERROR(RestartAt(name, std::max(position, range.first)));
  if (position < range.first) gaps_.push_back({name.topic, name.partition, position, range.first});
  return OkStatus();
}

Status KafkaConsumer::RestartAt(const TopicPartition& partition, Offset offset) {
  PartitionList list = NewPartitionList();
  AddTo(list, partition, static_cast<int64_t>(offset.value));
  return Restart(list);
}

// A fetcher that has stopped takes no seek.
Status KafkaConsumer::Restart(const PartitionList& partitions) {
  for (const rd_kafka_topic_partition_t& row : RowsOf(partitions.get())) queues_->Forget(NameOf(row));
  const std::string where = "group=" + group_;
  FRESHET_RETURN_IF_ERROR(TakeError(rd_kafka_incremental_unassign(client_.get(), partitions.get()), where));
  return TakeError(rd_kafka_incremental_assign(client_.get(), partitions.get()), where);
}

uint64_t KafkaConsumer::Tenure(const TopicPartition& partition) const {
  std::lock_guard lock(mutex_);
  const auto found = owned_.find(partition);
  return found == owned_.end() ? 0 : found->second;
}

Status KafkaConsumer::Commit(std::span<const std::pair<TopicPartition, Progress>> progress) {
  if (kind_ == Kind::kReader) return Status(Code::kConfiguration, "a reader outside any group has nothing to commit");
  if (progress.empty()) return OkStatus();
  std::lock_guard lock(commit_mutex_);
  PartitionList list = NewPartitionList(progress.size());
  for (const auto& [partition, done] : progress) {
    const uint64_t tenure = Tenure(partition);
    if (tenure == 0 || (done.tenure != 0 && done.tenure != tenure)) {
      return Status(Code::kLogUnavailable, "not this member's: group=" + group_ + " " + Where(partition));
    }
    rd_kafka_topic_partition_t& row = AddTo(list, partition, static_cast<int64_t>(done.next.value));
    const std::string text = ToHex(done.metadata);  // Kafka takes text only
    row.metadata = strdup(text.c_str());            // the list frees it
    row.metadata_size = text.size();
  }
  const std::string where = "group=" + group_;
  FRESHET_RETURN_IF_ERROR(StatusOf(rd_kafka_commit(client_.get(), list.get(), 0), where));
  for (const rd_kafka_topic_partition_t& row : RowsOf(list.get())) {
    FRESHET_RETURN_IF_ERROR(StatusOf(row.err, where + " " + Where(NameOf(row))));
  }
  return OkStatus();
}

std::vector<TopicPartition> KafkaConsumer::Assignment() {
  Serve().ok();  // what it has to tell, the next Poll tells too
  std::lock_guard lock(mutex_);
  std::vector<TopicPartition> partitions;
  for (const auto& [partition, tenure] : owned_) partitions.push_back(partition);
  return partitions;
}

}  // namespace freshet::log
