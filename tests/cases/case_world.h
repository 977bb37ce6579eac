// CaseWorld: the real stages in one process, over a log and stores in memory, with a hand-moved clock.
//
//   CaseWorld world({.policy = "none"});
//   std::string wrong = world.Run(file);     // "" or "line 7: ada finds floor: expected a@2, found a@1"
//
// Events are published as a connector would; before each expectation everything is drained. One thread.
#pragma once

#include <memory>
#include <string>

#include "common/log/embedded_log.h"
#include "services/query/query.h"
#include "services/runtime/runtime.h"
#include "tests/cases/case_file.h"
#include "tests/support/crash_directory.h"
#include "tests/support/crash_fs.h"

namespace freshet::test {

struct CaseOptions {
  std::string policy = "none";
  PipelinePlan plan;
};

class CaseWorld {
 public:
  explicit CaseWorld(CaseOptions options);
  ~CaseWorld();

  std::string Run(const CaseFile& file);

 private:
  struct Told {
    ChangeEvent event;
    Lane lane = Lane::kLive;
    std::optional<Partition> partition;
  };

  Status Boot();
  Status Publish(const Told& told);
  Status PublishOnAll(const ChangeEvent& event, std::initializer_list<Lane> lanes);
  Status Tell(const CaseLine& line);
  Status TellOfSource(const CaseLine& line);
  ChangeEvent Event(const CaseLine& line, Change change) const;
  Upsert UpsertOf(const CaseLine& line) const;
  std::string Drain();
  std::string AccountsAreOpen() const;
  // What an "expect" line asks for, and what is there: equal in a case that holds.
  std::pair<std::string, std::string> Compare(const CaseLine& line);
  std::string Found(const std::string& user, const std::string& words) const;
  std::string StateOf(const std::string& document) const;
  std::string TextOf(const std::string& document) const;
  std::string AsOf() const;

  const CaseOptions options_;
  ManualClock clock_;
  Time now_;  // of the source: `clock_` may be ahead, where draining had to wait for a commit of progress
  CrashDisk disk_{1};
  MetricRegistry metrics_;
  std::shared_ptr<const KeyRing> keys_;
  std::shared_ptr<const model::Embedder> embedder_;
  std::shared_ptr<const model::TokenCounter> tokens_;
  std::unique_ptr<log::EmbeddedLog> log_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<query::QueryEngine> engine_;
  std::vector<Told> told_;
};

}  // namespace freshet::test
