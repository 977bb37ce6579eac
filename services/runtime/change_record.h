// ChangeRecord: a change as the record that the pipeline reads: its topic by kind and lane, its partition by key, its
// value sealed. For what publishes changes beside the connectors: runs again, deletes found late, an operator's
// confirm.
//
//   FRESHET_ASSIGN_OR_RETURN(log::NewRecord record, ChangeRecord(event, Lane::kUrgent, {tenant, partitions, keys}));
//
// Codes: those of EncodeChange. Any thread.
#pragma once

#include "common/log/log.h"
#include "schemas/codec.h"
#include "schemas/topics.h"

namespace freshet {

struct ChangeRecordParts {
  const TenantName& tenant;
  uint32_t partitions;
  const KeyRing& keys;
};

inline Result<log::NewRecord> ChangeRecord(const ChangeEvent& event, Lane lane, const ChangeRecordParts& parts) {
  FRESHET_ASSIGN_OR_RETURN(std::string value, EncodeChange(event, parts.keys));
  std::string key = RecordKey(event);
  const Partition partition = PartitionFor(key, parts.partitions);
  return log::NewRecord{TopicName(parts.tenant, TopicOf(event.change, lane)), partition, std::move(key),
                        std::move(value)};
}

}  // namespace freshet
