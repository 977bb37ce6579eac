#include "connectors/postgres/decoder.h"

#include "connectors/postgres/values.h"

namespace freshet::postgres {
namespace {

using rows::Cell;
using rows::Row;
using rows::RowChange;

Status OutOfPlace() { return Status(Code::kCorruptRecord, "pgoutput: a message out of place"); }

// The subtransaction that a message inside a stream belongs to: its first four bytes.
uint32_t SubtransactionOf(std::string_view message) {
  uint32_t xid = 0;
  ByteReader reader(message.substr(1));
  return reader.Big32(xid) ? xid : 0;
}

}  // namespace

const StreamDecoder::Relation* StreamDecoder::Find(uint32_t oid, const Relations& relations) const {
  const auto found = relations.find(oid);
  if (found != relations.end()) return &found->second;
  const auto global = relations_.find(oid);
  return global == relations_.end() ? nullptr : &global->second;
}

Row StreamDecoder::RowOf(const Relation& relation, const PgTuple& tuple, bool key_only) const {
  Row row{relation.table, {}};
  row.cells.reserve(relation.types.size());
  for (size_t i = 0; i < relation.types.size(); ++i) {
    if (i >= tuple.size() || tuple[i].kind == 'u' || (key_only && !relation.table->key[i])) {
      row.cells.push_back(Cell::Unknown());
    } else if (tuple[i].kind == 'n') {
      row.cells.push_back(Cell::Null());
    } else {
      row.cells.push_back(CellOf(relation.types[i], tuple[i].text));
    }
  }
  return row;
}

Status StreamDecoder::TakeRelation(const PgRelation& message, Relations& relations) {
  rows::Table table{.name = std::string(message.schema) + "." + std::string(message.name),
                    .whole_before = message.identity == 'f'};
  Relation relation;
  for (const PgColumn& column : message.columns) {
    table.columns.emplace_back(column.name);
    table.key.push_back(column.key);
    relation.types.push_back(column.type);
  }
  const std::vector<std::string> mapped = mapping_.tables();
  if (std::binary_search(mapped.begin(), mapped.end(), table.name)) {
    FRESHET_RETURN_IF_ERROR(mapping_.CheckTable(table));
    relation.table = std::make_shared<const rows::Table>(std::move(table));
  }
  relations.insert_or_assign(message.oid, std::move(relation));
  return OkStatus();
}

Status StreamDecoder::Add(RowChange change, rows::Batch& batch) {
  ++changes_;
  if (transactions_.empty() || transactions_.back() != transaction_.number)
    transactions_.push_back(transaction_.number);
  FillFromBefore(change);
  batch.Add(std::move(change),
            {.version = {options_.generation, transaction_.lsn, transaction_.place++}, .committed = transaction_.time});
  return OkStatus();
}

Status StreamDecoder::TakeDecoded(const PgMessage& message, Relations& relations, rows::Batch& batch) {
  if (const auto* relation = std::get_if<PgRelation>(&message)) return TakeRelation(*relation, relations);
  if (const auto* truncate = std::get_if<PgTruncate>(&message)) {
    for (const uint32_t oid : truncate->oids) {
      const Relation* const relation = Find(oid, relations);
      if (relation == nullptr || relation->table == nullptr) continue;
      transaction_.ours = true;
      truncated_ = truncated_ || !history_.IsToldAgain(transaction_.lsn);
    }
    ++transaction_.place;
    return OkStatus();
  }
  const auto* insert = std::get_if<PgInsert>(&message);
  const auto* update = std::get_if<PgUpdate>(&message);
  const auto* gone = std::get_if<PgDelete>(&message);
  if (insert == nullptr && update == nullptr && gone == nullptr) return OkStatus();
  const uint32_t oid = insert != nullptr ? insert->oid : update != nullptr ? update->oid : gone->oid;
  const Relation* const relation = Find(oid, relations);
  if (relation == nullptr) return OutOfPlace();
  if (relation->table == nullptr) return OkStatus();
  transaction_.ours = true;
  if (history_.IsToldAgain(transaction_.lsn)) return OkStatus();
  RowChange change{.kind = RowChange::Kind::kInsert, .table = relation->table};
  if (insert != nullptr) change.after = RowOf(*relation, insert->row, false);
  if (update != nullptr) {
    change.kind = RowChange::Kind::kUpdate;
    if (update->before) change.before = RowOf(*relation, *update->before, update->before_is_key);
    change.after = RowOf(*relation, update->row, false);
  }
  if (gone != nullptr) {
    change.kind = RowChange::Kind::kDelete;
    change.before = RowOf(*relation, gone->before, gone->before_is_key);
  }
  return Add(std::move(change), batch);
}

Status StreamDecoder::Keep(std::string_view message, const PgMessage& decoded) {
  if (std::holds_alternative<PgStreamStop>(decoded)) {
    in_stream_ = false;
    return OkStatus();
  }
  return streamed_.at(stream_)->spool.Append(SubtransactionOf(message), message);
}

// What comes at `done` or behind it comes after all that was before: then that must have been the same.
Status StreamDecoder::BeginTransaction(const Transaction& transaction) {
  if (!history_.IsToldAgain(transaction.lsn)) FRESHET_RETURN_IF_ERROR(history_.Prove());
  in_transaction_ = true;
  transaction_ = transaction;
  return OkStatus();
}

void StreamDecoder::EndTransaction(uint64_t end_lsn) {
  in_transaction_ = false;
  if (transaction_.ours) history_.Add({transaction_.lsn, transaction_.time});
  done_ = std::max(done_, end_lsn);
  floor_ = std::max(floor_, transaction_.lsn);
}

Status StreamDecoder::TakeCommit(const PgCommit& commit) {
  const auto found = commit.xid != 0 ? streamed_.find(commit.xid) : streamed_.end();
  if (found == streamed_.end()) {
    if (commit.xid != 0 || !in_transaction_) return OutOfPlace();
    EndTransaction(commit.end_lsn);
    return OkStatus();
  }
  replay_ = std::move(found->second);
  streamed_.erase(found);
  replay_end_ = commit.end_lsn;
  return BeginTransaction({.number = commit.xid, .lsn = commit.lsn, .time = commit.time});
}

Status StreamDecoder::Replay(rows::Batch& batch) {
  std::string_view message;
  while (!batch.is_full()) {
    FRESHET_ASSIGN_OR_RETURN(const bool more, replay_->spool.Next(message));
    if (!more) {
      for (auto& [oid, relation] : replay_->relations) relations_.insert_or_assign(oid, std::move(relation));
      replay_.reset();
      EndTransaction(replay_end_);
      return OkStatus();
    }
    FRESHET_ASSIGN_OR_RETURN(const PgMessage decoded, DecodePgMessage(message, true));
    FRESHET_RETURN_IF_ERROR(TakeDecoded(decoded, replay_->relations, batch));
  }
  return OkStatus();
}

Status StreamDecoder::Take(std::string_view message, rows::Batch& batch) {
  if (replay_ != nullptr) return OutOfPlace();
  FRESHET_ASSIGN_OR_RETURN(const PgMessage decoded, DecodePgMessage(message, in_stream_));
  if (in_stream_) return Keep(message, decoded);
  if (const auto* begin = std::get_if<PgBegin>(&decoded)) {
    if (in_transaction_) return OutOfPlace();
    return BeginTransaction({.number = begin->xid, .lsn = begin->final_lsn, .time = begin->time});
  }
  if (const auto* start = std::get_if<PgStreamStart>(&decoded)) {
    stream_ = start->xid;
    in_stream_ = true;
    auto& streamed = streamed_[stream_];
    if (streamed == nullptr) streamed = std::make_unique<Streamed>(options_.spool_memory);
    return OkStatus();
  }
  if (const auto* abort = std::get_if<PgStreamAbort>(&decoded)) {
    const auto found = streamed_.find(abort->xid);
    if (found == streamed_.end()) return OkStatus();
    if (abort->xid == abort->subxid) {
      streamed_.erase(found);
    } else {
      found->second->spool.Undo(abort->subxid);
    }
    return OkStatus();
  }
  if (const auto* commit = std::get_if<PgCommit>(&decoded)) return TakeCommit(*commit);
  if (const auto* marker = std::get_if<PgLogicalMessage>(&decoded)) {
    if (!in_transaction_) done_ = std::max(done_, marker->lsn);
    return OkStatus();
  }
  if (std::holds_alternative<PgStreamStop>(decoded)) return OutOfPlace();
  const bool row = !std::holds_alternative<PgRelation>(decoded) && !std::holds_alternative<PgIgnored>(decoded);
  if (row && !in_transaction_) return OutOfPlace();
  return TakeDecoded(decoded, relations_, batch);
}

Status StreamDecoder::TakeKeepalive(uint64_t lsn) {
  if (in_transaction_ || in_stream_ || replay_ != nullptr) return OkStatus();
  if (lsn >= options_.done) FRESHET_RETURN_IF_ERROR(history_.Prove());
  done_ = std::max(done_, lsn);
  return OkStatus();
}

}  // namespace freshet::postgres
