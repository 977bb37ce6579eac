// For tests: a pipeline of one process with a collection "notes" and a way to publish, ask and restart.
//
//   QuarantineSite site(policy);   site.Put("a", 1, "...");   site.Drain();   site.StateOf("a")   // "searchable"
#pragma once

#include <gtest/gtest.h>

#include "common/log/embedded_log.h"
#include "common/model/factory.h"
#include "schemas/codec.h"
#include "services/runtime/generation_builder.h"
#include "services/runtime/review.h"
#include "services/runtime/runtime.h"
#include "tests/support/crash_directory.h"
#include "tests/support/crash_fs.h"

namespace freshet::testing {

class QuarantineSite {
 public:
  explicit QuarantineSite(deid::Policy policy) : policy_(std::move(policy)) {
    log_ = std::move(*log::EmbeddedLog::Open({.path = "/log", .env = disk_.env(), .clock = &clock_}));
    EXPECT_TRUE(log_->CreateTopics(TopicSpecs(tenant_, kPartitions, {})).ok());
    embedder_ = *model::MakeEmbedder({.kind = "hashing"});
    tokens_ = *model::MakeTokenCounter({.kind = "hashing"});
    Restart();
  }

  void Restart() { Restart(policy_); }
  void Restart(deid::Policy policy) {
    const Status status = TryRestart(std::move(policy));
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  // From the next restart on there is a generation of this policy beside the pipeline's; null: there is none.
  void Beside(std::shared_ptr<const deid::Policy> policy) { beside_ = std::move(policy); }
  Status TryRestart(deid::Policy policy) {
    runtime_.reset();
    policy_ = std::move(policy);
    RuntimeOptions options{.tenant = tenant_, .partitions = kPartitions, .env = disk_.env()};
    options.policies[CollectionName("notes")] = std::make_shared<const deid::Policy>(policy_);
    options.store.open_directory = test::CrashDirectories(disk_);
    RuntimeParts parts{*log_, keys_, clock_, metrics_, embedder_, tokens_};
    if (beside_) {
      options.beside_policies[CollectionName("notes")] = beside_;
      parts.beside = std::make_shared<const GenerationRecipe>(
          GenerationRecipe{RecipeName(*embedder_, {}), embedder_, tokens_, chunk::ChunkOptions{}});
    }
    auto made = Runtime::Make(std::move(options), std::move(parts));
    if (made.ok()) runtime_ = std::move(*made);
    return made.status();
  }

  void Publish(std::string_view document, uint64_t position, Change change, Lane lane = Lane::kLive) {
    const ChangeEvent event{.origin = {.source = SourceName("ehr"),
                                       .collection = CollectionName("notes"),
                                       .document = DocumentId(document),
                                       .version = {.epoch = 1, .position = position}},
                            .change = std::move(change)};
    const std::string key = RecordKey(event);
    const log::NewRecord record{TopicName(tenant_, TopicOf(event.change, lane)), PartitionFor(key, kPartitions), key,
                                *EncodeChange(event, *keys_)};
    ASSERT_TRUE(log_->Append({&record, 1}).ok());
  }
  // As `freshet keys new --rotate` and a restart do: the new key seals, the old one still opens and gives names.
  void RotateKeys() {
    key_file_ = KeyRing::NewKeyLine() + key_file_;
    keys_ = std::make_shared<const KeyRing>(*KeyRing::Parse(key_file_));
    Restart();
  }
  // A record that nothing can read.
  void Spoil(Topic topic) {
    const log::NewRecord record{TopicName(tenant_, topic), Partition(0), "spoilt", "no record"};
    ASSERT_TRUE(log_->Append({&record, 1}).ok());
  }
  void Put(std::string_view document, uint64_t position, std::string content, std::vector<PatientId> patients = {}) {
    Publish(document, position,
            Upsert{.content = std::move(content), .media_type = "text/plain", .patients = std::move(patients)});
  }
  void Learn(uint64_t position, IdentityChange identity) { Publish("", position, std::move(identity)); }

  void Drain() {
    for (int i = 0; i < 60; ++i) {
      for (const NamedWorker& row : runtime_->workers()) ASSERT_TRUE(row.worker->Step().ok()) << row.name;
      clock_.Advance(std::chrono::milliseconds(50));
    }
  }

  // "searchable", "skipped quarantined", ...; "none" where the index has never heard of it.
  std::string StateOf(std::string_view document) const {
    static constexpr const char* kStates[] = {"searchable", "outdated", "withheld", "deleted", "skipped", "pending"};
    const auto rows = Rows(document);
    if (rows.empty()) return "none";
    std::string state = kStates[static_cast<size_t>(rows[0].state)];
    if (rows[0].skip_code != Code::kOk) state += " " + std::string(NameOf(rows[0].skip_code));
    return state;
  }
  // What the index holds of it; empty where it has none.
  std::string TextOf(std::string_view document) const {
    const auto indexed = Indexed(document);
    return indexed ? indexed->second.text() : "";
  }
  std::optional<std::pair<Origin, CleanDocument>> Indexed(std::string_view document) const {
    for (const store::StoredDocument& row : Rows(document)) {
      if (row.sealed.empty()) continue;
      auto clean = DecodeSealed(*DecodeSealedClean(row.sealed), row.origin, *keys_);
      EXPECT_TRUE(clean.ok()) << clean.status().ToString();
      if (clean.ok()) return std::pair(row.origin, std::move(*clean));
    }
    return std::nullopt;
  }
  // Which de-identification run made it; 0: the first.
  uint64_t RunOf(std::string_view document) const {
    const auto rows = Rows(document);
    return rows.empty() ? 0 : rows[0].origin.revision.deid_run;
  }
  void StepOnly(std::string_view worker) {
    for (const NamedWorker& row : runtime_->workers()) {
      if (row.name != worker) continue;
      ASSERT_TRUE(row.worker->Step().ok());
    }
    clock_.Advance(std::chrono::milliseconds(50));
  }
  std::string Held() {
    std::string out;
    for (const deid::Held& held : review().List()) {
      out += held.origin.document.value + " " + std::string(deid::RowOf(held.reason).name) +
             (held.released.name.empty() ? "" : " by " + held.released.name) + "; ";
    }
    return out;
  }

  Runtime& runtime() { return *runtime_; }
  uint64_t Letters(const char* step, const char* code) {
    return metrics_.CounterOf<Metric::kDeadLetters>(step, code).value();
  }
  Review& review() { return *runtime_->review(); }
  const Clock& clock() const { return clock_; }
  const deid::Policy& policy() const { return policy_; }
  const KeyRing& keys() const { return *keys_; }
  static DocumentKey KeyOf(std::string_view document) {
    return {SourceName("ehr"), CollectionName("notes"), DocumentId(document)};
  }

 private:
  static constexpr uint32_t kPartitions = 2;

  std::vector<store::StoredDocument> Rows(std::string_view document) const {
    return runtime_->index()->store().CurrentView()->Lookup(CollectionName("notes"), DocumentId(document));
  }

  const TenantName tenant_{"t"};
  deid::Policy policy_;
  std::shared_ptr<const deid::Policy> beside_;
  test::CrashDisk disk_{1};
  ManualClock clock_{Time(std::chrono::seconds(1'000'000))};
  MetricRegistry metrics_{tenant_};
  std::string key_file_ = KeyRing::NewKeyLine();
  std::shared_ptr<const KeyRing> keys_ = std::make_shared<const KeyRing>(*KeyRing::Parse(key_file_));
  std::unique_ptr<log::Log> log_;
  std::shared_ptr<const model::Embedder> embedder_;
  std::shared_ptr<const model::TokenCounter> tokens_;
  std::unique_ptr<Runtime> runtime_;
};

}  // namespace freshet::testing
