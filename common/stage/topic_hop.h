// The durable kind of hop: a topic of the log, with a codec at each end.
//
//   TopicReceiver<CleanDocument> in(consumer, {.streams = {{name, Stream(5)}}, .decode = ...});
//   TopicSender<ChunkedDocument> out(log, {.topic = name, .encode = ..., .settle = &progress});
//
// A record that no decoder reads becomes Skipped or Lost, a gap that retention left becomes Lost{expired}: nothing
// stops a partition and nothing goes unaccounted. One thread at each end.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/log/log.h"
#include "common/stage/hop.h"
#include "common/stage/progress.h"

namespace freshet {

template <class Body>
struct TopicReceiverOptions {
  std::map<std::string, Stream> streams;  // of the consumer's topics
  std::function<Result<Envelope<Body>>(const log::Delivered&)> decode;
  // Coordinates of a record that `decode` refuses, as far as they can be read.
  std::function<Result<Origin>(const log::Delivered&)> decode_origin;
  Step step = Step::kDeid;  // that receives, and skips what cannot be decoded
};

template <class Body>
class TopicReceiver final : public Receiver<Body> {
 public:
  TopicReceiver(std::shared_ptr<log::Consumer> consumer, TopicReceiverOptions<Body> options)
      : consumer_(std::move(consumer)), options_(std::move(options)) {}

  Result<std::vector<Arrival<Body>>> Receive(ReceiveLimits limits) override {
    FRESHET_ASSIGN_OR_RETURN(log::Polled polled,
                             consumer_->Poll({.max_records = limits.max_records, .max_bytes = limits.max_bytes}));
    std::vector<Arrival<Body>> batch;
    batch.reserve(polled.records.size() + polled.gaps.size());
    auto tenure_of = [this, last = log::TopicPartition{}, tenure = uint64_t{0}](const auto& read) mutable {
      if (read.partition == last.partition && read.topic == last.topic) return tenure;
      last = {read.topic, read.partition};
      return tenure = consumer_->Tenure(last);
    };
    for (const log::Gap& gap : polled.gaps) {
      batch.push_back({.envelope = {.payload = Lost{Code::kExpired, gap.to.value - gap.from.value, options_.step}},
                       .position = {options_.streams.at(gap.topic), gap.partition, gap.from},
                       .tenure = tenure_of(gap)});
    }
    for (const log::Delivered& record : polled.records) {
      Result<Envelope<Body>> envelope = Decode(record);
      // A key that is not there is an operator's matter; the record is not lost, it is read again after the restart.
      if (!envelope.ok()) return envelope.status();
      batch.push_back({.envelope = std::move(*envelope),
                       .position = {options_.streams.at(record.topic), record.partition, record.offset},
                       .tenure = tenure_of(record)});
    }
    return batch;
  }

 private:
  Result<Envelope<Body>> Decode(const log::Delivered& record) {
    Result<Envelope<Body>> envelope = options_.decode(record);
    if (envelope.ok() || DispositionOf(envelope.code()) == Disposition::kHalt) return envelope;
    Result<Origin> origin = options_.decode_origin(record);
    if (!origin.ok()) return Envelope<Body>{.payload = Lost{envelope.code(), 1, options_.step}};
    return Envelope<Body>{.origin = std::move(*origin), .payload = Skipped{envelope.code(), options_.step}};
  }

  std::shared_ptr<log::Consumer> consumer_;
  TopicReceiverOptions<Body> options_;
};

template <class Body>
struct TopicSenderOptions {
  std::string topic;
  std::function<std::string(const Origin&)> key;
  std::function<Result<std::string>(const Envelope<Body>&)> encode;
  Step step = Step::kDeid;                  // that sends
  std::shared_ptr<GroupProgress> progress;  // told what is durable now
};

template <class Body>
class TopicSender final : public Sender<Body> {
 public:
  TopicSender(log::Log& log, TopicSenderOptions<Body> options) : log_(log), options_(std::move(options)) {}

  Status Send(std::vector<Arrival<Body>>& batch) override {
    std::vector<log::NewRecord> records;
    records.reserve(batch.size());
    for (Arrival<Body>& arrival : batch) {
      FRESHET_ASSIGN_OR_RETURN(std::string value, Encode(arrival.envelope));
      records.push_back(
          {options_.topic, arrival.position.partition, options_.key(arrival.envelope.origin), std::move(value)});
    }
    const auto offsets = log_.Append(records);
    if (!offsets.ok()) return offsets.status();
    for (const Arrival<Body>& arrival : batch) options_.progress->Settle(arrival);
    batch.clear();
    return options_.progress->CommitIfDue();
  }

  Status Tick() override { return options_.progress->CommitIfDue(); }

 private:
  // What is too large for a record goes on as Skipped: one input, one output.
  Result<std::string> Encode(Envelope<Body>& envelope) {
    Result<std::string> value = options_.encode(envelope);
    if (value.ok() || DispositionOf(value.code()) != Disposition::kSkip) return value;
    envelope.payload = Skipped{value.code(), options_.step};
    return options_.encode(envelope);
  }

  log::Log& log_;
  TopicSenderOptions<Body> options_;
};

}  // namespace freshet
