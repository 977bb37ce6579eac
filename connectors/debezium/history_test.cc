// A PostgreSQL and a Debezium in a few lines, as the real ones were seen to behave: transactions that overlap,
// snapshots while some are under way, offsets that a crash loses. Whatever they write, and wherever the connector is
// killed, the documents end as the rows.
#include <gmock/gmock.h>

#include <random>

#include "connectors/debezium/testing.h"

namespace freshet::debezium {
namespace {

using ::testing::UnorderedElementsAre;

using Rows = std::map<int, std::string>;

struct Write {
  int id = 0;
  uint64_t place = 0;
  std::optional<std::string> body;  // none: deleted
};
struct Commit {
  std::vector<Write> writes;
  uint64_t end = 0;
};

class World {
 public:
  explicit World(uint64_t seed) : random_(seed) { Snapshot(kNotTold); }

  void Turn() {
    switch (random_() % 10) {
      case 0:
        return Crash();
      case 1:
        return Snapshot(told_);  // asked for by a signal: the stream rests meanwhile
      case 2:
        flushed_ = Offset{next_, told_};
        return;
      case 3:
        return Read();
      case 4:
      case 5:
        return End();
      case 6:
        return Tell();
      default:
        return Change();
    }
  }
  // All is committed and told.
  void Rest() {
    while (!open_.empty()) End();
    while (next_ < commits_.size()) Tell();
    Read();
  }
  std::map<std::string, std::string> Documents() const {
    std::map<std::string, std::string> documents;
    for (const auto& [id, body] : rows_) documents["note/" + std::to_string(id)] = body;
    return documents;
  }
  const TestSite& site() const { return site_; }

 private:
  struct Offset {
    size_t next = 0;
    uint64_t told = kNotTold;
  };

  uint64_t Advance() { return lsn_ += 8 * (1 + random_() % 20); }
  void Read() { EXPECT_EQ(site_.Run(), Code::kOk); }
  void ReadPerhaps() {
    if (random_() % 4 == 0) Read();
  }

  // A row that a transaction has changed waits for its end.
  void Change() {
    if (open_.empty() || random_() % 3 == 0) open_.emplace_back();
    const size_t mine = random_() % open_.size();
    const int id = static_cast<int>(random_() % 4);
    for (size_t i = 0; i < open_.size(); ++i) {
      const auto same = [id](const Write& write) { return write.id == id; };
      if (i != mine && std::any_of(open_[i].begin(), open_[i].end(), same)) return;
    }
    const bool gone = random_() % 4 == 0;
    const uint64_t place = Advance();
    open_[mine].push_back({id, place, gone ? std::nullopt : std::optional("at " + std::to_string(place))});
  }
  void End() {
    if (open_.empty()) return;
    const auto ended = open_.begin() + static_cast<std::ptrdiff_t>(random_() % open_.size());
    commits_.push_back({std::move(*ended), Advance()});
    open_.erase(ended);
    for (const Write& write : commits_.back().writes) {
      if (write.body) rows_[write.id] = *write.body;
      if (!write.body) rows_.erase(write.id);
    }
  }

  void Append(int id, const Made& made) { site_.Append(id, made, static_cast<uint32_t>(id % 2)); }
  void Tell() {
    if (next_ == commits_.size()) return;
    const Commit& commit = commits_[next_++];
    for (const Write& write : commit.writes) {
      const Json row = NoteRow(write.id, write.body.value_or(""));
      Append(write.id, {.op = write.body ? "u" : "d",
                        .place = write.place,
                        .before = write.body ? Json() : row,
                        .after = write.body ? row : Json(),
                        .commit_before = told_});
      ReadPerhaps();
      if (!write.body) site_.Append(write.id, std::optional<std::string>(), static_cast<uint32_t>(write.id % 2));
      ReadPerhaps();
    }
    told_ = commit.end;
  }
  void Snapshot(uint64_t told) {
    const uint64_t at = Advance();
    for (const auto& [id, body] : rows_) {
      Append(id, {.op = "r", .place = at, .after = NoteRow(id, body), .commit_before = told, .snapshot = "true"});
      ReadPerhaps();
    }
  }
  // Without an offset a snapshot is taken again. It does not tell what was deleted meanwhile: a limit of Debezium's.
  void Crash() {
    if (random_() % 4 == 0) flushed_.reset();  // somebody has thrown it away
    if (flushed_) {
      next_ = flushed_->next, told_ = flushed_->told;
      return;
    }
    for (size_t i = next_; i < commits_.size(); ++i) {
      for (const Write& write : commits_[i].writes) {
        if (!write.body) return;
      }
    }
    next_ = commits_.size(), told_ = kNotTold;
    Snapshot(told_);
  }

