#include "common/store/lexical_feed.h"

#include <mutex>
#include <utility>

#include "common/store/journal.h"
#include "common/store/loader.h"
#include "common/telemetry/log.h"

namespace freshet::store {
namespace {

LexicalOptions OptionsOf(const Core& core, SpaceId space) {
  return {.path = LexicalFeed::PathOf(core.options.path, space),
          .use = core.follower != nullptr ? LexicalUse::kFollow : LexicalUse::kOwn,
          .open_directory = core.options.open_directory,
          .buffer_mb = core.options.lexical_buffer_mb,
          .newest_commit = core.state.commit};
}

}  // namespace

std::string LexicalFeed::PathOf(const std::string& store, SpaceId space) {
  return store + "/lexical/" + std::to_string(space.collection) + "-" + std::to_string(space.generation);
}

Result<std::unique_ptr<LexicalFeed>> LexicalFeed::Open(Core& core, Space& space) {
  std::unique_ptr<LexicalFeed> feed(new LexicalFeed(core, space));
  FRESHET_RETURN_IF_ERROR(feed->Recover());
  return feed;
}

void LexicalFeed::BeginToOpen(Core& core, SpaceId space) {
  const auto open = [options = OptionsOf(core, space)] { return LexicalIndex::Open(options); };
  core.lexical_openings.emplace(space, std::async(std::launch::async, open));
}

Result<std::unique_ptr<LexicalIndex>> LexicalFeed::OpenIndex() {
  if (auto begun = core_.lexical_openings.extract(space_.id)) return begun.mapped().get();
  return LexicalIndex::Open(OptionsOf(core_, space_.id));
}

Status LexicalFeed::Recover() {
  index_.reset();
  behind_ = true;
  FRESHET_ASSIGN_OR_RETURN(index_, OpenIndex());
  TellOfDamage();
  return Replay();
}

// What is lost is made anew from the stored documents; whose disk loses files should know.
void LexicalFeed::TellOfDamage() const {
  if (follows()) return;
  const std::string path = PathOf(core_.options.path, space_.id);
  if (!index_->damaged().empty()) {
    Log(LogLevel::kWarning, "A file of the lexical index is damaged or missing, and the index is made anew.",
        {{"code", Code::kCorruptStore}, {"file", Coordinate(path + "/" + index_->damaged())}});
  } else if (index_->CommittedNumber() == 0 && space_.record.journal_from > 0) {
    Log(LogLevel::kWarning, "The lexical index is missing and is made anew.",
        {{"code", Code::kCorruptStore}, {"directory", Coordinate(path)}});
  }
}

// From the index's commit to the state's.
Status LexicalFeed::Replay() {
  behind_ = true;
  uncommitted_bytes_ = 0;
  uncommitted_ = false;
  reader_is_old_ = true;
  const uint64_t committed = index_->CommittedNumber();
  if (committed < space_.record.journal_from) {
    FRESHET_RETURN_IF_ERROR(AddAgain(Everything()));
  } else {
    FRESHET_ASSIGN_OR_RETURN(const Wanted wanted, ReadJournal(committed));
    FRESHET_RETURN_IF_ERROR(AddAgain(wanted));
  }
  behind_ = false;
  return OkStatus();
}

// Chunks added since, that are still there: of what was added and removed again, and of what was removed, searches ask
// whether it is alive.
Result<LexicalFeed::Wanted> LexicalFeed::ReadJournal(uint64_t after) {
  Wanted wanted;
  const auto take = [&](std::string_view, std::string_view value) {
    FRESHET_ASSIGN_OR_RETURN(const JournalEntry entry, DecodeJournal(value));
    for (const ChunkOrdinal chunk : entry.removed) FRESHET_RETURN_IF_ERROR(index_->Remove(chunk));
    for (const auto& [document, chunks] : entry.added) {
      for (const ChunkOrdinal chunk : chunks) {
        if (space_.chunks.contains(chunk.value)) wanted[document].insert(chunk);
      }
    }
    return OkStatus();
  };
  FRESHET_RETURN_IF_ERROR(
      ForEach(*core_.database, kJournal, JournalKey(space_.id, after + 1), PrefixEnd(SpacePrefix(space_.id)), take));
  return wanted;
}

LexicalFeed::Wanted LexicalFeed::Everything() const {
  Wanted wanted;
  for (const auto& [key, head] : space_.documents) {
    for (const ChunkRef& chunk : head.chunks) wanted[head.ordinal].insert(chunk.ordinal);
  }
  return wanted;
}

Status LexicalFeed::AddAgain(const Wanted& wanted) {
  if (!wanted.empty() && core_.options.lexical_texts == nullptr) {
    return Status(Code::kConfiguration, "the lexical index has to catch up, and nothing reads texts");
  }
  for (const auto& [document, chunks] : wanted) FRESHET_RETURN_IF_ERROR(AddAgain(document, chunks));
  return OkStatus();
}

Status LexicalFeed::AddAgain(DocumentOrdinal document, const std::set<ChunkOrdinal>& chunks) {
  const DocumentRow* row = space_.RowOf(document);
  if (row == nullptr) return Status(Code::kCorruptStore, "a chunk of no document");
  const DocumentHead& head = row->second;
  FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                           core_.database->Get(kDocuments, BodyKey(space_.id, document)));
  if (!stored) return Status(Code::kCorruptStore, "a document without a body");
  FRESHET_ASSIGN_OR_RETURN(const DocumentBody body, DecodeBody(*stored));
  FRESHET_ASSIGN_OR_RETURN(const std::vector<std::string> records, ChunkRecords(head));
  FRESHET_ASSIGN_OR_RETURN(const std::vector<LexicalText> texts,
                           core_.options.lexical_texts(body.origin, body.sealed, records));
  if (texts.size() != head.chunks.size()) return Status(Code::kCorruptStore, "a document's chunks and its texts");
  for (size_t i = 0; i < texts.size(); ++i) {
    const ChunkOrdinal chunk = head.chunks[i].ordinal;
    if (!chunks.contains(chunk)) continue;
    FRESHET_RETURN_IF_ERROR(Add({.chunk = chunk,
                                 .document = document,
                                 .title = texts[i].title,
                                 .section = texts[i].section,
                                 .text = texts[i].text}));
  }
  return OkStatus();
}

