// Applier: what each kind of mutation does, as changes to a Batch. It reads state and batch, and touches no disk.
//
//   Applier applier(state, options, now, batch);
//   for (const Mutation& mutation : mutations) applied.push_back(applier.Apply(mutation));
//   applier.RunSnapshotDeletes();
//
// Sources and collections that the mutations name have been registered before (names.h). Only the writer thread.
#pragma once

#include "common/store/batch.h"

namespace freshet::store {

class Applier {
 public:
  Applier(const State& state, const IndexStoreOptions& options, Time now, Batch& batch)
      : state_(state), options_(options), now_(now), batch_(batch) {}

  // Counts the mutation in its partition's account too.
  Applied Apply(const Mutation& mutation);

  // Content that was made of what another generation has (GenerationStore::Derive): no input's, so it is not counted.
  void Derive(const Mutation& mutation);

  // Goes on deleting what ended snapshots did not mention, a bounded number at a time.
  void RunSnapshotDeletes();
  // Forgets a document whose tombstone, of this key, is old enough, unless older content of it may still be on its way:
  // then the tombstone is looked at again later.
  void Forget(std::string_view tombstone, SpaceId space, const SourceKey& document);

 private:
  struct Effect {
    Outcome outcome = Outcome::kControl;
    Operation operation = Operation::kNone;
    Step stage = Step::kIndex;  // of a skip
    Code code = Code::kOk;
    bool only_grants = false;
  };

  // apply_content.cc
  Effect Do(const Mutation& mutation, const PutDocument& put);
  Effect Do(const Mutation& mutation, const SkipDocument& skip);
  Effect Do(const Mutation& mutation, const DeleteDocument& change);
  Effect Do(const Mutation& mutation, const SetWithheld& change);
  Effect Do(const Mutation& mutation, const MarkPresent& change);
  // Whether any generation has content of this edition or a newer one.
  bool HasContentSince(const Mutation& mutation, const Edition& edition);
  Effect TakeIn(Space& space, const Mutation& mutation, const PutDocument& put);
  void PutChunks(const Space& space, DocumentHead& head, const PutDocument& put);
  bool TakesVectors(const Space& space, const PutDocument& put);
  void Delete(const Space& space, const SourceKey& document, const Version& version);
  void RemoveContent(const Space& space, const DocumentHead& head);
  void ForgetIn(const Space& space, const SourceKey& document, Time deleted_before);
  Time EverythingReadUpTo(SourceNumber source) const;

  // apply_access.cc
  Effect Do(const Mutation& mutation, const SetAccess& change);
  Effect Do(const Mutation& mutation, const SetGroup& change);
  Effect Do(const Mutation& mutation, const SetConsent& change);

  // apply_snapshot.cc
  Effect Do(const Mutation& mutation, const BeginSnapshot& change);
  Effect Do(const Mutation& mutation, const EndSnapshot& change);
  Effect Do(const Mutation& mutation, const ConfirmDeletes& change);
  Effect Do(const Mutation& mutation, const AdvanceTime& change);
  Effect Do(const Mutation& mutation, const LoseRecords& change);
  bool IsBelowFloor(const Space& space, const Mutation& mutation, const DocumentHead* known);
  SnapshotState& Restart(const Mutation& mutation, const Version& begin);
  void Decide(const SnapshotId& id, SnapshotState& snapshot);
  // Whether another generation knows that the snapshot, or something newer, has the document.
  bool IsMentionedElsewhere(const Space& space, const SourceKey& document, const Version& begin);
  bool RunDeletesOf(const SnapshotId& id, const Version& begin, size_t& budget);

  // apply.cc
  void CountIn(const Mutation& mutation, const Effect& effect);
  SourceNumber SourceOf(const Mutation& mutation) const;
  SourceKey KeyOf(const Mutation& mutation) const { return {SourceOf(mutation), mutation.origin.document.value}; }

  const State& state_;
  const IndexStoreOptions& options_;
  const Time now_;
  Batch& batch_;
};

// False where the mutation lacks the names that its kind needs: it is skipped as a corrupt record.
bool IsWellFormed(const Mutation& mutation);

}  // namespace freshet::store
