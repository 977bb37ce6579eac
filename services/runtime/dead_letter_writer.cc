#include "services/runtime/dead_letter_writer.h"

#include "common/telemetry/log.h"

namespace freshet {

Status DeadLetterWriter::Write(std::span<const SkippedInput> inputs) {
  std::vector<log::NewRecord> records;
  for (const SkippedInput& input : inputs) {
    const DeadLetter letter{.origin = input.origin,
                            .code = input.skipped.code,
                            .stage = input.skipped.stage,
                            .topic = TopicName(tenant_, static_cast<Topic>(input.position.stream.value)),
                            .partition = input.position.partition,
                            .offset = input.position.offset,
                            .skipped = parts_.clock.Now()};
    const std::string key =
        letter.topic + "/" + std::to_string(letter.partition.value) + "/" + std::to_string(letter.offset.value);
    records.push_back({TopicName(tenant_, Topic::kDeadLetters), letter.partition, key, EncodeDeadLetter(letter)});
    Log(LogLevel::kWarning, "Change skipped.",
        {{"code", letter.code},
         {"stage", letter.stage},
         {"source", letter.origin.source},
         {"version", letter.origin.version},
         {"topic", Coordinate(letter.topic)},
         {"partition", letter.partition},
         {"offset", letter.offset}});
  }
  FRESHET_RETURN_IF_ERROR(parts_.log.Append(records).status());
  for (const SkippedInput& input : inputs) {
    const auto stage = freshet::NameOf(input.skipped.stage), code = freshet::NameOf(input.skipped.code);
    parts_.metrics.CounterOf<Metric::kDeadLetters>(stage, code).Add(1);
  }
  return OkStatus();
}

}  // namespace freshet
