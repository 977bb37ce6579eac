// Originals: each document's latest Upsert, sealed with a key of its own that a delete destroys. From here a changed
// policy, model or alias re-runs just the documents that it touches (DESIGN §8).
//
//   originals->Keep(events, covered);  originals->Sync();        // before the input is acknowledged, or
//                                                                // read it again from covered() after power loss
//   originals->Destroy(KeyOf(origin), origin.version);           // and its key with it
//   originals->ForEach(collection, [&](const Origin& origin, const Upsert& upsert) { ...; return OkStatus(); });
//
// The newest version wins, whatever the order: an older one than what is kept, or than a delete, is not kept. Any
// thread. Codes: disk_full, io_error (retry); key_missing, corrupt_store (halt).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>

#include "common/base/origin.h"
#include "schemas/change.h"
#include "services/deid/offset_map.h"

namespace freshet::deid {

struct Original {
  const Origin& origin;
  const Upsert& upsert;
};

// A document that is gone as of a version.
struct Gone {
  DocumentKey document;
  Version version;
};

// How far each partition of the log has been kept: the next offset.
using Covered = std::map<std::pair<Stream, Partition>, Offset>;

class Originals {
 public:
  // Stops, and hands the status on, where it is not ok.
  using Visitor = std::function<Status(const Origin& origin, const Upsert& upsert)>;

  virtual ~Originals() = default;

  // All or none, with what it covers; a smaller offset than is stored changes nothing. Survives the process when it
  // returns, power loss after Sync.
  virtual Status Keep(std::span<const Original> batch, const Covered& covered) = 0;
  Status Keep(std::span<const Original> batch) { return Keep(batch, {}); }
  Status Keep(const Origin& origin, const Upsert& upsert) {
    const Original one{origin, upsert};
    return Keep({&one, 1});
  }

  // Destroys the documents' keys and remembers the versions, unless something newer is kept. Durable when it returns.
  virtual Status Destroy(std::span<const Gone> documents) = 0;
  Status Destroy(const DocumentKey& document, const Version& version) {
    const Gone one{document, version};
    return Destroy({&one, 1});
  }

  // A name that these originals have alone, given when they were first opened: each reads all deletes, for itself.
  virtual const std::string& name() const = 0;

  // As stored; after power loss, as of the last Sync.
  virtual Covered covered() const = 0;
  virtual Covered durable() const = 0;
  virtual Status Sync() = 0;

  // Nothing where there is none, or no longer.
  virtual Result<std::optional<std::pair<Origin, Upsert>>> Load(const DocumentKey& document) = 0;
  // In the order of source and document id, as of the call.
  virtual Status ForEach(const CollectionName& collection, const Visitor& visit) = 0;
  // Which documents of any collection there are, in which version, without opening them: of at most `limit`
  // behind `cursor`, deleted ones counted; it moves on, is empty at the begin, and again at the end. What is kept
  // meanwhile may be visited or not.
  using NameVisitor = std::function<Status(const DocumentKey& document, const Version& version)>;
  virtual Status ForEachNameFrom(std::string& cursor, size_t limit, const NameVisitor& visit) = 0;
  // `patient` is the source's own id.
  virtual Status ForEachOf(const SourceName& source, const PatientId& patient, const Visitor& visit) = 0;

  // What stands for what in the clean texts of these documents (offset_map.h), each sealed by its document's key: it
  // goes where the original goes. Of another version than the original's none is kept; a newer run's takes the place of
  // an older one's. Survives the process; one that power loss takes can be made again from the original.
  virtual Status KeepMaps(std::span<const MappedDocument> maps) = 0;
  // Nothing where there is none.
  virtual Result<std::optional<OffsetMap>> LoadMap(const DocumentKey& document) = 0;

  // Rewrites the files that still hold destroyed keys; after it they are nowhere on disk. Call now and then.
  virtual Status Purge() = 0;
};

}  // namespace freshet::deid
