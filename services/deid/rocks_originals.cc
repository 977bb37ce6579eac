#include "services/deid/rocks_originals.h"

#include <rocksdb/snapshot.h>

#include <map>
#include <mutex>

#include "common/base/bytes.h"
#include "common/crypto/primitives.h"
#include "schemas/codec.h"
#include "schemas/opaque_patient.h"
#include "services/deid/deid.h"

namespace freshet::deid {
namespace {

enum Family : size_t { kOriginals, kKeys, kPatients, kMaps };

constexpr char kKeyKind = 1;
constexpr char kDeletedKind = 2;
constexpr size_t kNameBytes = 8;
constexpr size_t kEditionBytes = 24 + 8;   // version, run
constexpr char kNameKey[] = "name";        // in RocksDB's own family
constexpr char kCoveredKey[] = "covered";  // there too: stream(1) partition(4) offset(8), again and again

std::string KeyText(std::initializer_list<std::string_view> parts) {
  std::string key;
  for (const std::string_view part : parts) AppendText(key, part);
  return key;
}

std::string RecordKeyOf(const DocumentKey& document) {
  return KeyText({document.collection.value, document.source.value, document.document.value});
}

bool ReadRecordKey(std::string_view key, DocumentKey& out) {
  ByteReader reader(key);
  return reader.Text(out.collection.value) && reader.Text(out.source.value) && reader.Text(out.document.value);
}

bool SplitVersion(std::string_view record, Version& version, std::string_view& rest) {
  ByteReader reader(record);
  if (!reader.ReadVersion(version)) return false;
  rest = reader.rest();
  return true;
}

Status Corrupt(std::string_view what) { return Status(Code::kCorruptStore, "Originals: " + std::string(what) + "."); }

class RocksOriginals final : public Originals {
 public:
  RocksOriginals(std::unique_ptr<store::Database> database, std::shared_ptr<const KeyRing> keys)
      : database_(std::move(database)), keys_(std::move(keys)) {}

  using Originals::Destroy;
  using Originals::Keep;

  // Gives the name, where there is none yet.
  Status Start() {
    std::string bytes(kNameBytes, '\0');
    FRESHET_RETURN_IF_ERROR(ReadCovered());
    const rocksdb::Status read = database_->db().Get({}, kNameKey, &name_);
    if (!read.IsNotFound()) return store::FromRocks(read);
    crypto::RandomBytes({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
    name_ = ToHex(bytes);
    rocksdb::WriteBatch writes;
    writes.Put(kNameKey, name_);
    return database_->Write(writes, store::Durability::kSync);
  }

  Status Keep(std::span<const Original> batch, const Covered& covered) override {
    const std::lock_guard lock(mutex_);
    rocksdb::WriteBatch writes;
    std::map<std::string, Version> newest;  // of this batch: what it writes cannot be read yet
    for (const Original& original : batch) {
      const std::string key = RecordKeyOf(KeyOf(original.origin));
      FRESHET_ASSIGN_OR_RETURN(const std::optional<Version> stored, StoredVersion(key));
      const auto [entry, is_first] = newest.try_emplace(key, stored.value_or(Version{}));
      const bool known = stored.has_value() || !is_first;
      if (known && original.origin.version <= entry->second) continue;
      entry->second = original.origin.version;
      FRESHET_RETURN_IF_ERROR(Put(writes, key, original));
    }
    Covered all = covered_;
    for (const auto& [partition, next] : covered) all[partition] = std::max(all[partition], next);
    if (all != covered_) writes.Put(kCoveredKey, TextOf(all));
    if (writes.Count() == 0) return OkStatus();
    FRESHET_RETURN_IF_ERROR(database_->Write(writes, store::Durability::kBuffered));
    covered_ = std::move(all);
    return OkStatus();
  }

  Status Destroy(std::span<const Gone> documents) override {
    const std::lock_guard lock(mutex_);
    rocksdb::WriteBatch writes;
    std::map<std::string, Version> newest;  // of this call: what it writes cannot be read yet
    for (const Gone& gone : documents) {
      const std::string key = RecordKeyOf(gone.document);
      FRESHET_ASSIGN_OR_RETURN(const std::optional<Version> stored, StoredVersion(key));
      const auto [entry, is_first] = newest.try_emplace(key, stored.value_or(Version{}));
      if ((stored.has_value() || !is_first) && entry->second > gone.version) continue;
      entry->second = gone.version;
      FRESHET_RETURN_IF_ERROR(PutTombstone(writes, key, gone));
    }
    return writes.Count() == 0 ? OkStatus() : database_->Write(writes, store::Durability::kSync);
  }

  const std::string& name() const override { return name_; }

  Covered covered() const override {
    const std::lock_guard lock(mutex_);
    return covered_;
  }
  Covered durable() const override {
    const std::lock_guard lock(mutex_);
    return durable_;
  }

  Status Sync() override {
    Covered written = covered();
    FRESHET_RETURN_IF_ERROR(database_->Sync());
    const std::lock_guard lock(mutex_);
    durable_ = std::move(written);
    return OkStatus();
  }

  Result<std::optional<std::pair<Origin, Upsert>>> Load(const DocumentKey& document) override {
    const std::string key = RecordKeyOf(document);
    // Both of one moment: a newer version has another key.
    rocksdb::ManagedSnapshot moment(&database_->db());
    FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> sealed,
                             database_->Get(kOriginals, key, moment.snapshot()));
    if (!sealed) return std::optional<std::pair<Origin, Upsert>>();
    FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> wrapped, database_->Get(kKeys, key, moment.snapshot()));
    if (!wrapped) return Corrupt("a document without a key");
    return Open(key, *sealed, *wrapped);
  }

