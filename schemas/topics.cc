#include "schemas/topics.h"

#include <array>
#include <utility>

namespace freshet {
namespace {

// RecordKey := part ('/' part)*
//   content, deletes, withholds, releases, presence   source/collection/document
//   an access list                                    source/collection/scope
//   a consent                                         source/collection/patient
//   an identity                                       source/patient/identity
//   a group                                           source/group
//   heartbeats, edges, confirmations                  source/collection/      (the document is empty)
// with '%' and '/' inside a part written %25 and %2F. Keys travel in clear: documents, scopes, patients and identities
// are opaque ids by then, unless the collection's policy is `none`.
constexpr std::string_view kDocument = "source/collection/document";

constexpr TopicRow kRows[] = {
    {Topic::kChangesUrgent, "changes.urgent", false, "source/collection/document, scope or patient",
     "connectors, deid, index", "index; every deid instance (deletes), whole"},
    {Topic::kChangesLive, "changes.live", false, kDocument, "connectors", "deid"},
    {Topic::kChangesBackfill, "changes.backfill", false, kDocument, "connectors", "deid"},
    {Topic::kIdentities, "identities", true, "source/patient/identity", "connectors", "every deid instance, whole"},
    {Topic::kGroups, "groups", true, "source/group", "connectors", "index, whole"},
    {Topic::kCleanLive, "clean.live", false, kDocument, "deid", "chunk"},
    {Topic::kCleanBackfill, "clean.backfill", false, kDocument, "deid", "chunk"},
    {Topic::kChunksLive, "chunks.live", false, kDocument, "chunk", "embed"},
    {Topic::kChunksBackfill, "chunks.backfill", false, kDocument, "chunk", "embed"},
    {Topic::kEmbeddedLive, "embedded.live", false, kDocument, "embed", "index"},
    {Topic::kEmbeddedBackfill, "embedded.backfill", false, kDocument, "embed", "index"},
    {Topic::kDeadLetters, "dead-letters", false, "source topic/partition", "any stage", "tools"},
    {Topic::kPositions, "positions", true, "source", "connectors", "connectors"},
};

constexpr bool AreRowsInOrder() {
  for (size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].topic != static_cast<Topic>(i)) return false;
  }
  return true;
}
static_assert(AreRowsInOrder());

template <class... Parts>
std::string Join(const Parts&... parts) {
  std::string key;
  bool is_first = true;
  const auto append = [&](std::string_view part) {
    if (!std::exchange(is_first, false)) key += '/';
    for (const char c : part) {
      if (c == '%') {
        key += "%25";
      } else if (c == '/') {
        key += "%2F";
      } else {
        key += c;
      }
    }
  };
  (append(parts), ...);
  return key;
}

// The CRC-32 of IEEE 802.3 (reflected polynomial 0xEDB88320), which Kafka's clients partition by too.
constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
    table[i] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = MakeCrcTable();

uint32_t Crc32(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFFu;
  for (const char c : bytes) crc = (crc >> 8) ^ kCrcTable[(crc ^ static_cast<uint8_t>(c)) & 0xFF];
  return ~crc;
}

}  // namespace

std::span<const TopicRow> AllTopics() { return kRows; }

const TopicRow& RowOf(Topic topic) { return kRows[static_cast<size_t>(topic)]; }

std::string TopicName(const TenantName& tenant, Topic topic) {
  return "freshet." + tenant.value + "." + std::string(RowOf(topic).suffix);
}

Topic TopicOf(const Change& change, Lane lane) {
  if (std::holds_alternative<IdentityChange>(change)) return Topic::kIdentities;
  if (std::holds_alternative<GroupChange>(change)) return Topic::kGroups;
  const Topic bulk = lane == Lane::kBackfill ? Topic::kChangesBackfill : Topic::kChangesLive;
  if (std::holds_alternative<Upsert>(change) || std::holds_alternative<Present>(change)) return bulk;
  if (std::holds_alternative<Heartbeat>(change) || std::holds_alternative<SnapshotEdge>(change)) {
    return lane == Lane::kUrgent ? Topic::kChangesUrgent : bulk;
  }
  return Topic::kChangesUrgent;
}

std::string RecordKey(const Origin& origin) {
  return Join(origin.source.value, origin.collection.value, origin.document.value);
}

std::string RecordKey(const ChangeEvent& event) {
  const Origin& origin = event.origin;
  if (const auto* access = std::get_if<AccessChange>(&event.change)) {
    return Join(origin.source.value, origin.collection.value, access->scope.value);
  }
  if (const auto* consent = std::get_if<ConsentChange>(&event.change)) {
    return Join(origin.source.value, origin.collection.value, consent->patient.value);
  }
  if (const auto* identity = std::get_if<IdentityChange>(&event.change)) {
    return Join(origin.source.value, identity->patient.value, identity->identity);
  }
  if (const auto* group = std::get_if<GroupChange>(&event.change)) {
    return Join(origin.source.value, group->group.value);
  }
  return RecordKey(origin);
}

Partition PartitionFor(std::string_view key, uint32_t partition_count) {
  return Partition(partition_count == 0 ? 0 : Crc32(key) % partition_count);
}

}  // namespace freshet
