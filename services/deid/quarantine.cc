#include "services/deid/quarantine.h"

#include <cmath>

#include "common/base/bytes.h"

namespace freshet::deid {
namespace {

enum Family : size_t { kHeld, kMarks };

constexpr HoldReasonRow kReasons[] = {
#define FRESHET_HOLD_REASON_ROW(enumerator, name, releasable, meaning) {name, releasable, meaning},
    FRESHET_HOLD_REASONS(FRESHET_HOLD_REASON_ROW)
#undef FRESHET_HOLD_REASON_ROW
};

constexpr double kMillionths = 1e6;

std::string KeyText(const DocumentKey& document) {
  std::string key;
  AppendText(key, document.source.value);
  AppendText(key, document.collection.value);
  AppendText(key, document.document.value);
  return key;
}

bool ReadKey(std::string_view key, DocumentKey& out) {
  ByteReader reader(key);
  return reader.Text(out.source.value) && reader.Text(out.collection.value) && reader.Text(out.document.value);
}

void AppendTime(std::string& out, Time time) { AppendBig64(out, static_cast<uint64_t>(ToMicros(time))); }

bool ReadTime(ByteReader& reader, Time& out) {
  uint64_t micros;
  if (!reader.Big64(micros)) return false;
  out = FromMicros(static_cast<int64_t>(micros));
  return true;
}

bool IsNewer(const Origin& origin, const Origin& than) {
  return std::tuple(origin.version, origin.revision.deid_run) > std::tuple(than.version, than.revision.deid_run);
}

Status Corrupt() { return Status(Code::kCorruptStore, "Quarantine: a record that cannot be read."); }

}  // namespace

const HoldReasonRow& RowOf(HoldReason reason) { return kReasons[static_cast<size_t>(reason)]; }

Quarantine::Quarantine(std::unique_ptr<store::Database> database, std::shared_ptr<const KeyRing> keys)
    : database_(std::move(database)), keys_(std::move(keys)), releases_(std::make_shared<const Releases>()) {}

Result<std::unique_ptr<Quarantine>> Quarantine::Open(QuarantineOptions options) {
  if (options.keys == nullptr) return Status(Code::kKeyMissing, "The quarantine needs the tenant's key.");
  FRESHET_ASSIGN_OR_RETURN(std::unique_ptr<store::Database> database,
                           store::Database::Open({.path = std::move(options.path),
                                                  .families = {"held", "marks"},
                                                  .env = options.env,
                                                  .block_cache_bytes = 1 << 20,
                                                  .write_buffer_bytes = 1 << 20}));
  auto quarantine = std::unique_ptr<Quarantine>(new Quarantine(std::move(database), std::move(options.keys)));
  FRESHET_RETURN_IF_ERROR(quarantine->Load());
  return quarantine;
}

Status Quarantine::Load() {
  const std::unique_ptr<rocksdb::Iterator> at(
      database_->db().NewIterator(rocksdb::ReadOptions(), database_->family(kHeld)));
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const std::string key = at->key().ToString();
    FRESHET_ASSIGN_OR_RETURN(Held held, Opened(key, store::ToView(at->value())));
    held_.insert_or_assign(KeyOf(held.origin), std::move(held));
  }
  Renew();
  return store::FromRocks(at->status());
}

std::string Quarantine::Sealed(const std::string& key, const Held& held) const {
  std::string record;
  AppendVersion(record, held.origin.version);
  AppendBig64(record, held.origin.revision.deid_run);
  record += static_cast<char>(held.reason);
  AppendBig64(record, static_cast<uint64_t>(std::lround(static_cast<double>(held.risk) * kMillionths)));
  AppendText(record, held.policy);
  AppendTime(record, held.since);
  AppendText(record, held.released.name);
  AppendTime(record, held.released.at);
  return keys_->SealPayload(record, key);
}

Result<Held> Quarantine::Opened(const std::string& key, std::string_view sealed) const {
  FRESHET_ASSIGN_OR_RETURN(const std::string record, keys_->OpenPayload(sealed, key));
  DocumentKey document;
  Held held;
  uint8_t reason;
  uint64_t risk;
  ByteReader reader(record);
  if (!ReadKey(key, document) || !reader.ReadVersion(held.origin.version) ||
      !reader.Big64(held.origin.revision.deid_run) || !reader.Byte(reason) || !reader.Big64(risk) ||
      !reader.Text(held.policy) || !ReadTime(reader, held.since) || !reader.Text(held.released.name) ||
      !ReadTime(reader, held.released.at) || reason >= std::size(kReasons)) {
    return Corrupt();
  }
  held.origin.source = document.source;
  held.origin.collection = document.collection;
  held.origin.document = document.document;
  held.reason = static_cast<HoldReason>(reason);
  held.risk = static_cast<float>(static_cast<double>(risk) / kMillionths);
  return held;
}

