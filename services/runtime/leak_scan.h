// LeakScan: the scan before indexing (services/deid/residual.h), over everything that a view of the index shows of one
// collection: by the identities that are known now.
//
//   Result<LeakScan> scan = ScanForLeaks({.view = *view, .keys = keys, .policy = *policy, .roster = roster.get()},
//   notes); scan->leaks == 0
//
// What cannot be read counts as a leak: nobody knows what is in it. So does, where just this policy is asked for, what
// was made under another one, or another version of it. Linear in the texts. Codes: corrupt_store,
// io_error. Any thread.
#pragma once

#include "common/crypto/keys.h"
#include "common/store/view.h"
#include "services/deid/policy.h"
#include "services/deid/roster.h"

namespace freshet {

struct LeakScanParts {
  const store::View& view;
  const KeyRing& keys;
  const deid::Policy& policy;            // in force
  const deid::Roster* roster = nullptr;  // null: shapes alone
  enum class Made : uint8_t { kByAny, kByThisPolicy } made = Made::kByAny;
};

struct LeakScan {
  uint64_t scanned = 0;  // documents
  uint64_t leaks = 0;    // of them, with something left
};

Result<LeakScan> ScanForLeaks(const LeakScanParts& parts, const CollectionName& collection);

}  // namespace freshet
