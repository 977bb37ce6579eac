// SourceDesk: what an operator asks of a source's connector: rest, go on, publish again; and whether source and index
// agree.
//
//   SourceDesk desk({.site = parts, .sources = {{name, {...}}}});
//   desk.Pause(name);   desk.Resume(name);
//   desk.Backfill(name, {.since = a_week_ago});              // {.documents = {"8f…"}}, or all of it
//   Result<Reconciled> found = desk.Reconcile(name, Mend::kNo);
//
// Wishes travel by the source's signal file (connectors/signals.h), so that they reach a connector in another process
// over the same data_dir, and hold across restarts; but for what a backfill asks for again, which a restart forgets.
// A source that publishes everything in each snapshot does so whatever `since` and `documents` say.
//
// Reconcile lists the source by a connector of its own that publishes nothing (Connector::List, or a snapshot where
// that may run beside another), and compares: `missing` is in the source and not in the index, `surplus` the reverse,
// `skipped` in both, but its newest version was skipped for an error. What changes meanwhile may show as a difference,
// so look twice. Mending asks for a snapshot that publishes what is missing; its end deletes the surplus, under the
// mass-delete guard.
//
// Codes: not_found (no such source), io_error (a signal file), unsupported_change (a source that cannot be listed
// beside its running connector), timeout, unavailable (it cannot be read now; no index here). Any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/store/index_store.h"
#include "connectors/connector.h"
#include "connectors/native_names.h"
#include "connectors/signals.h"

namespace freshet::repair {

struct SourceEntry {
  CollectionName collection;
  // A connector of its own, to list the source with.
  std::function<Result<std::unique_ptr<Connector>>()> lister;
  // Whether that one may take a snapshot beside the running one, where it cannot List.
  bool may_step = false;
  NativeNames::Options names;
};

struct Wish {
  std::optional<Time> since;
  std::vector<std::string> documents;  // ids as searches show them
};

struct Reconciled {
  uint64_t in_source = 0;
  uint64_t in_index = 0;
  std::vector<std::string> missing;  // the first `most` of each, by id
  std::vector<std::string> surplus;
  uint64_t missing_count = 0;
  uint64_t surplus_count = 0;
  std::map<Code, uint64_t> skipped;
  bool mending = false;
};

enum class Mend : uint8_t { kNo, kYes };

class SourceDesk {
 public:
  struct Parts {
    std::filesystem::path data_dir;
    const KeyRing& keys;
    const Clock& clock;
    std::map<SourceName, SourceEntry> sources;
    std::function<const store::IndexReader*()> index;
    size_t most = 1000;  // ids that an answer shows, and documents that a wish names
    Duration list_limit = std::chrono::minutes(5);
  };
  explicit SourceDesk(Parts parts) : parts_(std::move(parts)) {}

  Status Pause(const SourceName& source) const { return SetPaused(source, true); }
  Status Resume(const SourceName& source) const { return SetPaused(source, false); }
  Status Backfill(const SourceName& source, const Wish& wish) const;
  Result<Reconciled> Reconcile(const SourceName& source, Mend mend) const;

 private:
  Result<const SourceEntry*> Find(const SourceName& source) const;
  Status SetPaused(const SourceName& source, bool paused) const;
  Status Change(const SourceName& source, const std::function<void(SignalState&)>& change) const;

  const Parts parts_;
};

}  // namespace freshet::repair