Result<std::vector<std::string>> LexicalFeed::ChunkRecords(const DocumentHead& head) {
  std::vector<std::string> records;
  records.reserve(head.chunks.size());
  for (const ChunkRef& chunk : head.chunks) {
    FRESHET_ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                             core_.database->Get(kChunks, ChunkKey(space_.id, chunk.ordinal)));
    if (!stored || stored->size() < 4) return Status(Code::kCorruptStore, "a chunk without a record");
    records.push_back(stored->substr(4));
  }
  return records;
}

bool LexicalFeed::IsQuiet() { return std::exchange(asked_, true) && uncommitted_; }

Status LexicalFeed::Add(const LexicalEntry& entry) {
  uncommitted_ = true;
  reader_is_old_ = true;
  uncommitted_bytes_ += entry.title.size() + entry.section.size() + entry.text.size();
  return index_->Add(entry);
}

void LexicalFeed::Take(const ChunkChanges& changes) {
  if (changes.empty()) return;
  asked_ = false;
  if (behind_) return;
  behind_ = !TryTake(changes).ok();
}

void LexicalFeed::TakeStored(const ChunkChanges& changes) {
  Wanted wanted;
  for (const auto& [chunk, added] : changes.added) wanted[added.document].insert(chunk);
  if (!behind_) behind_ = !AddAgain(wanted).ok();
}

// Only where memory holds what the writer has committed by now.
Status LexicalFeed::StartAgain() {
  if (behind_ || !uncommitted_ || index_->CommittedNumber() >= space_.record.journal_from) return OkStatus();
  FRESHET_RETURN_IF_ERROR(index_->Follow(core_.state.commit));
  return Replay();
}

Status LexicalFeed::TryTake(const ChunkChanges& changes) {
  for (const ChunkOrdinal chunk : changes.removed) {
    uncommitted_ = true;
    FRESHET_RETURN_IF_ERROR(index_->Remove(chunk));
  }
  for (const auto& [chunk, added] : changes.added) {
    FRESHET_RETURN_IF_ERROR(Add({.chunk = chunk,
                                 .document = added.document,
                                 .title = *added.title,
                                 .section = added.chunk->section,
                                 .text = added.chunk->text}));
  }
  return OkStatus();
}

Result<std::shared_ptr<const LexicalReader>> LexicalFeed::Reader() {
  if (behind_) FRESHET_RETURN_IF_ERROR(Recover());
  if (!reader_is_old_ && reader_ != nullptr) return reader_;
  auto reader = index_->Reopen(core_.state.commit);
  if (!reader.ok()) {
    behind_ = true;
    return reader.status();
  }
  reader_ = std::move(reader).value();
  reader_is_old_ = false;
  return reader_;
}

Status LexicalFeed::Commit() {
  if (follows()) return Status(Code::kInvalidArgument, "another process's index");
  if (behind_) FRESHET_RETURN_IF_ERROR(Recover());
  const uint64_t commit = core_.state.commit;
  if (Status status = index_->Commit(commit); !status.ok()) {
    behind_ = status.code() == Code::kCorruptStore;  // after others the index still has what it could not write
    return status;
  }
  uncommitted_ = false;
  uncommitted_bytes_ = 0;
  SpaceRecord record = space_.record;
  record.journal_from = commit;
  rocksdb::WriteBatch batch;
  batch
      .DeleteRange(core_.database->family(kJournal), ToSlice(JournalKey(space_.id, 0)),
                   ToSlice(JournalKey(space_.id, commit + 1)))
      .PermitUncheckedError();
  batch.Put(core_.database->family(kMeta), ToSlice(SpaceKey(space_.id)), ToSlice(Encode(record)))
      .PermitUncheckedError();
  FRESHET_RETURN_IF_ERROR(core_.database->Write(batch, Durability::kBuffered));
  std::unique_lock lock(core_.state.mutex);
  space_.record.journal_from = commit;
  return OkStatus();
}

}  // namespace freshet::store
