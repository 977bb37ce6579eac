// DeadLetterBox: the changes that were skipped for an error, as the log's dead-letters topic has them: what they are,
// and what an operator does with them.
//
//   DeadLetterBox box({.log = log, .tenant = tenant, .partitions = 8});
//   Result<std::vector<LetterRow>> rows = box.List({.code = Code::kDocumentTooLarge});
//   Result<Replayed> done = box.Replay({.id = "changes.live/3/17"});      // after the cause is gone
//   Result<uint64_t> dropped = box.Drop({.source = SourceName("notes")});
//
//   id := topic without its tenant '/' partition '/' offset: where the input lies
//
// A replay appends the very record again, in the backfill lane: it promises nothing, delays no edit, and wins only
// where nothing newer came meanwhile. Should it fail again, it leaves another letter. What was replayed or dropped is
// taken off the list by a tombstone under the letter's key. A letter whose record retention took cannot be replayed,
// and stays until it is dropped or goes the same way.
//
// Codes: the log's; timeout. One call after the other; any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/log/log.h"
#include "schemas/codec.h"
#include "schemas/topics.h"

namespace freshet::repair {

struct LetterFilter {
  std::string id;     // empty: any
  SourceName source;  // empty: any
  std::optional<Code> code;
};

struct LetterRow {
  std::string id;
  DeadLetter letter;
  bool replayable = false;  // its record is still in the log
};

struct Replayed {
  uint64_t replayed = 0;
  uint64_t expired = 0;  // whose records are gone
  bool more = false;     // others wait for the next call
};

class DeadLetterBox {
 public:
  struct Parts {
    log::Log& log;
    TenantName tenant;
    uint32_t partitions = 8;
    size_t most = 500;  // letters that one call acts upon
  };
  explicit DeadLetterBox(Parts parts) : parts_(std::move(parts)) {}

  // The newest `limit`, newest first.
  Result<std::vector<LetterRow>> List(const LetterFilter& filter, size_t limit = 1000);
  Result<Replayed> Replay(const LetterFilter& filter);
  Result<uint64_t> Drop(const LetterFilter& filter);

 private:
  using Letters = std::map<std::string, DeadLetter>;  // by key
  Result<Letters> Read(const LetterFilter& filter);
  Status TakeOff(const Letters& letters);
  std::string IdOf(const std::string& key) const;

  const Parts parts_;
  std::mutex mutex_;  // two operators at once
};

// "changes.live" to "changes.backfill"; a topic without lanes to itself.
Topic ReplayTopic(Topic topic);

}  // namespace freshet::repair