// With mutex_.
Status Quarantine::Put(const Held& held) {
  const std::string key = KeyText(KeyOf(held.origin));
  rocksdb::WriteBatch writes;
  writes.Put(database_->family(kHeld), key, Sealed(key, held));
  FRESHET_RETURN_IF_ERROR(database_->Write(writes, store::Durability::kSync));
  held_.insert_or_assign(KeyOf(held.origin), held);
  Renew();
  return OkStatus();
}

// With mutex_. What a lost erasure leaves is erased again when the document comes by again.
Status Quarantine::Erase(const std::vector<DocumentKey>& documents) {
  if (documents.empty()) return OkStatus();
  rocksdb::WriteBatch writes;
  for (const DocumentKey& document : documents) writes.Delete(database_->family(kHeld), KeyText(document));
  FRESHET_RETURN_IF_ERROR(database_->Write(writes, store::Durability::kSync));
  for (const DocumentKey& document : documents) held_.erase(document);
  Renew();
  return OkStatus();
}

void Quarantine::Renew() {
  auto releases = std::make_shared<Releases>();
  for (const auto& [document, held] : held_) {
    if (!held.released.name.empty()) releases->versions_[document] = held.origin.version;
  }
  releases_ = std::move(releases);
}

Status Quarantine::Hold(Held held) {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(KeyOf(held.origin));
  if (found != held_.end() && !IsNewer(held.origin, found->second.origin)) {
    const bool same = found->second.origin.version == held.origin.version;
    // A surer finding about the very same run, as of the scan behind this stage, or of one that was released.
    if (!same || IsNewer(found->second.origin, held.origin) || RowOf(held.reason).releasable) return OkStatus();
    if (found->second.reason == held.reason) return OkStatus();
  }
  return Put(held);
}

Status Quarantine::Pass(std::span<const Origin* const> origins) {
  const std::lock_guard lock(mutex_);
  std::vector<DocumentKey> over;
  for (const Origin* origin : origins) {
    const auto found = held_.find(KeyOf(*origin));
    if (found == held_.end() || !IsNewer(*origin, found->second.origin)) continue;
    const bool released = !found->second.released.name.empty() && found->second.origin.version == origin->version;
    if (!released) over.push_back(found->first);
  }
  return Erase(over);
}

Status Quarantine::Forget(std::span<const Gone> gone) {
  const std::lock_guard lock(mutex_);
  std::vector<DocumentKey> over;
  for (const Gone& one : gone) {
    const auto found = held_.find(one.document);
    if (found != held_.end() && found->second.origin.version <= one.version) over.push_back(one.document);
  }
  return Erase(over);
}

Status Quarantine::Release(const DocumentKey& document, const Version& version, const Reviewer& reviewer) {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(document);
  if (found == held_.end() || found->second.origin.version != version) {
    return Status(Code::kNotFound, "this version of the document is not in quarantine");
  }
  if (!found->second.released.name.empty()) return OkStatus();
  if (!RowOf(found->second.reason).releasable) {
    return Status(Code::kPermissionDenied,
                  "what was found in this document is no matter of opinion: mend its cause and re-run it");
  }
  Held released = found->second;
  released.released = reviewer;
  return Put(released);
}

std::vector<Held> Quarantine::List() const {
  const std::lock_guard lock(mutex_);
  std::vector<Held> list;
  for (const auto& [document, held] : held_) list.push_back(held);
  return list;
}

std::optional<Held> Quarantine::Find(const DocumentKey& document) const {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(document);
  return found == held_.end() ? std::nullopt : std::optional(found->second);
}

std::shared_ptr<const Releases> Quarantine::releases() const {
  const std::lock_guard lock(mutex_);
  return releases_;
}

Result<std::string> Quarantine::Mark(const std::string& name) const {
  FRESHET_ASSIGN_OR_RETURN(std::optional<std::string> value, database_->Get(kMarks, name));
  return std::move(value).value_or("");
}

Status Quarantine::SetMark(const std::string& name, const std::string& value) {
  rocksdb::WriteBatch writes;
  writes.Put(database_->family(kMarks), name, value);
  return database_->Write(writes, store::Durability::kSync);
}

}  // namespace freshet::deid
