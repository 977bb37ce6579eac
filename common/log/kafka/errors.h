// What librdkafka says went wrong, as a Status of ours. Internal to the Kafka log.
//
//   return StatusOf(err, "topic=" + topic + " partition=0");
//
// configuration (halt): credentials, rights, settings, topics that are not there. document_too_large (skip). All else
// is log_unavailable (retry): brokers come back. Messages name librdkafka's error and the coordinates given, nothing
// else.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>

#include "common/base/status.h"
#include "common/log/log.h"

namespace freshet::log {

Code CodeOf(rd_kafka_resp_err_t error);
Status StatusOf(rd_kafka_resp_err_t error, const std::string& where);

// "topic=x partition=3"
std::string Where(const std::string& topic, Partition partition);
inline std::string Where(const TopicPartition& name) { return Where(name.topic, name.partition); }

}  // namespace freshet::log
