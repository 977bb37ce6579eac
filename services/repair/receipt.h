// ReceiptDesk: proof that a deleted document is gone, place by place, or when it will be.
//
//   ReceiptDesk desk({.log = log, .index = index, …});
//   Result<Receipt> receipt = desk.Make(CollectionName("notes"), DocumentId("8f…"));
//   receipt->json        // {"document_id", "deleted", "places": [{"place", "left", "gone_by"}…], "gone", "gone_by",
//   "sha256"}
//
// Places: each topic of the log that carries content (records under the document's key; `gone_by` is when retention
// takes the newest of them), the index (the document, its chunks; words and vectors go with them) and originals. Not
// looked at: the vector cache, which keeps vectors by the hash of their text, without names, and forgets by size; dead
// letters, which hold coordinates alone; bytes of deleted rows in files that have not been merged yet. `sha256` is of
// the receipt's JSON without it: the audit log keeps the hash, so a receipt can be shown to be the one that was made.
//
// Codes: not_found where no delete of the document is known; the log's; timeout. Any thread.
#pragma once

#include <functional>

#include "common/log/log.h"
#include "common/store/index_store.h"
#include "schemas/topics.h"

namespace freshet::repair {

struct Receipt {
  std::string json;
  std::string sha256;
};

class ReceiptDesk {
 public:
  struct Parts {
    log::Log& log;
    const Clock& clock;
    TenantName tenant;
    uint32_t partitions = 8;
    Duration retention{};  // of the log's records
    std::function<const store::IndexReader*()> index;
    // Whether an original is kept; empty where originals are not this process's.
    std::function<Result<bool>(const DocumentKey&)> has_original;
  };
  explicit ReceiptDesk(Parts parts) : parts_(std::move(parts)) {}

  Result<Receipt> Make(const CollectionName& collection, const DocumentId& document) const;

 private:
  struct Left {
    uint64_t records = 0;
    Time newest;
  };
  Result<Left> LeftIn(Topic topic, const std::string& key) const;

  const Parts parts_;
};

}  // namespace freshet::repair
