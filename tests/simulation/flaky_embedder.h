// A model that is away for a while: whoever embeds meanwhile is told `unavailable`, and tries again.
//
//   FlakyEmbedder embedder(sound, clock);
//   embedder.FailFor(50ms);
//
// Not thread-safe: a simulation has one thread.
#pragma once

#include <memory>

#include "common/base/clock.h"
#include "common/model/embedder.h"

namespace freshet::test {

class FlakyEmbedder final : public model::Embedder {
 public:
  FlakyEmbedder(std::shared_ptr<const model::Embedder> sound, const Clock& clock)
      : sound_(std::move(sound)), clock_(clock) {}

  void FailFor(Duration how_long) { until_ = clock_.Now() + how_long; }
  size_t failures() const { return failures_; }

  std::string_view name() const override { return sound_->name(); }
  uint32_t dimensions() const override { return sound_->dimensions(); }
  bool worth_caching() const override { return sound_->worth_caching(); }

 protected:
  Result<model::EmbeddingBatch> Compute(std::span<const std::string_view> texts,
                                        model::Priority priority) const override {
    if (clock_.Now() >= until_) return sound_->Embed(texts, priority);
    ++failures_;
    return Status(Code::kUnavailable, "the simulated model is away");
  }

 private:
  const std::shared_ptr<const model::Embedder> sound_;
  const Clock& clock_;
  Time until_{};
  mutable size_t failures_ = 0;
};

}  // namespace freshet::test
