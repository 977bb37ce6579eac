// One run of the tap: started, read, ended.
#include <thread>

#include "common/telemetry/log.h"
#include "connectors/singer/connector.h"

namespace freshet::singer {
namespace {

constexpr Duration kLinger = std::chrono::milliseconds(300);  // longer than SourceConnector waits with a position
constexpr Duration kPause = std::chrono::milliseconds(5);

}  // namespace

Status TapSource::Start(bool lists_all, const Position& from) {
  run_ = std::make_unique<Run>();
  run_->lists_all = lists_all;
  run_->begun = clock_->Now();
  run_->heard = std::chrono::steady_clock::now();
  run_->begin = decoder_->NextVersion();
  run_->earlier = from.versions;
  const std::string state = options_.runs == Runs::kAll ? std::string() : from.StateFile();
  FRESHET_ASSIGN_OR_RETURN(run_->child, Child::Start({.command = options_.command,
                                                      .environment = options_.environment,
                                                      .state = state,
                                                      .most_line = options_.max_line.bytes}));
  next_run_ = run_->begun + options_.every;
  return OkStatus();
}

// The newest is the last: an activation holds until a record of its stream follows.
void TapSource::TakeVersion(const Message& message) {
  if (message.kind == Message::Kind::kRecord) run_->activated.erase(message.stream);
  if (!message.version) return;
  const auto earlier = run_->earlier.find(message.stream);
  const bool is_new = earlier == run_->earlier.end() || earlier->second != *message.version;
  run_->renewed |= is_new;
  if (message.kind == Message::Kind::kActivate && is_new) run_->activated.insert(message.stream);
  position_.versions[message.stream] = *message.version;
}

Status TapSource::Take(const std::string& line) {
  Result<Message> read = reader_.Read(line);
  // What it said of a document is lost: it must say it again.
  if (read.code() == Code::kMalformedDocument) return Status(Code::kUnavailable, read.status().message());
  if (!read.ok()) return read.status();
  Message& message = *read;
  switch (message.kind) {
    case Message::Kind::kIgnored:
      ++run_->ignored;
      return OkStatus();
    case Message::Kind::kFailed:
      run_->failed = true;
      return OkStatus();
    case Message::Kind::kState:
      position_.Take(message.state_of, std::move(message.state));
      run_->told = true;
      return OkStatus();
    default:
      TakeVersion(message);
  }
  // Not before the run, up to which everything may have been vouched for.
  const Time now = clock_->Now();
  const Time committed = std::max(run_->begun, std::min(message.extracted.value_or(now), now));
  return decoder_->Take(std::move(message), committed);
}

Status TapSource::Heard(bool something) {
  const auto now = std::chrono::steady_clock::now();
  if (something) run_->heard = now;
  if (now - run_->heard < options_.silence) return OkStatus();
  return Status(Code::kTimeout, "The tap has said nothing for as long as `silence` allows");
}

Status TapSource::EndOf(const Run& run) const {
  const Child::Complaints& said = run.child->complaints();
  const int status = run.child->exit_status();
  if (status == 0 && !run.failed) return OkStatus();
  return Status(Code::kUnavailable, "The tap ended with status " + std::to_string(status) + " after " +
                                        std::to_string(said.lines) + " lines of complaints, errors in " +
                                        std::to_string(said.errors) + ", warnings in " + std::to_string(said.warnings));
}

Result<bool> TapSource::Pump(Duration wait, SourceBatch& out) {
  std::string line;
  bool ended = false, heard = false;
  while (!decoder_->is_full()) {
    FRESHET_ASSIGN_OR_RETURN(const Child::Got got, run_->child->Next(line, heard ? Duration(0) : wait));
    ended = got == Child::Got::kEnd;
    if (got != Child::Got::kLine) break;
    heard = true;
    FRESHET_RETURN_IF_ERROR(Take(line));
  }
  FRESHET_RETURN_IF_ERROR(Heard(heard));
  FRESHET_ASSIGN_OR_RETURN(out.events, decoder_->Drain());
  Settle(out.events);
  run_->said |= run_->told || !out.events.empty();
  const Status end = ended ? EndOf(*run_) : OkStatus();
  if (end.ok()) return ended;
  // What came before a failure counts: it is handed out, and its state stored, before the failure is told.
  const auto now = std::chrono::steady_clock::now();
  if (!run_->ended) run_->ended = now;
  if (!run_->said || now - *run_->ended > kLinger) return end;
  std::this_thread::sleep_for(kPause);
  return false;
}

// What is there already, as it is, is mentioned by a listing, and left out of changes.
void TapSource::Settle(std::vector<ChangeEvent>& events) {
  const bool mention = run_->lists_all || run_->renewed;
  std::vector<ChangeEvent> left;
  for (ChangeEvent& event : events) {
    const bool same = known_.IsSame(event);
    if (same && !mention) continue;
    if (same) event.change = Present{};
    left.push_back(std::move(event));
  }
  events = std::move(left);
}

// An empty snapshot at the run's beginning: at its end the sink deletes what is older, under its guard.
void TapSource::AddUnmentioned(SourceBatch& out) const {
  if (run_->activated.empty()) return;
  const bool all = std::all_of(mapping_.documents().begin(), mapping_.documents().end(),
                               [&](const rows::DocumentRule& rule) { return run_->activated.contains(rule.table); });
  if (!all) {
    Log(LogLevel::kDebug, "Not every stream was told whole: what is gone from those that were stays until a listing.");
    return;
  }
  for (const auto side : {SnapshotEdge::Side::kBegin, SnapshotEdge::Side::kEnd}) {
    out.events.push_back({.origin = {.version = run_->begin, .committed = clock_->Now()},
                          .change = SnapshotEdge{.side = side, .begin_version = run_->begin}});
  }
}

}  // namespace freshet::singer
