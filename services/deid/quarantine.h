// Quarantine: which documents de-identification holds back, why, and what a reviewer decided. Content is not here: it
// stays in `originals`, sealed with the document's own key, and a delete takes both.
//
//   auto quarantine = Quarantine::Open({.path = dir, .keys = keys});
//   (*quarantine)->Hold({.origin = origin, .reason = HoldReason::kDoubt, .risk = .93f, .policy = "safe_harbor@1"});
//   (*quarantine)->Release(document, version, {"olga", now});    // this version, no other, passes its policy's limit
//   (*quarantine)->releases()->Has(origin)                       // what the stage asks
//
// The newest (version, de-identification run) of a document wins. A release holds for one version, so that a replay of
// it has the same outcome. Any thread; all is in memory too, for few documents are held. Stored in a RocksDB of its
// own: "held" has source collection document (AppendText) -> record, sealed by the tenant's payload key:
//   record := version(24) run(8) reason(1) risk(8: millionths) policy since(8) released_by released_at(8)
// "marks" has what a worker has to remember across restarts, by name (Mark).
//
// Codes: not_found (no such version is held), permission_denied (what verification found is no matter of opinion);
// disk_full, io_error (retry); key_missing, corrupt_store (halt), configuration (another process has it open).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/crypto/keys.h"
#include "common/store/database.h"
#include "services/deid/originals.h"

namespace freshet::deid {

// X(enumerator, name, releasable, meaning)
#define FRESHET_HOLD_REASONS(X)                                                                             \
  X(kDoubt, "doubt", true, "Likelier than the policy's limit that a guess left in is an identifier.")       \
  X(kUnknownPatient, "unknown_patient", true, "A patient of the document is not in the roster.")            \
  X(kResidue, "residue", false, "Verification found a known identity or a hard shape in the cleaned text.") \
  X(kScan, "scan", false, "The scan before indexing found a known identity or a hard shape.")               \
  X(kSourceHalted, "source_halted", false, "The scan found so much in this source that nothing of it goes on.")

enum class HoldReason : uint8_t {
#define FRESHET_HOLD_REASON_ENUMERATOR(enumerator, name, releasable, meaning) enumerator,
  FRESHET_HOLD_REASONS(FRESHET_HOLD_REASON_ENUMERATOR)
#undef FRESHET_HOLD_REASON_ENUMERATOR
};
struct HoldReasonRow {
  std::string_view name;
  bool releasable;
  std::string_view meaning;
};
const HoldReasonRow& RowOf(HoldReason reason);

struct Reviewer {
  std::string name;
  Time at;
};

struct Held {
  Origin origin;  // coordinates alone
  HoldReason reason = HoldReason::kDoubt;
  float risk = 1;
  std::string policy;  // "safe_harbor@1"
  Time since;
  Reviewer released;  // no name: it is held
};

// The versions that reviewers let through.
class Releases {
 public:
  bool Has(const Origin& origin) const {
    const auto found = versions_.find(KeyOf(origin));
    return found != versions_.end() && found->second == origin.version;
  }

 private:
  friend class Quarantine;
  std::map<DocumentKey, Version> versions_;
};

struct QuarantineOptions {
  std::string path;
  std::shared_ptr<const KeyRing> keys;
  rocksdb::Env* env = nullptr;  // null: the operating system's
};

class Quarantine {
 public:
  static Result<std::unique_ptr<Quarantine>> Open(QuarantineOptions options);

  // Durable when it returns. What is older than the one held, or is released, changes nothing.
  Status Hold(Held held);
  // A newer version, or a newer run of the version that is held, goes its own way.
  Status Pass(std::span<const Origin* const> origins);
  // Deleted documents.
  Status Forget(std::span<const Gone> gone);
  // Durable when it returns; told again, it changes nothing.
  Status Release(const DocumentKey& document, const Version& version, const Reviewer& reviewer);

  std::vector<Held> List() const;  // by source, collection, document
  std::optional<Held> Find(const DocumentKey& document) const;
  std::shared_ptr<const Releases> releases() const;

  // Empty where it was never set. Durable when SetMark returns.
  Result<std::string> Mark(const std::string& name) const;
  Status SetMark(const std::string& name, const std::string& value);

 private:
  Quarantine(std::unique_ptr<store::Database> database, std::shared_ptr<const KeyRing> keys);
  Status Load();
  std::string Sealed(const std::string& key, const Held& held) const;
  Result<Held> Opened(const std::string& key, std::string_view sealed) const;
  Status Put(const Held& held);
  Status Erase(const std::vector<DocumentKey>& documents);
  void Renew();

  const std::unique_ptr<store::Database> database_;
  const std::shared_ptr<const KeyRing> keys_;
  mutable std::mutex mutex_;
  std::map<DocumentKey, Held> held_;
  std::shared_ptr<const Releases> releases_;
};

}  // namespace freshet::deid