  Status ForEach(const CollectionName& collection, const Visitor& visit) override {
    return Scan(kOriginals, KeyText({collection.value}), [&](std::string_view key) -> Status {
      DocumentKey document;
      if (!ReadRecordKey(key, document)) return Corrupt("a key that cannot be read");
      return Visit(document, visit);
    });
  }

  Status ForEachNameFrom(std::string& cursor, size_t limit, const NameVisitor& visit) override {
    rocksdb::ReadOptions options;
    options.total_order_seek = true;
    const std::unique_ptr<rocksdb::Iterator> at(database_->db().NewIterator(options, database_->family(kKeys)));
    at->Seek(cursor);
    if (!cursor.empty() && at->Valid() && store::ToView(at->key()) == cursor) at->Next();
    std::string last;
    for (size_t i = 0; i < limit && at->Valid(); ++i, at->Next()) {
      DocumentKey document;
      Version version;
      std::string_view record;
      if (!ReadRecordKey(store::ToView(at->key()), document)) return Corrupt("a key that cannot be read");
      if (!SplitVersion(store::ToView(at->value()), version, record) || record.empty()) {
        return Corrupt("a key record that cannot be read");
      }
      if (record.front() == kKeyKind) FRESHET_RETURN_IF_ERROR(visit(document, version));
      last = at->key().ToString();
    }
    cursor = at->Valid() ? last : "";
    return store::FromRocks(at->status());
  }

  Status ForEachOf(const SourceName& source, const PatientId& patient, const Visitor& visit) override {
    const std::string prefix = KeyText({source.value, OpaquePatient(*keys_, patient).value});
    return Scan(kPatients, prefix, [&](std::string_view key) -> Status {
      ByteReader reader(key.substr(prefix.size()));
      DocumentKey document{.source = source};
      if (!reader.Text(document.collection.value) || !reader.Text(document.document.value)) {
        return Corrupt("a patient's key that cannot be read");
      }
      return Visit(document, visit);
    });
  }

  Status KeepMaps(std::span<const MappedDocument> maps) override {
    const std::lock_guard lock(mutex_);
    rocksdb::WriteBatch writes;
    for (const MappedDocument& mapped : maps) FRESHET_RETURN_IF_ERROR(PutMap(writes, mapped));
    return writes.Count() == 0 ? OkStatus() : database_->Write(writes, store::Durability::kBuffered);
  }

