#include "common/log/kafka/producer.h"

#include <pthread.h>

#include <condition_variable>

#include "common/log/kafka/errors.h"

namespace freshet::log {
namespace {

constexpr int kPollMillis = 100;  // acknowledgements end the wait at once; this is how soon a stop is seen
constexpr Duration kQueueFull = std::chrono::milliseconds(1);

// One Append's records until all are answered.
class Call {
 public:
  struct Slot {
    Call* call = nullptr;
    int64_t offset = RD_KAFKA_OFFSET_INVALID;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  };

  explicit Call(size_t count) : slots_(count, Slot{.call = this}), unanswered_(count) {}

  Slot& slot(size_t i) { return slots_[i]; }

  void Answer(Slot& slot, rd_kafka_resp_err_t error, int64_t offset) {
    slot.error = error;
    slot.offset = offset;
    std::lock_guard lock(mutex_);  // held while notifying: the waiter takes the call with it
    if (--unanswered_ == 0) answered_.notify_one();
  }

  void Wait() {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [this] { return unanswered_ == 0; });
  }

  static void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    Slot& slot = *static_cast<Slot*>(message->_private);
    slot.call->Answer(slot, message->err, message->offset);
  }

 private:
  std::vector<Slot> slots_;
  std::mutex mutex_;
  std::condition_variable answered_;
  size_t unanswered_;
};

rd_kafka_resp_err_t Produce(rd_kafka_t* client, const NewRecord& record, Call::Slot& slot) {
  const void* const value = record.value ? record.value->data() : nullptr;
  const size_t size = record.value ? record.value->size() : 0;
  while (true) {
    // No copy, no free: the record outlives the call. A tombstone is a null value, an empty value is not.
    const rd_kafka_resp_err_t error =
        rd_kafka_producev(client, RD_KAFKA_V_TOPIC(record.topic.c_str()),
                          RD_KAFKA_V_PARTITION(static_cast<int32_t>(record.partition.value)), RD_KAFKA_V_MSGFLAGS(0),
                          RD_KAFKA_V_KEY(const_cast<char*>(record.key.data()), record.key.size()),
                          RD_KAFKA_V_VALUE(const_cast<void*>(value), size), RD_KAFKA_V_OPAQUE(&slot), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) return error;
    std::this_thread::sleep_for(kQueueFull);  // acknowledgements and timeouts make room
  }
}

}  // namespace

Result<std::shared_ptr<ProducerClient>> ProducerClient::Make(const KafkaOptions& options) {
  FRESHET_ASSIGN_OR_RETURN(Handle<rd_kafka_t> client,
                           NewClient(options, Role::kProduce, {.on_delivery = &Call::OnDelivery}));
  return std::shared_ptr<ProducerClient>(new ProducerClient(std::move(client)));
}

ProducerClient::ProducerClient(Handle<rd_kafka_t> client)
    : client_(std::move(client)), acknowledgements_([kafka = client_.get()](const std::stop_token& stop) {
        pthread_setname_np(pthread_self(), "kafka-acks");
        while (!stop.stop_requested()) rd_kafka_poll(kafka, kPollMillis);
      }) {}

Result<std::shared_ptr<ProducerClient>> Producer::Current() {
  std::lock_guard lock(mutex_);
  if (client_ == nullptr || client_->failed()) {
    FRESHET_ASSIGN_OR_RETURN(client_, ProducerClient::Make(options_));
  }
  return client_;
}

Result<std::vector<Offset>> Producer::Append(std::span<const NewRecord> records) {
  FRESHET_ASSIGN_OR_RETURN(const std::shared_ptr<ProducerClient> client, Current());
  Call call(records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    const rd_kafka_resp_err_t error = Produce(client->get(), records[i], call.slot(i));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) call.Answer(call.slot(i), error, RD_KAFKA_OFFSET_INVALID);
  }
  call.Wait();
  std::vector<Offset> offsets;
  offsets.reserve(records.size());
  for (size_t i = 0; i < records.size(); ++i) {
    const Call::Slot& slot = call.slot(i);
    const std::string where = Where(records[i].topic, records[i].partition);
    FRESHET_RETURN_IF_ERROR(StatusOf(slot.error, where));
    // A broker may say that it has a retried batch and no longer where.
    if (slot.offset < 0) return Status(Code::kLogUnavailable, "stored at an offset that the broker forgot: " + where);
    offsets.push_back(Offset(static_cast<uint64_t>(slot.offset)));
  }
  return offsets;
}

}  // namespace freshet::log
