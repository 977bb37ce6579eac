#include "services/repair/receipt.h"

#include <openssl/sha.h>

#include <nlohmann/json.hpp>

#include "services/repair/log_reader.h"

namespace freshet::repair {
namespace {

using Json = nlohmann::ordered_json;

// What carries content, sealed or clean.
constexpr Topic kContentTopics[] = {Topic::kChangesLive,   Topic::kChangesBackfill, Topic::kCleanLive,
                                    Topic::kCleanBackfill, Topic::kChunksLive,      Topic::kChunksBackfill,
                                    Topic::kEmbeddedLive,  Topic::kEmbeddedBackfill};

std::string Sha256Hex(const std::string& text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

// The delete that counts: of several sources' documents of one id, all must be gone.
Result<store::StoredDocument> DeletedOf(const store::View& view, const CollectionName& collection,
                                        const DocumentId& document) {
  const auto rows = view.Lookup(collection, document);
  if (rows.empty()) return Status(Code::kNotFound, "nothing is known of this document, nor of its delete");
  for (const store::StoredDocument& row : rows) {
    if (row.state != store::DocumentState::kDeleted) {
      return Status(Code::kNotFound, "the document is not deleted: there is nothing to certify");
    }
  }
  return rows.front();
}

struct Places {
  Json rows = Json::array();
  bool gone = true;
  std::optional<Time> gone_by;

  void Add(std::string_view place, uint64_t left, std::optional<Time> by = {}) {
    Json row = {{"place", place}, {"left", left}, {"gone_by", nullptr}};
    if (left > 0) gone = false;
    if (left > 0 && by) {
      row["gone_by"] = FormatTime(*by);
      gone_by = std::max(gone_by.value_or(*by), *by);
    }
    rows.push_back(std::move(row));
  }
};

}  // namespace

Result<ReceiptDesk::Left> ReceiptDesk::LeftIn(Topic topic, const std::string& key) const {
  Left left;
  const log::TopicPartition partition{TopicName(parts_.tenant, topic), PartitionFor(key, parts_.partitions)};
  FRESHET_RETURN_IF_ERROR(ReadAll(parts_.log, {&partition, 1}, [&](const log::Delivered& record) {
    if (record.key != key) return OkStatus();
    ++left.records;
    left.newest = std::max(left.newest, record.appended);
    return OkStatus();
  }));
  return left;
}

Result<Receipt> ReceiptDesk::Make(const CollectionName& collection, const DocumentId& document) const {
  const store::IndexReader* const index = parts_.index ? parts_.index() : nullptr;
  if (index == nullptr) return Status(Code::kUnavailable, "this process has no index");
  FRESHET_ASSIGN_OR_RETURN(const store::StoredDocument deleted, DeletedOf(*index->CurrentView(), collection, document));
  const std::string key = RecordKey(deleted.origin);
  Places places;
  for (const Topic topic : kContentTopics) {
    FRESHET_ASSIGN_OR_RETURN(const Left left, LeftIn(topic, key));
    places.Add("log/" + std::string(RowOf(topic).suffix), left.records, left.newest + parts_.retention);
  }
  places.Add("index", deleted.ordinal ? 1 : 0);
  places.Add("index/chunks", deleted.chunk_count);
  if (parts_.has_original) {
    FRESHET_ASSIGN_OR_RETURN(const bool kept, parts_.has_original(KeyOf(deleted.origin)));
    places.Add("originals", kept ? 1 : 0);
  }
  Json receipt = {{"document_id", document.value},
                  {"collection", collection.value},
                  {"source", deleted.origin.source.value},
                  {"deleted_version", deleted.newest.ToString()},
                  {"checked_at", FormatTime(parts_.clock.Now())},
                  {"places", std::move(places.rows)},
                  {"gone", places.gone},
                  {"gone_by", places.gone_by ? Json(FormatTime(*places.gone_by)) : Json(nullptr)}};
  const std::string hash = Sha256Hex(receipt.dump(-1, ' ', false, Json::error_handler_t::replace));
  receipt["sha256"] = hash;
  return Receipt{receipt.dump(-1, ' ', false, Json::error_handler_t::replace), hash};
}

}  // namespace freshet::repair
