#include "common/log/embedded_consumer.h"

#include <algorithm>

namespace freshet::log {
namespace {

struct Place {
  TopicPartition partition;
  Offset at;
};

// Reads the partitions in turn, beginning behind the one that was read first the last time.
Status ReadInTurn(LogStore& store, std::vector<Place>& places, size_t& turn, PollLimits limits, Polled& out) {
  if (places.empty()) return OkStatus();
  turn %= places.size();
  const size_t first = turn++;
  for (size_t i = 0; i < places.size() && limits.max_records > 0 && limits.max_bytes > 0; ++i) {
    Place& place = places[(first + i) % places.size()];
    FRESHET_RETURN_IF_ERROR(store.Read(place.partition, place.at, limits, out));
  }
  return OkStatus();
}

class AssignedConsumer final : public Consumer {
 public:
  AssignedConsumer(std::shared_ptr<LogStore> store, std::vector<Place> places, Waker* waker)
      : store_(std::move(store)), places_(std::move(places)), waker_(waker) {}
  ~AssignedConsumer() override {
    if (waker_ != nullptr) store_->RemoveWaker(waker_);
  }

  Result<Polled> Poll(PollLimits limits) override {
    Polled polled;
    FRESHET_RETURN_IF_ERROR(ReadInTurn(*store_, places_, turn_, limits, polled));
    return polled;
  }

  Status Commit(std::span<const std::pair<TopicPartition, Progress>>) override {
    return Status(Code::kConfiguration, "a reader outside any group has no progress to commit");
  }

  std::vector<TopicPartition> Assignment() override {
    std::vector<TopicPartition> assignment;
    for (const Place& place : places_) assignment.push_back(place.partition);
    return assignment;
  }

 private:
  std::shared_ptr<LogStore> store_;
  std::vector<Place> places_;
  Waker* const waker_;
  size_t turn_ = 0;
};

class GroupConsumer final : public Consumer {
 public:
  GroupConsumer(std::shared_ptr<LogStore> store, std::string group, std::vector<std::string> topics, Waker* waker)
      : store_(std::move(store)), group_(std::move(group)) {
    member_.topics = std::move(topics);
    member_.waker = waker;
    store_->Join(group_, &member_);
  }
  ~GroupConsumer() override { store_->Leave(group_, &member_); }

  Result<Polled> Poll(PollLimits limits) override {
    FRESHET_RETURN_IF_ERROR(Follow());
    Polled polled;
    FRESHET_RETURN_IF_ERROR(ReadInTurn(*store_, places_, turn_, limits, polled));
    return polled;
  }

  Status Commit(std::span<const std::pair<TopicPartition, Progress>> progress) override {
    return store_->Commit(group_, member_, seen_generation_, progress);
  }

  std::vector<TopicPartition> Assignment() override {
    if (!Follow().ok()) return {};
    std::vector<TopicPartition> assignment;
    for (const Place& place : places_) assignment.push_back(place.partition);
    return assignment;
  }

 private:
  // Takes up a new share: partitions that stay go on where they are, new ones begin where the group is.
  Status Follow() {
    const uint64_t generation = store_->GenerationOf(member_);
    if (generation == seen_generation_) return OkStatus();
    std::vector<Place> places;
    for (const TopicPartition& partition : store_->ShareOf(member_)) {
      const auto kept = std::find_if(places_.begin(), places_.end(),
                                     [&](const Place& place) { return place.partition == partition; });
      if (kept != places_.end()) {
        places.push_back(*kept);
        continue;
      }
      FRESHET_ASSIGN_OR_RETURN(const Progress progress, store_->Committed(group_, partition));
      places.push_back({partition, progress.next});
    }
    places_ = std::move(places);
    seen_generation_ = generation;
    return OkStatus();
  }

  std::shared_ptr<LogStore> store_;
  const std::string group_;
  LogStore::Member member_;
  std::atomic<uint64_t> seen_generation_ = 0;
  std::vector<Place> places_;
  size_t turn_ = 0;
};

}  // namespace

Result<std::unique_ptr<Consumer>> NewGroupConsumer(std::shared_ptr<LogStore> store, std::string group,
                                                   std::vector<std::string> topics, Waker* waker) {
  for (const std::string& topic : topics) FRESHET_RETURN_IF_ERROR(store->PartitionsOf(topic).status());
  store->AddWaker(topics, waker);
  return std::unique_ptr<Consumer>(
      std::make_unique<GroupConsumer>(std::move(store), std::move(group), std::move(topics), waker));
}

Result<std::unique_ptr<Consumer>> NewAssignedConsumer(std::shared_ptr<LogStore> store,
                                                      std::vector<std::pair<TopicPartition, Offset>> starts,
                                                      Waker* waker) {
  std::vector<Place> places;
  std::vector<std::string> topics;
  for (auto& [partition, offset] : starts) {
    FRESHET_ASSIGN_OR_RETURN(const OffsetRange range, store->Range(partition));
    if (offset > range.end) {
      return Status(Code::kConfiguration, "an offset of " + partition.topic + " lies beyond the log's end");
    }
    topics.push_back(partition.topic);
    places.push_back({partition, offset});
  }
  store->AddWaker(topics, waker);
  return std::unique_ptr<Consumer>(std::make_unique<AssignedConsumer>(std::move(store), std::move(places), waker));
}

}  // namespace freshet::log
