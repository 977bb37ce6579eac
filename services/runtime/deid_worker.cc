#include "services/runtime/deid_worker.h"

#include "common/telemetry/log.h"

namespace freshet {
namespace {

bool IsRetry(const Status& status) { return DispositionOf(status.code()) == Disposition::kRetry; }

}  // namespace

DeidWorker::DeidWorker(const HopContext& context, DeidWorkerParts parts,
                       std::vector<Runner<deid::Deid>::Connection> connections)
    : keys_(context.parts.keys),
      policies_(context.options.policies),
      clock_(context.parts.clock),
      parts_(std::move(parts)),
      state_{.policies = policies_, .roster = roster_.Snapshot(), .keys = keys_},
      purged_(clock_.Now()),
      backoff_(parts_.runner.backoff, parts_.runner.seed),
      runner_(*parts_.stage,
              {.state = [this] { return StateWithMaps(); },
               .before = [this](std::span<const Arrival<Upsert>> batch) { return KeepOriginals(batch); },
               .after = [this] { return KeepMaps(); }},
              RunnerWithLetters(), std::move(connections)) {
  if (parts_.quarantine) {
    sweep_ = std::make_unique<Sweep>(
        Sweep::Parts{context, *parts_.stage, *parts_.originals, *parts_.quarantine, [this] { return StateNow(); }});
  }
  std::erase_if(parts_.identities_end, [](const auto& row) { return row.second == Offset(0); });
}

deid::DeidState DeidWorker::StateNow() const {
  deid::DeidState state = state_;
  if (parts_.quarantine) state.releases = parts_.quarantine->releases();
  return state;
}

deid::DeidState DeidWorker::StateWithMaps() {
  deid::DeidState state = StateNow();
  if (parts_.originals) state.maps = &maps_;
  return state;
}

// No wait for the disk: a map that power loss takes is made again when somebody asks (citations.h).
Status DeidWorker::KeepMaps() {
  if (maps_.empty()) return OkStatus();
  FRESHET_RETURN_IF_ERROR(parts_.originals->KeepMaps(maps_));
  maps_.clear();
  return OkStatus();
}

RunnerOptions DeidWorker::RunnerWithLetters() {
  RunnerOptions options = parts_.runner;
  if (!parts_.quarantine) return options;
  letters_ = std::make_unique<HoldingLetters>(HoldingLetters::Parts{.letters = *options.dead_letters,
                                                                    .stage = *parts_.stage,
                                                                    .originals = *parts_.originals,
                                                                    .quarantine = *parts_.quarantine,
                                                                    .state = [this] { return StateNow(); },
                                                                    .clock = clock_});
  options.dead_letters = letters_.get();
  return options;
}

Result<bool> DeidWorker::Step() {
  if (!IsDue(retry_at_, clock_.Now(), parts_.runner.backoff.longest)) return false;
  bool worked = false;
  for (const auto follow :
       {&DeidWorker::KeepAgain, &DeidWorker::FollowIdentities, &DeidWorker::FollowDeletes, &DeidWorker::SweepSome}) {
    const Result<bool> followed = (this->*follow)();
    if (!followed.ok() && !IsRetry(followed.status())) return followed;
    if (!followed.ok()) {
      retry_at_ = clock_.Now() + backoff_.Next();
      return false;
    }
    worked |= *followed;
  }
  backoff_.Reset();
  if (!roster_is_whole() || !originals_are_whole()) return worked;
  is_whole_ = true;
  FRESHET_ASSIGN_OR_RETURN(const bool ran, runner_.Step());
  return worked || ran;
}

// The roster's topic is compacted: offsets jump, and its end may be a record that is gone. So the consumer is asked
// whether there was more.
Result<bool> DeidWorker::FollowIdentities() {
  if (sweep_ != nullptr && !sweep_is_open_) {
    FRESHET_RETURN_IF_ERROR(sweep_->Open());
    sweep_is_open_ = true;
  }
  if (untaken_.empty()) {
    FRESHET_ASSIGN_OR_RETURN(log::Polled polled, parts_.identities->Poll({}));
    untaken_.assign(std::make_move_iterator(polled.records.begin()), std::make_move_iterator(polled.records.end()));
  }
  const bool any = !untaken_.empty();
  for (; !untaken_.empty(); untaken_.pop_front()) FRESHET_RETURN_IF_ERROR(TakeIdentity(untaken_.front()));
  if (any) state_.roster = roster_.Snapshot();
  if (any) shared_roster_.Set(state_.roster);
  if (parts_.identities->AtEnd()) parts_.identities_end.clear();
  return any;
}

Status DeidWorker::TakeIdentity(const log::Delivered& record) {
  if (!record.value) return OkStatus();  // a key's end: its retraction came before
  Result<ChangeEvent> event = DecodeChange(*record.value, *keys_);
  if (!event.ok()) {
    if (DispositionOf(event.code()) == Disposition::kHalt) return event.status();
    const Origin origin;
    const SkippedInput letter{
        origin, {StreamOf(Topic::kIdentities), record.partition, record.offset}, {event.code(), freshet::Step::kDeid}};
    return parts_.runner.dead_letters->Write({&letter, 1});
  }
  const auto* const identity = std::get_if<IdentityChange>(&event->change);
  if (identity == nullptr) return OkStatus();
  const Origin& origin = event->origin;
  roster_.Apply(origin.source, *identity, origin.version);
  if (sweep_) sweep_->Learned({origin.source, *identity, origin.version}, record.partition, record.offset);
  return OkStatus();
}

Result<bool> DeidWorker::SweepSome() {
  if (sweep_ == nullptr || !roster_is_whole() || !originals_are_whole()) return false;
  return sweep_->Step();
}

Result<bool> DeidWorker::FollowDeletes() {
  if (!parts_.originals) return false;
  if (undone_.empty()) {
    FRESHET_ASSIGN_OR_RETURN(const log::Polled polled, parts_.deletes->Poll({}));
    for (const log::Delivered& record : polled.records) {
      Result<Envelope<UrgentChange>> envelope = DecodeUrgent(record, *keys_);
      if (!envelope.ok()) {
        if (DispositionOf(envelope.code()) == Disposition::kHalt) return envelope.status();
        envelope = Envelope<UrgentChange>{.payload = Skipped{envelope.code(), freshet::Step::kDeid}};
      }
      undone_.push_back({std::move(*envelope),
                         {StreamOf(Topic::kChangesUrgent), record.partition, record.offset},
                         parts_.deletes->Tenure({record.topic, record.partition})});
    }
  }
  const bool any = !undone_.empty();
  FRESHET_RETURN_IF_ERROR(Destroy(undone_));
  for (const auto& arrival : undone_) parts_.deletes_progress->Settle(arrival);
  undone_.clear();
  FRESHET_RETURN_IF_ERROR(parts_.deletes_progress->CommitIfDue());
  PurgeIfDue();
  return any;
}

Status DeidWorker::Destroy(std::span<const Arrival<UrgentChange>> arrivals) {
  std::vector<deid::Gone> gone;
  for (const auto& [envelope, position, tenure] : arrivals) {
    const UrgentChange* const change = envelope.body();
    if (change == nullptr || !std::holds_alternative<Delete>(*change)) continue;
    gone.push_back({KeyOf(envelope.origin), envelope.origin.version});
  }
  if (gone.empty()) return OkStatus();
  purge_wanted_ = true;
  if (parts_.quarantine) FRESHET_RETURN_IF_ERROR(parts_.quarantine->Forget(gone));
  return parts_.originals->Destroy(gone);
}

// On a thread of its own: rewriting files may take seconds, and a live edit must not wait for it.
void DeidWorker::PurgeIfDue() {
  if (purge_.valid()) {
    if (purge_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
    const Status purged = purge_.get();
    if (!purged.ok()) Log(LogLevel::kWarning, "Destroyed keys are still on disk.", {{"error", purged}});
    purge_wanted_ |= !purged.ok();
  }
  const Time now = clock_.Now();
  if (!purge_wanted_ || !IsDue(purged_ + parts_.purge_every, now, parts_.purge_every)) return;
  purge_wanted_ = false;
  purged_ = now;
  purge_ = std::async(std::launch::async, [originals = parts_.originals.get()] { return originals->Purge(); });
}

Result<bool> DeidWorker::KeepAgain() {
  if (originals_are_whole()) return false;
  FRESHET_ASSIGN_OR_RETURN(const std::vector<Arrival<Upsert>> batch, parts_.replay->Next());
  FRESHET_RETURN_IF_ERROR(KeepOriginals(batch));
  parts_.replay->Kept();
  return true;
}

Status DeidWorker::KeepOriginals(std::span<const Arrival<Upsert>> batch) {
  if (!parts_.originals) return OkStatus();
  std::vector<deid::Original> kept;
  std::vector<const Origin*> origins;
  deid::Covered covered;
  for (const Arrival<Upsert>& arrival : batch) {
    const Position& at = arrival.position;
    covered[{at.stream, at.partition}] = Offset(at.offset.value + 1);
    const Upsert* const upsert = arrival.envelope.body();
    if (upsert != nullptr) origins.push_back(&arrival.envelope.origin);
    if (upsert == nullptr || upsert->refused != Code::kOk) continue;
    if (!state_.PolicyOf(arrival.envelope.origin.collection).cleans) continue;  // nothing a policy could change
    kept.push_back({arrival.envelope.origin, *upsert});
  }
  if (parts_.quarantine) FRESHET_RETURN_IF_ERROR(parts_.quarantine->Pass(origins));
  FRESHET_RETURN_IF_ERROR(parts_.originals->Keep(kept, covered));
  return parts_.replay == nullptr && !kept.empty() ? parts_.originals->Sync() : OkStatus();
}

}  // namespace freshet
