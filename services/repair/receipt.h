// ReceiptDesk: proof that a deleted document is gone, place by place, or when it will be.
//
//   ReceiptDesk desk({.log = log, .index = index, …});
//   Result<Receipt> receipt = desk.Make(CollectionName("notes"), DocumentId("8f…"));
//   receipt->json    // as openapi.json's Receipt
//
// Looked at: each topic of the log that carries content, and dead letters, which name the document (records under its
// key; `gone_by` is when retention takes the newest of them), the index (the document, its chunks; words and vectors go
// with them), originals and quarantine. What is left there and nothing takes by itself has no `gone_by`, and then the
// receipt has none. What was not looked at stands in `not_examined` with the reason: the vector cache, which keeps
// vectors by the hash of their text, without names; bytes of deleted rows in files of the index that were not merged
// yet; originals and quarantine where another process keeps them. `sha256` is of the receipt's JSON without it: the
// audit log keeps the hash, so a receipt can be shown to be the one that was made.
//
// Codes: not_found where no delete of the document is known; the log's; timeout. Any thread.
#pragma once

#include <functional>

#include "common/log/log.h"
#include "common/store/index_store.h"
#include "schemas/topics.h"
#include "services/repair/places.h"

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
    // Whether quarantine lists it; empty likewise.
    std::function<bool(const DocumentKey&)> is_held;
  };
  explicit ReceiptDesk(Parts parts) : parts_(std::move(parts)) {}

  Result<Receipt> Make(const CollectionName& collection, const DocumentId& document) const;

 private:
  using Rows = std::vector<store::StoredDocument>;  // of each source that has had the document
  using IsOfIt = std::function<bool(const log::Delivered&)>;
  Result<Places> Look(const Rows& deleted) const;
  Status LookInLog(const Rows& deleted, Places& places) const;
  Status LookInLetters(const Rows& deleted, Places& places) const;
  Status LookInOriginals(const Rows& deleted, Places& places) const;
  Status Count(Topic topic, std::span<const log::TopicPartition> in, const IsOfIt& is_of_it, Places& places) const;

  const Parts parts_;
};

}  // namespace freshet::repair
