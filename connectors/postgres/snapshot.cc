#include "connectors/postgres/snapshot.h"

#include "common/base/bytes.h"
#include "connectors/postgres/snapshot_worker.h"

namespace freshet::postgres {
namespace {

constexpr const char* kLeaves =
    "SELECT n.nspname, c.relname, c.relfilenode, pg_relation_size(c.oid) / current_setting('block_size')::bigint "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass($1)) UNION ALL SELECT to_regclass($1)) "
    "AND c.relkind = 'r' ORDER BY c.oid";

bool IsList(const SnapshotFamily& family) {
  return family.kind == rows::EntityKind::kScope || family.kind == rows::EntityKind::kGroup;
}

// Lists before groups before patients before documents.
std::vector<SnapshotFamily> RulesOf(const rows::Mapping& mapping) {
  std::vector<SnapshotFamily> all;
  const auto add = [&all](rows::EntityKind kind, const auto& rules) {
    for (uint32_t i = 0; i < rules.size(); ++i) all.push_back({.kind = kind, .rule = i, .table = rules[i].table});
  };
  add(rows::EntityKind::kScope, mapping.access());
  add(rows::EntityKind::kGroup, mapping.groups());
  add(rows::EntityKind::kIdentity, mapping.identities());
  add(rows::EntityKind::kDocument, mapping.documents());
  return all;
}

}  // namespace

std::string SnapshotCursor::Encode() const {
  std::string out(1, '\1');
  AppendVersion(out, begin);
  AppendBig64(out, static_cast<uint64_t>(ToMicros(started)));
  out.append(AsBytes(plan));
  AppendBig32(out, family);
  AppendBig64(out, page);
  return out;
}

std::optional<SnapshotCursor> SnapshotCursor::Decode(std::string_view bytes) {
  SnapshotCursor out;
  ByteReader reader(bytes);
  uint8_t format = 0;
  uint64_t started = 0;
  std::string_view hash;
  const bool good = reader.Byte(format) && format == 1 && reader.ReadVersion(out.begin) && reader.Big64(started) &&
                    reader.Bytes(out.plan.size(), hash) && reader.Big32(out.family) && reader.Big64(out.page) &&
                    reader.rest().empty();
  if (!good) return std::nullopt;
  out.started = FromMicros(static_cast<int64_t>(started));
  std::copy(hash.begin(), hash.end(), out.plan.begin());
  return out;
}

SnapshotReader::SnapshotReader(const PostgresOptions& options, const rows::Mapping& mapping, SnapshotCursor at)
    : options_(options), mapping_(mapping), cursor_(at) {}

Status SnapshotReader::Plan(SqlClient& sql) {
  std::string files;
  for (const SnapshotFamily& rule : RulesOf(mapping_)) {
    if (IsList(rule)) {
      families_.push_back(rule);
      families_.back().relation = QuotedTable(rule.table);
      continue;
    }
    FRESHET_ASSIGN_OR_RETURN(const SqlRows leaves, sql.Query(kLeaves, {QuotedTable(rule.table)}));
    for (const auto& leaf : leaves.rows) {
      SnapshotFamily family = rule;
      family.relation = "ONLY " + Quoted(*leaf[0]) + "." + Quoted(*leaf[1]);
      family.pages = std::strtoull(leaf[3]->c_str(), nullptr, 10);
      families_.push_back(family);
      AppendText(files, family.relation);
      AppendText(files, *leaf[2]);
    }
  }
  const Hash128 plan = HashOf(files);
  if (cursor_.plan != plan) {
    cursor_.family = 0;
    cursor_.page = 0;
    cursor_.plan = plan;
  }
  PlanTasks();
  return OkStatus();
}

void SnapshotReader::PlanTasks() {
  for (uint32_t i = cursor_.family; i < families_.size(); ++i) {
    uint64_t from = i == cursor_.family ? cursor_.page : 0;
    const uint64_t step = options_.snapshot_blocks;
    while (!IsList(families_[i]) && from + step < families_[i].pages) {
      tasks_.push_back({.family = i, .from = from, .to = from + step});
      from += step;
    }
    tasks_.push_back({.family = i, .from = from});
  }
  ended_.resize(tasks_.size());
}

Result<std::unique_ptr<SnapshotReader>> SnapshotReader::Open(const Parts& parts, SnapshotCursor at) {
  std::unique_ptr<SnapshotReader> reader(new SnapshotReader(parts.options, parts.mapping, at));
  FRESHET_RETURN_IF_ERROR(reader->Plan(parts.sql));
  for (uint32_t i = 0; i < parts.options.snapshot_readers; ++i) {
    FRESHET_ASSIGN_OR_RETURN(auto worker, SnapshotWorker::Open(parts, at));
    reader->workers_.push_back(std::move(worker));
  }
  for (auto& worker : reader->workers_) {
    reader->threads_.emplace_back([raw = reader.get(), &worker] { raw->Work(*worker); });
  }
  return reader;
}

SnapshotReader::~SnapshotReader() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool SnapshotReader::Push(Queued queued) {
  std::unique_lock lock(mutex_);
  // One piece passes whatever its size.
  changed_.wait(lock, [&] { return stop_ || queue_.empty() || queued_bytes_ + queued.bytes <= kMostQueued; });
  if (stop_) return false;
  queued_bytes_ += queued.bytes;
  queue_.push_back(std::move(queued));
  lock.unlock();
  changed_.notify_all();
  return true;
}

void SnapshotReader::Work(SnapshotWorker& worker) {
  while (true) {
    size_t index = 0;
    {
      std::lock_guard lock(mutex_);
      if (stop_ || next_task_ == tasks_.size()) return;
      index = next_task_++;
    }
    const Task& task = tasks_[index];
    const Status read = worker.Read({.family = families_[task.family], .from = task.from, .to = task.to},
                                    [&](rows::Resolved events, size_t bytes) {
                                      return Push({.task = index, .events = std::move(events), .bytes = bytes});
                                    });
    if (read.ok() && Push({.task = index, .last = true})) continue;
    std::lock_guard lock(mutex_);
    if (failure_.ok() && !stop_) failure_ = read;
    changed_.notify_all();
    return;
  }
}

void SnapshotReader::Advance(size_t task) {
  ended_[task] = true;
  while (low_ < ended_.size() && ended_[low_]) ++low_;
  if (low_ == tasks_.size()) return;
  cursor_.family = tasks_[low_].family;
  cursor_.page = tasks_[low_].from;
}

Result<SnapshotPiece> SnapshotReader::Next(Duration wait) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [this] { return !queue_.empty() || !failure_.ok() || tasks_.empty(); });
  if (!failure_.ok()) return failure_;
  SnapshotPiece piece;
  size_t bytes = 0;
  // Several small ones together, as each is a call of the log.
  while (!queue_.empty() && bytes < (1u << 20) && piece.events.size() == 0) {
    Queued queued = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= queued.bytes;
    bytes += queued.bytes;
    if (queued.last) Advance(queued.task);
    piece.events = std::move(queued.events);
  }
  piece.done = low_ == tasks_.size();
  lock.unlock();
  changed_.notify_all();
  return piece;
}

}  // namespace freshet::postgres
