// What the log holds now, read outside any group.
//
//   ReadAll(log, partitions, [&](const log::Delivered& record) { ...; return OkStatus(); });
//   Result<std::optional<log::Delivered>> record = ReadOne(log, {topic, partition}, offset);
//
// Codes: the log's; timeout where it does not give all of it within `limit`; what `visit` says. Any thread.
#pragma once

#include <functional>
#include <optional>

#include "common/log/log.h"

namespace freshet::repair {

using Visit = std::function<Status(const log::Delivered& record)>;

// In order within a partition; what is appended meanwhile may come too.
Status ReadAll(log::Log& log, std::span<const log::TopicPartition> partitions, const Visit& visit,
               Duration limit = std::chrono::seconds(30));

// Nothing where retention took it, or nobody ever wrote it.
Result<std::optional<log::Delivered>> ReadOne(log::Log& log, const log::TopicPartition& partition, Offset offset);

}  // namespace freshet::repair
