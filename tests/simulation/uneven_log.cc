#include "tests/simulation/uneven_log.h"

namespace freshet::test {
namespace {

class UnevenConsumer final : public log::Consumer {
 public:
  UnevenConsumer(const UnevenLog& log, std::unique_ptr<log::Consumer> consumer)
      : log_(log), consumer_(std::move(consumer)) {}

  Result<log::Polled> Poll(log::PollLimits limits) override {
    FRESHET_ASSIGN_OR_RETURN(log::Polled polled, consumer_->Poll(limits));
    std::map<log::TopicPartition, log::Polled> pieces;
    for (log::Gap& gap : polled.gaps) pieces[{gap.topic, gap.partition}].gaps.push_back(std::move(gap));
    for (log::Delivered& record : polled.records) {
      pieces[{record.topic, record.partition}].records.push_back(std::move(record));
    }
    DropWhatWasTaken();
    for (auto& [partition, piece] : pieces) waiting_[partition].push_back({std::move(piece), Tenure(partition)});
    return limits.max_records == 0 ? log::Polled() : TakeDue();
  }

  bool AtEnd() const override { return waiting_.empty() && consumer_->AtEnd(); }
  Status Commit(std::span<const std::pair<log::TopicPartition, log::Progress>> progress) override {
    return consumer_->Commit(progress);
  }
  uint64_t Tenure(const log::TopicPartition& partition) const override { return consumer_->Tenure(partition); }
  std::vector<log::TopicPartition> Assignment() override { return consumer_->Assignment(); }

 private:
  struct Piece {
    log::Polled polled;
    uint64_t tenure = 0;
  };

  // What was polled under an earlier tenure is delivered again.
  void DropWhatWasTaken() {
    for (auto& [partition, pieces] : waiting_) {
      std::erase_if(pieces, [&, now = Tenure(partition)](const Piece& piece) { return piece.tenure != now; });
    }
    std::erase_if(waiting_, [](const auto& row) { return row.second.empty(); });
  }

  // A piece of each partition that is not slow: a gap is told before what follows it.
  log::Polled TakeDue() {
    log::Polled due;
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      if (log_.stalled(it->first)) {
        ++it;
        continue;
      }
      log::Polled& piece = it->second.front().polled;
      std::move(piece.gaps.begin(), piece.gaps.end(), std::back_inserter(due.gaps));
      std::move(piece.records.begin(), piece.records.end(), std::back_inserter(due.records));
      it->second.pop_front();
      it = it->second.empty() ? waiting_.erase(it) : std::next(it);
    }
    return due;
  }

  const UnevenLog& log_;
  const std::unique_ptr<log::Consumer> consumer_;
  std::map<log::TopicPartition, std::deque<Piece>> waiting_;
};

}  // namespace

void UnevenLog::Stall(uint64_t random, Duration how_long) {
  if (!partitions_.empty()) until_[partitions_[random % partitions_.size()]] = clock_.Now() + how_long;
}

bool UnevenLog::stalled(const log::TopicPartition& partition) const {
  const auto found = until_.find(partition);
  return found != until_.end() && clock_.Now() < found->second;
}

Status UnevenLog::CreateTopics(std::span<const log::TopicSpec> specs) {
  for (const log::TopicSpec& spec : specs) {
    for (uint32_t i = 0; i < spec.partitions; ++i) partitions_.push_back({spec.name, Partition(i)});
  }
  return log_.CreateTopics(specs);
}

Result<std::unique_ptr<log::Consumer>> UnevenLog::Subscribe(const std::string& group, std::vector<std::string> topics,
                                                            Waker* waker) {
  FRESHET_ASSIGN_OR_RETURN(auto consumer, log_.Subscribe(group, std::move(topics), waker));
  return std::unique_ptr<log::Consumer>(std::make_unique<UnevenConsumer>(*this, std::move(consumer)));
}

Result<std::unique_ptr<log::Consumer>> UnevenLog::Assign(std::vector<std::pair<log::TopicPartition, Offset>> starts,
                                                         Waker* waker) {
  FRESHET_ASSIGN_OR_RETURN(auto consumer, log_.Assign(std::move(starts), waker));
  return std::unique_ptr<log::Consumer>(std::make_unique<UnevenConsumer>(*this, std::move(consumer)));
}

}  // namespace freshet::test
