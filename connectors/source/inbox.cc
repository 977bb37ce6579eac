#include "connectors/source/inbox.h"

#include <algorithm>

#include "connectors/source/source.h"

namespace freshet {

Status Inbox::Deliver(std::vector<ChangeEvent> events, size_t bytes, Duration patience) {
  auto delivery = std::make_shared<Delivery>(Delivery{.events = std::move(events), .bytes = bytes});
  std::unique_lock lock(mutex_);
  if (!open_) return Status(Code::kUnavailable, "Nothing is taken in now");
  if (bytes_ > 0 && bytes_ + bytes > most_bytes_) return Status(Code::kBackpressure, "The inbox is full");
  bytes_ += bytes;
  waiting_.push_back(delivery);
  arrived_.notify_one();
  const bool answered = answered_.wait_for(lock, patience, [&] { return delivery->fate != Fate::kWaits; });
  if (!answered) return Status(Code::kTimeout, "Not durable in time");
  return delivery->fate == Fate::kDurable ? OkStatus() : Status(Code::kUnavailable, "Ended before it was durable");
}

std::vector<ChangeEvent> Inbox::Take(Duration wait) {
  std::unique_lock lock(mutex_);
  if (wait > Duration(0)) arrived_.wait_for(lock, wait, [&] { return !waiting_.empty(); });
  std::vector<ChangeEvent> events;
  size_t bytes = 0;
  const auto fits = [&] { return events.empty() || bytes + waiting_.front()->bytes <= kMostBatchBytes; };
  while (!waiting_.empty() && events.size() < kMostBatchEvents && fits()) {
    std::shared_ptr<Delivery> delivery = std::move(waiting_.front());
    waiting_.pop_front();
    bytes += delivery->bytes;
    std::move(delivery->events.begin(), delivery->events.end(), std::back_inserter(events));
    delivery->events.clear();
    taken_.push_back(std::move(delivery));
  }
  return events;
}

void Inbox::Done() {
  std::lock_guard lock(mutex_);
  for (const auto& delivery : taken_) {
    delivery->fate = Fate::kDurable;
    bytes_ -= delivery->bytes;
  }
  taken_.clear();
  answered_.notify_all();
}

void Inbox::Close() {
  std::lock_guard lock(mutex_);
  open_ = false;
  for (auto* const queue : {&waiting_, &taken_}) {
    for (const auto& delivery : *queue) delivery->fate = Fate::kClosed;
    queue->clear();
  }
  bytes_ = 0;
  answered_.notify_all();
}

void Inbox::Open() {
  std::lock_guard lock(mutex_);
  open_ = true;
}

bool Inbox::empty() const {
  std::lock_guard lock(mutex_);
  return waiting_.empty();
}

}  // namespace freshet