  std::mt19937_64 random_;
  TestSite site_{"t"};
  uint64_t lsn_ = 1024;
  std::vector<std::vector<Write>> open_;
  std::vector<Commit> commits_;
  Rows rows_;
  size_t next_ = 0;           // of the commits, to be told
  uint64_t told_ = kNotTold;  // where the commit before ends
  std::optional<Offset> flushed_;
};

TEST(DebeziumHistory, DocumentsEndAsTheRows) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    World world(seed);
    for (int turn = 0; turn < 60; ++turn) world.Turn();
    world.Rest();
    ASSERT_EQ(world.site().Contents(), world.Documents()) << "seed " << seed;
  }
}

Made ReadAt(uint64_t place, const std::string& body) {
  return {.op = "r", .place = place, .after = NoteRow(1, body), .commit_before = kNotTold, .snapshot = "true"};
}

// As a real one wrote it: its row was changed before the snapshot's place, and the change committed after it.
TEST(DebeziumHistory, WhatWasUnderWayDuringASnapshotIsNewerThanIt) {
  for (const bool restarted : {false, true}) {
    TestSite site("t");
    const Made under_way{.op = "u", .place = 304, .after = NoteRow(1, "new"), .commit_before = kNotTold};
    site.Append(1, ReadAt(400, "old"));
    if (restarted) {
      EXPECT_EQ(site.Run(), Code::kOk);
    }
    site.Append(1, under_way);
    EXPECT_EQ(site.Run(), Code::kOk);
    EXPECT_THAT(site.Contents(), UnorderedElementsAre(std::pair("note/1", "new")));
    site.Append(1, {.op = "u", .place = 448, .after = NoteRow(1, "newer"), .commit_before = 440});
    site.Append(1, under_way);
    EXPECT_EQ(site.Run(), Code::kOk);
    EXPECT_EQ(site.Contents().at("note/1"), "newer");
    site.Append(1, ReadAt(800, "newest"));
    EXPECT_EQ(site.Run(), Code::kOk);
    EXPECT_EQ(site.Contents().at("note/1"), "newest");
  }
}

TEST(DebeziumHistory, WhatWasUnderWayIsNewerThanAFlattenedSnapshotToo) {
  TestSite site("t");
  const auto flattened = [](const char* op, uint64_t place, const std::string& body) {
    Json row = NoteRow(1, body);
    row["__op"] = op, row["__lsn"] = place, row["__source_ts_ms"] = 1'700'000'000'000;
    return row.dump();
  };
  site.Append(1, flattened("r", 400, "old"));
  site.Append(1, flattened("u", 304, "new"));
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("note/1"), "new");
  site.Append(1, flattened("u", 448, "newer"));
  site.Append(1, flattened("u", 304, "new"));
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("note/1"), "newer");
}

// A delete that is told again, and the process ends before its tombstone.
TEST(DebeziumHistory, ATombstoneThatIsToldAgainDeletesNothingNewer) {
  TestSite site("t");
  const Made gone{.op = "d", .place = 200, .before = NoteRow(1, "")};
  const Made again{.place = 304, .after = NoteRow(1, "again")};
  site.Append(1, {.place = 104, .after = NoteRow(1, "one")});
  site.Append(1, gone);
  site.Append(1, std::nullopt);
  site.Append(1, again);
  site.Append(1, gone);
  EXPECT_EQ(site.Run(), Code::kOk);
  site.Append(1, std::nullopt);
  site.Append(1, again);
  EXPECT_EQ(site.Run(), Code::kOk);
  EXPECT_EQ(site.Contents().at("note/1"), "again");
}

}  // namespace
}  // namespace freshet::debezium
