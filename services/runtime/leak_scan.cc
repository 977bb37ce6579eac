#include "services/runtime/leak_scan.h"

#include "schemas/codec.h"
#include "services/deid/residual.h"

namespace freshet {
namespace {

Status ScanOne(const LeakScanParts& parts, const store::StoredDocument& stored) {
  FRESHET_ASSIGN_OR_RETURN(const SealedClean sealed, DecodeSealedClean(stored.sealed));
  FRESHET_ASSIGN_OR_RETURN(const CleanDocument clean, DecodeSealed(sealed, stored.origin, parts.keys));
  if (parts.made == LeakScanParts::Made::kByThisPolicy && clean.policy() != parts.policy.Stamp()) {
    return Status(Code::kQuarantined, "made under another policy");
  }
  return deid::ScanResidue(clean, stored.origin.source, parts.policy, parts.roster);
}

}  // namespace

Result<LeakScan> ScanForLeaks(const LeakScanParts& parts, const CollectionName& collection) {
  LeakScan scan;
  for (const DocumentOrdinal document : parts.view.Sample(collection, parts.view.DocumentCount(collection))) {
    const Result<store::StoredDocument> stored = parts.view.Document(collection, document);
    if (stored.code() == Code::kNotFound) continue;  // gone since
    FRESHET_RETURN_IF_ERROR(stored.status());
    ++scan.scanned;
    scan.leaks += ScanOne(parts, *stored).ok() ? 0 : 1;
  }
  return scan;
}

}  // namespace freshet
