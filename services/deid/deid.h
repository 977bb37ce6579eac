// Deid: the stage that PHI does not pass. Upsert in, CleanDocument out, by the policy of its collection:
// parse -> detect -> resolve -> replace -> verify.
//
//   Result<std::unique_ptr<Deid>> deid = Deid::Make();            // compiles the patterns once, some 100 ms
//   DeidState state{.policies = {{policies, *FindPolicy("none")}}, .roster = roster.Snapshot(), .keys = keys};
//   std::vector<Result<Deid::Outcome>> outcomes = (*deid)->Process(batch, state);
//
// A collection without a policy of its own has safe_harbor. What a parser refuses, and what verification doubts, is
// Skipped by its code (parse/parser.h; quarantined): so is a document whose risk (risk.h) is above its policy's limit,
// unless a reviewer released that very version. Errors: key_missing where the state has no keys.
// Deterministic: same input, policy, roster and keys, same bytes. One instance a thread; the state may be shared.
#pragma once

#include <map>
#include <memory>

#include "common/crypto/keys.h"
#include "common/stage/stage.h"
#include "schemas/clean.h"
#include "services/deid/explain.h"
#include "services/deid/offset_map.h"
#include "services/deid/policy.h"
#include "services/deid/quarantine.h"
#include "services/deid/roster.h"

namespace freshet {

// What an Upsert holds beside itself, for the runner's limits.
size_t MemoryBytes(const Upsert& upsert);

namespace deid {

// What the stage may look at; immutable snapshots that the runner swaps between batches.
struct DeidState {
  std::map<CollectionName, std::shared_ptr<const Policy>> policies;
  std::shared_ptr<const Roster> roster;      // null: nobody is known
  std::shared_ptr<const KeyRing> keys;       // for opaque patient ids
  std::shared_ptr<const Releases> releases;  // null: none
  // Where the offset maps of what is forwarded go, in the order of the inputs; null: none are made. A policy that
  // leaves texts as they are needs none.
  std::vector<MappedDocument>* maps = nullptr;

  const Policy& PolicyOf(const CollectionName& collection) const;
};

// What the stage thinks of a document: how likely it is that something was left in, and what holds it back.
struct Judgement {
  Code code = Code::kOk;  // quarantined: for `reason`; another: the stage skips or refuses it with it
  HoldReason reason = HoldReason::kDoubt;
  float risk = 0;
};

class Deid final : public Stage<Upsert, CleanDocument, DeidState> {
 public:
  // internal_error where the pattern table does not compile.
  static Result<std::unique_ptr<Deid>> Make();
  ~Deid() override;

  freshet::Step step() const override { return freshet::Step::kDeid; }
  std::vector<Result<Outcome>> Process(std::span<const Input> batch, const DeidState& state) override;
  // The same work for one input, for the reason alone: what a quarantined document is listed with.
  Judgement Judge(const Input& input, const DeidState& state);
  // Every decision about the text, for the eyes of a reviewer. Codes: the parser's.
  Result<Explanation> ExplainText(const Input& input, const DeidState& state);

 private:
  explicit Deid(std::unique_ptr<Cleaner> cleaner);
  struct Made;  // of one input
  Result<CleanDocument> CleanOne(const Input& input, const DeidState& state, Made& made);
  Status CleanFieldsOf(const Upsert& upsert, const CleanJob& job, Made& made);

  std::unique_ptr<Cleaner> cleaner_;
};

}  // namespace deid
}  // namespace freshet
