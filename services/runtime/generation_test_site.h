// GenerationSite: a site in one process on a disk in memory, with one model or two, for tests of generations.
//
//   GenerationSite site(1);   site.Start(Models::kFirst);   site.PutMany(10);   site.Drain();   site.List()   //
//   "*1:10/0"
//
// One thread, but for what OnWriter does meanwhile.
#pragma once

#include <gtest/gtest.h>

#include <thread>

#include "common/log/embedded_log.h"
#include "common/model/factory.h"
#include "schemas/codec.h"
#include "services/runtime/runtime.h"
#include "tests/support/crash_directory.h"
#include "tests/support/crash_fs.h"

namespace freshet::testing {

using namespace std::chrono_literals;

inline const TenantName kGenerationTenant("t");
inline const CollectionName kNotes("notes");
inline constexpr uint32_t kGenerationPartitions = 2;

// Four numbers a text, of another name than the pipeline's; fails as it is told to.
class OtherModel final : public model::Embedder {
 public:
  std::string_view name() const override { return "other"; }
  uint32_t dimensions() const override { return 4; }
  bool worth_caching() const override { return false; }
  Result<model::EmbeddingBatch> Compute(std::span<const std::string_view> texts, model::Priority) const override {
    ++calls;
    if (!fails.ok()) return fails;
    for (const std::string_view text : texts) {
      if (!odd.empty() && text.find(odd) != text.npos) return Status(Code::kInternalError);
    }
    return model::EmbeddingBatch{4, std::vector<float>(4 * texts.size(), 0.5f)};
  }
  Status fails;
  std::string odd;  // texts with it cannot be embedded
  mutable std::atomic<int> calls = 0;
};

// Which models the configuration names: the pipeline's first, then what is made beside.
enum class Models { kFirst, kBoth, kSwapped, kOther };

class GenerationSite {
 public:
  // The log is on the disk that loses power, or on one of its own.
  enum class LogOn { kSameDisk, kOtherDisk };
  explicit GenerationSite(uint64_t seed, LogOn log_on = LogOn::kSameDisk)
      : disk_(seed), log_disk_(log_on == LogOn::kSameDisk ? &disk_ : &other_disk_) {
    OpenLog();
    EXPECT_TRUE(log_->CreateTopics(TopicSpecs(kGenerationTenant, kGenerationPartitions, {})).ok());
    hashing_ = *model::MakeEmbedder({.kind = "hashing"});
    tokens_ = *model::MakeTokenCounter({.kind = "hashing"});
  }
  void OpenLog() {
    log_.reset();
    log_ = std::move(*log::EmbeddedLog::Open({.path = "/log", .env = log_disk_->env(), .clock = &clock_}));
  }
  Status Start(Models models) {
    runtime_.reset();
    RuntimeOptions options{.tenant = kGenerationTenant, .partitions = kGenerationPartitions, .env = disk_.env()};
    options.policies[kNotes] = *deid::FindPolicy("none");
    options.store.open_directory = test::CrashDirectories(disk_);
    const bool other_first = models == Models::kSwapped || models == Models::kOther;
    const std::shared_ptr<const model::Embedder> first = other_first ? Other() : hashing_;
    const std::shared_ptr<const model::Embedder> second = other_first ? hashing_ : Other();
    RuntimeParts parts{*log_, keys_, clock_, metrics_, first, tokens_};
    if (models == Models::kBoth || models == Models::kSwapped) {
      parts.beside = std::make_shared<const GenerationRecipe>(
          GenerationRecipe{RecipeName(*second, {}), second, tokens_, chunk::ChunkOptions{}});
    }
    auto made = Runtime::Make(std::move(options), std::move(parts));
    if (made.ok()) runtime_ = std::move(*made);
    return made.status();
  }
  std::string IndexPath() const { return "/index"; }
  std::shared_ptr<const model::Embedder> Other() const { return other_; }

  void Publish(std::string_view document, Change change) {
    const Lane lane = Lane::kLive;
    const ChangeEvent event{.origin = {.source = SourceName("ehr"),
                                       .collection = kNotes,
                                       .document = DocumentId(document),
                                       .version = {.epoch = 1, .position = ++version_}},
                            .change = std::move(change)};
    const std::string key = RecordKey(event);
    const log::NewRecord record{TopicName(kGenerationTenant, TopicOf(event.change, lane)),
                                PartitionFor(key, kGenerationPartitions), key, *EncodeChange(event, *keys_)};
    ASSERT_TRUE(log_->Append({&record, 1}).ok());
  }
  void Put(std::string_view document, std::string content) {
    Publish(document, Upsert{.content = std::move(content), .media_type = "text/plain"});
  }
  void PutMany(int count) {
    for (int i = 0; i < count; ++i) Put("d" + std::to_string(i), "A note of number " + std::to_string(i) + ".");
  }
  // As far as it goes without power.
  void DrainWhilePowered(int rounds) {
    for (int i = 0; i < rounds && disk_.volume().powered(); ++i) {
      for (const NamedWorker& row : runtime_->workers()) (void)row.worker->Step();
      clock_.Advance(50ms);
    }
  }
  void Drain(int rounds = 80) {
    for (int i = 0; i < rounds; ++i) {
      for (const NamedWorker& row : runtime_->workers()) ASSERT_TRUE(row.worker->Step().ok()) << row.name;
      clock_.Advance(50ms);
    }
  }
  // "*1:10/0 2:4/6": number, documents, behind.
  std::string List() const {
    std::string text;
    for (const store::GenerationInfo& row : runtime_->index()->store().Generations()) {
      text += std::string(text.empty() ? "" : " ") + (row.served ? "*" : "") + std::to_string(row.number) + ":" +
              std::to_string(row.documents) + "/" + std::to_string(row.behind);
    }
    return text;
  }
  // From another thread, as an operator's call comes.
  Status OnWriter(const std::function<Status(store::IndexStore&)>& work) {
    Status status;
    std::atomic<bool> done = false;
    std::thread operators([&] {
      status = runtime_->generations()->OnWriter(work, 30s);
      done = true;
    });
    // A write without power ends too, in an error.
    while (!done) {
      for (const NamedWorker& row : runtime_->workers()) (void)row.worker->Step();
      clock_.Advance(50ms);
    }
    operators.join();
    return status;
  }
  Status Serve(uint32_t number) {
    return OnWriter([&](store::IndexStore& store) {
      FRESHET_RETURN_IF_ERROR(store.generations().Serve(kNotes, number));
      return store.Refresh();
    });
  }

  test::CrashDisk disk_, other_disk_{99};
  test::CrashDisk* const log_disk_;
  ManualClock clock_{Time(1'000'000s)};
  MetricRegistry metrics_{kGenerationTenant};
  std::shared_ptr<const KeyRing> keys_ = std::make_shared<const KeyRing>(*KeyRing::Parse(KeyRing::NewKeyLine()));
  std::unique_ptr<log::Log> log_;
  std::shared_ptr<const model::Embedder> hashing_;
  std::shared_ptr<OtherModel> other_ = std::make_shared<OtherModel>();
  std::shared_ptr<const model::TokenCounter> tokens_;
  std::unique_ptr<Runtime> runtime_;
  uint64_t version_ = 0;
};

}  // namespace freshet::testing
