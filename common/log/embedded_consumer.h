// Consumers of the embedded log. Internal.
#pragma once

#include <memory>

#include "common/log/embedded_store.h"

namespace freshet::log {

Result<std::unique_ptr<Consumer>> NewGroupConsumer(std::shared_ptr<LogStore> store, std::string group,
                                                   std::vector<std::string> topics, Waker* waker);
Result<std::unique_ptr<Consumer>> NewAssignedConsumer(std::shared_ptr<LogStore> store,
                                                      std::vector<std::pair<TopicPartition, Offset>> starts,
                                                      Waker* waker);

}  // namespace freshet::log
