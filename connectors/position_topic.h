// PositionTopic: what a connector remembers between runs, as rows of the compacted topic `positions`.
//
//   PositionTopic topic({.log = log, .keys = keys, .writer = writer}, {.names = names, …});
//   FRESHET_ASSIGN_OR_RETURN(auto positions, topic.Load());
//   FRESHET_RETURN_IF_ERROR(topic.Save({{"epoch", "7"}, {"f/gone.md", std::nullopt}}));
//
//   key   := source '/' collection '/' 32 hexadecimal digits (NativeNames::PositionKey of the connector's key)
//   value := envelope of KeyRing::SealPayload under the context "position/" key, of
//            naming(1: 'o' opaque, 'n' native) connector's key:text connector's value
//   fence := key source '/' collection '/' "fence", a row a partition, value "-"
//
// Load writes a fence to every partition and reads up to it, so that it ends exactly where the log ends, whatever
// compaction took. Where documents are named in another way than before, what was remembered of the old names is
// forgotten. Codes: those of the log; a row that cannot be opened is key_missing, seal_mismatch or corrupt_record, as
// without its epoch a connector could not go on. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/log_writer.h"
#include "connectors/native_names.h"

namespace freshet {

class PositionTopic {
 public:
  using Positions = std::map<std::string, std::string>;
  using Changes = std::vector<std::pair<std::string, std::optional<std::string>>>;

  struct Parts {
    log::Log& log;
    const KeyRing& keys;
    const NativeNames& names;
    LogWriter& writer;
  };
  struct Options {
    NativeNames::Options names;
    uint32_t partitions = 8;
  };
  PositionTopic(Parts parts, Options options);

  Result<Positions> Load();
  Status Save(const Changes& changes);

 private:
  struct Row {
    std::string key;  // the connector's
    std::string value;
    bool foreign = false;  // of another naming
  };
  log::NewRecord RecordOf(std::string row_key, std::optional<std::string> value) const;
  Result<std::vector<Offset>> AppendFences();
  Result<std::map<std::string, Row>> ReadRows(const std::vector<Offset>& fences);
  Status TakeRow(const log::Delivered& record, std::map<std::string, Row>& rows) const;
  Result<Row> Open(std::string_view row_key, std::string_view value) const;

  const Parts parts_;
  const Options options_;
  const std::string topic_;
  const std::string prefix_;  // of all rows of this source and collection
  const std::string naming_;  // and policy: rows of another are as good as none
};

}  // namespace freshet
