#include "services/freshet/recall_keeper.h"

#include "common/telemetry/log.h"

namespace freshet {
namespace {

constexpr int64_t kRest = 200;  // times as long as an audit's own work

}  // namespace

void RecallKeeper::Announce(const std::vector<CollectionName>& collections) {
  for (const CollectionName& collection : collections) {
    for (const char* const outcome : {"found", "missed"}) {
      metrics_.CounterOf<Metric::kVectorAudit>(collection.value, outcome).Add(0);
    }
  }
}

// False after each piece of work too: the thread sleeps between two of them.
Result<bool> RecallKeeper::Step() {
  const auto begin = std::chrono::steady_clock::now();
  if (audit_ != nullptr) {
    const Result<bool> more = audit_->Step(options_.vectors_a_step);
    if (!more.ok()) {
      Log(LogLevel::kWarning, "Vectors not audited.", {{"collection", collection_}, {"error", more.status()}});
      audit_.reset();
    } else if (!*more) {
      Finish();
    }
  } else if (!waiting_.empty() || IsDue(due_, clock_.Now(), wait_)) {
    Begin();
  } else {
    if (announced_) return false;
    const std::vector<CollectionName> collections = view_of_()->Collections();
    Announce(collections);
    announced_ = !collections.empty();
    return false;
  }
  busy_ += std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin);
  if (audit_ != nullptr || !waiting_.empty()) return false;
  view_.reset();
  wait_ = std::max(options_.every, busy_ * kRest);
  due_ = clock_.Now() + wait_;
  busy_ = {};
  return false;
}

void RecallKeeper::Begin() {
  view_ = view_of_();
  if (waiting_.empty()) {
    waiting_ = view_->Collections();
    Announce(waiting_);
  }
  if (waiting_.empty()) return;
  collection_ = waiting_.back();
  waiting_.pop_back();
  audit_ = store::AuditVectors(*view_, collection_, {.questions = options_.questions, .seed = random_()});
}

void RecallKeeper::Finish() {
  const store::VectorRecall recall = audit_->recall();
  audit_.reset();
  const auto count = [&](const char* outcome, uint64_t hits) {
    metrics_.CounterOf<Metric::kVectorAudit>(collection_.value, outcome).Add(hits);
  };
  count("found", recall.found);
  count("missed", recall.wanted - recall.found);
}

}  // namespace freshet
