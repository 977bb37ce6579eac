// BacklogProbe: what waits before the stages, asked of the log without waiting for a log that is away.
//
//   BacklogProbe probe([&] { return runtime.Backlog(); });
//   std::optional<query::LaneBacklog> backlog = probe.Ask(300ms);     // nothing: it is not known for now
//
// One question is under way at a time; whoever asks meanwhile waits for its answer. Any thread. The destructor waits
// for the question that is under way, as long as the log takes to give up.
#pragma once

#include <functional>
#include <future>
#include <mutex>
#include <optional>

#include "services/query/freshness.h"

namespace freshet {

class BacklogProbe {
 public:
  using Question = std::function<Result<std::map<Lane, uint64_t>>()>;

  explicit BacklogProbe(Question question) : question_(std::move(question)) {}

  // The answer to a question that was put after the last one had been answered; nothing where there is none in time, or
  // an error.
  std::optional<query::LaneBacklog> Ask(Duration patience) {
    const auto [answer, number] = UnderWay();
    if (answer.wait_for(patience) != std::future_status::ready) return std::nullopt;
    {
      std::lock_guard lock(mutex_);
      if (number_ == number) asked_ = {};
    }
    Answer by_lane = answer.get();
    if (!by_lane.ok()) return std::nullopt;
    return query::LaneBacklog{(*by_lane)[Lane::kUrgent], (*by_lane)[Lane::kLive], (*by_lane)[Lane::kBackfill]};
  }

 private:
  using Answer = Result<std::map<Lane, uint64_t>>;

  std::pair<std::shared_future<Answer>, uint64_t> UnderWay() {
    std::lock_guard lock(mutex_);
    if (!asked_.valid()) {
      asked_ = std::async(std::launch::async, question_).share();
      ++number_;
    }
    return {asked_, number_};
  }

  const Question question_;
  std::mutex mutex_;
  std::shared_future<Answer> asked_;  // not valid: none is under way
  uint64_t number_ = 0;               // of the question under way
};

}  // namespace freshet