  Result<std::optional<OffsetMap>> LoadMap(const DocumentKey& document) override {
    const std::string key = RecordKeyOf(document);
    rocksdb::ManagedSnapshot moment(&database_->db());
    FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> stored, database_->Get(kMaps, key, moment.snapshot()));
    if (!stored) return std::optional<OffsetMap>();
    FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> wrapped, database_->Get(kKeys, key, moment.snapshot()));
    if (!wrapped || stored->size() < kEditionBytes) return Corrupt("an offset map without a key");
    FRESHET_ASSIGN_OR_RETURN(const KeyRing own, OwnKey(key, *wrapped));
    const std::string edition = stored->substr(0, kEditionBytes);
    FRESHET_ASSIGN_OR_RETURN(const std::string bytes,
                             own.OpenPayload(std::string_view(*stored).substr(kEditionBytes), edition));
    FRESHET_ASSIGN_OR_RETURN(OffsetMap map, OffsetMap::Decode(bytes));
    return std::optional<OffsetMap>(std::move(map));
  }

  Status Purge() override {
    rocksdb::DB& db = database_->db();
    for (const Family family : {kOriginals, kKeys, kPatients, kMaps}) {
      FRESHET_RETURN_IF_ERROR(store::FromRocks(db.Flush(rocksdb::FlushOptions(), database_->family(family))));
    }
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    FRESHET_RETURN_IF_ERROR(store::FromRocks(db.CompactRange(all, database_->family(kMaps), nullptr, nullptr)));
    return store::FromRocks(db.CompactRange(all, database_->family(kKeys), nullptr, nullptr));
  }

 private:
  static std::string TextOf(const Covered& covered) {
    std::string text;
    for (const auto& [partition, next] : covered) {
      text += static_cast<char>(partition.first.value);
      AppendBig32(text, partition.second.value);
      AppendBig64(text, next.value);
    }
    return text;
  }

  Status ReadCovered() {
    std::string text;
    const rocksdb::Status read = database_->db().Get({}, kCoveredKey, &text);
    if (read.IsNotFound()) return OkStatus();
    FRESHET_RETURN_IF_ERROR(store::FromRocks(read));
    ByteReader reader(text);
    while (!reader.rest().empty()) {
      uint8_t stream;
      uint32_t partition;
      uint64_t next;
      if (!reader.Byte(stream) || !reader.Big32(partition) || !reader.Big64(next)) {
        return Corrupt("what is covered cannot be read");
      }
      covered_[{Stream(stream), Partition(partition)}] = Offset(next);
    }
    durable_ = covered_;
    return OkStatus();
  }

