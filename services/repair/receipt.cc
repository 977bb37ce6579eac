#include "services/repair/receipt.h"

#include <openssl/sha.h>

#include <nlohmann/json.hpp>
#include <set>

#include "common/base/bytes.h"
#include "schemas/codec.h"
#include "services/repair/log_reader.h"

namespace freshet::repair {
namespace {

using Json = nlohmann::ordered_json;

// What carries content, sealed or clean.
constexpr Topic kContentTopics[] = {Topic::kChangesLive,   Topic::kChangesBackfill, Topic::kCleanLive,
                                    Topic::kCleanBackfill, Topic::kChunksLive,      Topic::kChunksBackfill,
                                    Topic::kEmbeddedLive,  Topic::kEmbeddedBackfill};

std::string Sha256Of(const std::string& text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return ToHex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string TextOf(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Of several sources' documents of one id, all must be deleted.
Result<std::vector<store::StoredDocument>> DeletedOf(const store::View& view, const CollectionName& collection,
                                                     const DocumentId& document) {
  auto rows = view.Lookup(collection, document);
  if (rows.empty()) return Status(Code::kNotFound, "nothing is known of this document, nor of its delete");
  for (const store::StoredDocument& row : rows) {
    if (row.state != store::DocumentState::kDeleted) {
      return Status(Code::kNotFound, "the document is not deleted: there is nothing to certify");
    }
  }
  return rows;
}

Json TimeOrNull(const std::optional<Time>& time) { return time ? Json(FormatTime(*time)) : Json(nullptr); }

Json RowsOf(const Places& places) {
  Json rows = Json::array();
  for (const Places::Row& row : places.rows()) {
    rows.push_back({{"place", row.place}, {"left", row.left}, {"gone_by", TimeOrNull(row.gone_by)}});
  }
  return rows;
}

Json UnseenOf(const Places& places) {
  Json rows = Json::array();
  for (const Places::Unseen& row : places.unseen()) rows.push_back({{"place", row.place}, {"why", row.why}});
  return rows;
}

}  // namespace

Status ReceiptDesk::Count(Topic topic, std::span<const log::TopicPartition> in, const IsOfIt& is_of_it,
                          Places& places) const {
  uint64_t records = 0;
  Time newest;
  FRESHET_RETURN_IF_ERROR(ReadAll(parts_.log, in, [&](const log::Delivered& record) {
    if (!is_of_it(record)) return OkStatus();
    ++records;
    newest = std::max(newest, record.appended);
    return OkStatus();
  }));
  places.Add("log/" + std::string(RowOf(topic).suffix), records, newest + parts_.retention);
  return OkStatus();
}

Status ReceiptDesk::LookInLog(const Rows& deleted, Places& places) const {
  std::set<std::string> keys;
  for (const store::StoredDocument& row : deleted) keys.insert(RecordKey(row.origin));
  for (const Topic topic : kContentTopics) {
    std::set<log::TopicPartition> in;
    for (const std::string& key : keys) {
      in.insert({TopicName(parts_.tenant, topic), PartitionFor(key, parts_.partitions)});
    }
    const std::vector<log::TopicPartition> partitions(in.begin(), in.end());
    const auto is_of_it = [&](const log::Delivered& record) { return keys.contains(record.key); };
    FRESHET_RETURN_IF_ERROR(Count(topic, partitions, is_of_it, places));
  }
  return OkStatus();
}

// They lie in the partition of what was skipped, whatever the document.
Status ReceiptDesk::LookInLetters(const Rows& deleted, Places& places) const {
  std::set<DocumentKey> documents;
  for (const store::StoredDocument& row : deleted) documents.insert(KeyOf(row.origin));
  std::vector<log::TopicPartition> partitions;
  for (uint32_t i = 0; i < parts_.partitions; ++i) {
    partitions.push_back({TopicName(parts_.tenant, Topic::kDeadLetters), Partition(i)});
  }
  const auto is_of_it = [&](const log::Delivered& record) {
    if (!record.value) return false;
    const Result<DeadLetter> letter = DecodeDeadLetter(*record.value);
    return letter.ok() && documents.contains(KeyOf(letter->origin));
  };
  return Count(Topic::kDeadLetters, partitions, is_of_it, places);
}

Status ReceiptDesk::LookInOriginals(const Rows& deleted, Places& places) const {
  uint64_t originals = 0, held = 0;
  for (const store::StoredDocument& row : deleted) {
    const DocumentKey document = KeyOf(row.origin);
    if (parts_.has_original) {
      FRESHET_ASSIGN_OR_RETURN(const bool kept, parts_.has_original(document));
      originals += kept ? 1 : 0;
    }
    if (parts_.is_held && parts_.is_held(document)) ++held;
  }
  const auto add = [&](bool seen, const char* place, uint64_t left) {
    if (seen) {
      places.Add(place, left);
    } else {
      places.NotExamined(place, "another process keeps them; it destroys them when the delete comes by");
    }
  };
  add(parts_.has_original != nullptr, "originals", originals);
  add(parts_.is_held != nullptr, "quarantine", held);
  return OkStatus();
}

Result<Places> ReceiptDesk::Look(const Rows& deleted) const {
  Places places;
  FRESHET_RETURN_IF_ERROR(LookInLog(deleted, places));
  FRESHET_RETURN_IF_ERROR(LookInLetters(deleted, places));
  uint64_t documents = 0, chunks = 0;
  for (const store::StoredDocument& row : deleted) {
    documents += row.ordinal ? 1 : 0;
    chunks += row.chunk_count;
  }
  places.Add("index", documents);
  places.Add("index/chunks", chunks);
  FRESHET_RETURN_IF_ERROR(LookInOriginals(deleted, places));
  places.NotExamined("index/files", "bytes of deleted rows stay in files until these are merged; texts are sealed");
  places.NotExamined("vector-cache", "it keeps vectors by the hash of their text, without names, and forgets by size");
  return places;
}

Result<Receipt> ReceiptDesk::Make(const CollectionName& collection, const DocumentId& document) const {
  const store::IndexReader* const index = parts_.index ? parts_.index() : nullptr;
  if (index == nullptr) return Status(Code::kUnavailable, "this process has no index");
  FRESHET_ASSIGN_OR_RETURN(const Rows deleted, DeletedOf(*index->CurrentView(), collection, document));
  FRESHET_ASSIGN_OR_RETURN(const Places places, Look(deleted));
  Json receipt = {{"document_id", document.value},
                  {"collection", collection.value},
                  {"source", deleted.front().origin.source.value},
                  {"deleted_version", deleted.front().newest.ToString()},
                  {"checked_at", FormatTime(parts_.clock.Now())},
                  {"places", RowsOf(places)},
                  {"not_examined", UnseenOf(places)},
                  {"gone", places.gone()},
                  {"gone_by", TimeOrNull(places.gone_by())}};
  const std::string hash = Sha256Of(TextOf(receipt));
  receipt["sha256"] = hash;
  return Receipt{TextOf(receipt), hash};
}

}  // namespace freshet::repair
