// Topic names and keys, written in this one place (DESIGN §5).
//
//   TopicName(tenant, Topic::kChangesLive)   // "freshet.general-hospital.changes.live"
//   PartitionFor(RecordKey(event), partition_count)
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "schemas/change.h"

namespace freshet {

enum class Topic : uint8_t {
  kChangesUrgent,
  kChangesLive,
  kChangesBackfill,
  kIdentities,
  kGroups,
  kCleanLive,
  kCleanBackfill,
  kChunksLive,
  kChunksBackfill,
  kEmbeddedLive,
  kEmbeddedBackfill,
  kDeadLetters,
  kPositions,
};

struct TopicRow {
  Topic topic;
  std::string_view suffix;  // "changes.live"
  bool compacted;           // keeps the last record of each key, for ever
  std::string_view key;     // what the key is, for describe and the README
  std::string_view written_by;
  std::string_view read_by;
};

std::span<const TopicRow> AllTopics();
const TopicRow& RowOf(Topic topic);
std::string TopicName(const TenantName& tenant, Topic topic);

// The topic that a change is published on; `lane` (live or backfill) matters for content, heartbeats and edges.
Topic TopicOf(const Change& change, Lane lane);

// Key grammar: parts joined by '/', with '%' and '/' inside a part written %25 and %2F.
std::string RecordKey(const ChangeEvent& event);
std::string RecordKey(const Origin& origin);  // source/collection/document

// The same for every producer, so that a document's records stay together: CRC-32 of the key modulo the count.
Partition PartitionFor(std::string_view key, uint32_t partition_count);

}  // namespace freshet