  // Of what is kept or was deleted.
  Result<std::optional<Version>> StoredVersion(const std::string& key) {
    FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> record, database_->Get(kKeys, key));
    if (!record) return std::optional<Version>();
    Version version;
    std::string_view rest;
    if (!SplitVersion(*record, version, rest)) return Corrupt("a key record that cannot be read");
    return std::optional<Version>(version);
  }

  Status PutTombstone(rocksdb::WriteBatch& writes, const std::string& key, const Gone& gone) {
    FRESHET_RETURN_IF_ERROR(RemovePatients(writes, gone.document));
    std::string tombstone;
    AppendVersion(tombstone, gone.version);
    tombstone += kDeletedKind;
    writes.Delete(database_->family(kOriginals), key);
    writes.Delete(database_->family(kMaps), key);
    writes.Put(database_->family(kKeys), key, tombstone);
    return OkStatus();
  }

  Status Put(rocksdb::WriteBatch& writes, const std::string& key, const Original& original) {
    const std::string line = KeyRing::NewKeyLine();
    FRESHET_ASSIGN_OR_RETURN(const KeyRing own, KeyRing::Parse(line));
    FRESHET_ASSIGN_OR_RETURN(const std::string sealed, EncodeChange({original.origin, original.upsert}, own));
    std::string wrapped;
    AppendVersion(wrapped, original.origin.version);
    std::string record = wrapped + sealed;
    wrapped += kKeyKind;
    wrapped += keys_->SealPayload(line, key);
    FRESHET_RETURN_IF_ERROR(RemovePatients(writes, KeyOf(original.origin)));
    writes.Put(database_->family(kOriginals), key, record);
    writes.Delete(database_->family(kMaps), key);
    writes.Put(database_->family(kKeys), key, wrapped);
    for (const PatientId& patient : original.upsert.patients) {
      writes.Put(database_->family(kPatients), PatientKey(KeyOf(original.origin), patient), "");
    }
    return OkStatus();
  }

  Status PutMap(rocksdb::WriteBatch& writes, const MappedDocument& mapped) {
    const std::string key = RecordKeyOf(KeyOf(mapped.origin));
    FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> wrapped, database_->Get(kKeys, key));
    std::string edition;
    AppendVersion(edition, mapped.origin.version);
    // Of this very version, and of no tombstone: the version and the kind stand in front.
    if (!wrapped || !wrapped->starts_with(edition + kKeyKind)) return OkStatus();
    AppendBig64(edition, mapped.origin.revision.deid_run);
    FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> stored, database_->Get(kMaps, key));
    if (stored && stored->substr(0, kEditionBytes) > edition) return OkStatus();
    FRESHET_ASSIGN_OR_RETURN(const KeyRing own, OwnKey(key, *wrapped));
    writes.Put(database_->family(kMaps), key, edition + own.SealPayload(mapped.map.Encode(), edition));
    return OkStatus();
  }

  std::string PatientKey(const DocumentKey& document, const PatientId& patient) const {
    return KeyText({document.source.value, OpaquePatient(*keys_, patient).value, document.collection.value,
                    document.document.value});
  }

  Status RemovePatients(rocksdb::WriteBatch& writes, const DocumentKey& document) {
    FRESHET_ASSIGN_OR_RETURN(const auto before, Load(document));
    if (!before) return OkStatus();
    for (const PatientId& patient : before->second.patients) {
      writes.Delete(database_->family(kPatients), PatientKey(document, patient));
    }
    return OkStatus();
  }

  // The document's, out of its key record.
  Result<KeyRing> OwnKey(const std::string& key, std::string_view wrapped) const {
    Version version;
    std::string_view record;
    if (!SplitVersion(wrapped, version, record) || record.empty()) return Corrupt("a key record that cannot be read");
    if (record.front() != kKeyKind) return Corrupt("a deleted document with content");
    FRESHET_ASSIGN_OR_RETURN(const std::string line, keys_->OpenPayload(record.substr(1), key));
    return KeyRing::Parse(line);
  }

  Result<std::optional<std::pair<Origin, Upsert>>> Open(const std::string& key, std::string_view sealed,
                                                        std::string_view wrapped) {
    Version version;
    std::string_view body;
    if (!SplitVersion(sealed, version, body)) return Corrupt("a record that cannot be read");
    FRESHET_ASSIGN_OR_RETURN(const KeyRing own, OwnKey(key, wrapped));
    FRESHET_ASSIGN_OR_RETURN(ChangeEvent event, DecodeChange(body, own));
    auto* upsert = std::get_if<Upsert>(&event.change);
    if (upsert == nullptr) return Corrupt("a record of another kind");
    return std::optional(std::pair(std::move(event.origin), std::move(*upsert)));
  }

  Status Visit(const DocumentKey& document, const Visitor& visit) {
    FRESHET_ASSIGN_OR_RETURN(const auto original, Load(document));
    return original ? visit(original->first, original->second) : OkStatus();
  }

  template <class Each>
  Status Scan(Family family, const std::string& prefix, const Each& each) {
    rocksdb::ReadOptions options;
    options.total_order_seek = true;
    const std::unique_ptr<rocksdb::Iterator> at(database_->db().NewIterator(options, database_->family(family)));
    for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next()) {
      FRESHET_RETURN_IF_ERROR(each(store::ToView(at->key())));
    }
    return store::FromRocks(at->status());
  }

  const std::unique_ptr<store::Database> database_;
  const std::shared_ptr<const KeyRing> keys_;
  std::string name_;
  mutable std::mutex mutex_;  // over read, compare, write
  Covered covered_;
  Covered durable_;
};

}  // namespace

Result<std::unique_ptr<Originals>> OpenOriginals(OriginalsOptions options) {
  if (options.keys == nullptr) return Status(Code::kKeyMissing, "Originals need the tenant's key.");
  FRESHET_ASSIGN_OR_RETURN(std::unique_ptr<store::Database> database,
                           store::Database::Open({.path = std::move(options.path),
                                                  .families = {"originals", "keys", "patients", "maps"},
                                                  .env = options.env,
                                                  .compress = false}));  // it is sealed
  auto originals = std::make_unique<RocksOriginals>(std::move(database), std::move(options.keys));
  FRESHET_RETURN_IF_ERROR(originals->Start());
  return std::unique_ptr<Originals>(std::move(originals));
}

}  // namespace freshet::deid
