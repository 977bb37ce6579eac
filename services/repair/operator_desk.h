// OperatorDesk: repairs as the HTTP interface has them: JSON in, JSON out.
//
//   OperatorDesk desk(letters, sources, receipts);
//   Result<OperatorAnswer> answer = desk.Do({.action = "drop", .body = R"({"id": "changes.live/3/17"})"});
//
//   action        body or parameters                             answer
//   dead_letters  id, source, code, limit (all may be absent)    {"letters": [{"id", "code", ...}], "count"}
//   replay        {"id" | "source" | "code" | "all": true}       {"replayed", "expired", "more"}
//   drop          the same                                       {"dropped"}
//   pause, resume {}                                             {"source", "paused"}
//   backfill      {["since": time] ["documents": [id]]}          {"source", "asked": true}
//   reconcile     {["mend": bool]}                               {"source", "in_source", "missing": [...], ...}
//   receipt       collection                                     receipt.h
//
// A replay or drop without any restriction must say "all": true. invalid_argument: what is not in this table. Any
// thread.
#pragma once

#include "services/repair/dead_letters.h"
#include "services/repair/operator_call.h"
#include "services/repair/receipt.h"
#include "services/repair/source_desk.h"

namespace freshet::repair {

class OperatorDesk {
 public:
  OperatorDesk(DeadLetterBox::Parts letters, SourceDesk::Parts sources, ReceiptDesk::Parts receipts)
      : letters_(std::move(letters)), sources_(std::move(sources)), receipts_(std::move(receipts)) {}

  Result<OperatorAnswer> Do(const OperatorCall& call);

 private:
  Result<OperatorAnswer> List(const OperatorCall& call);
  Result<OperatorAnswer> Replay(const OperatorCall& call);
  Result<OperatorAnswer> Drop(const OperatorCall& call);
  Result<OperatorAnswer> Pause(const OperatorCall& call);
  Result<OperatorAnswer> Resume(const OperatorCall& call);
  Result<OperatorAnswer> Backfill(const OperatorCall& call);
  Result<OperatorAnswer> Reconcile(const OperatorCall& call);
  Result<OperatorAnswer> Certify(const OperatorCall& call);

  DeadLetterBox letters_;
  const SourceDesk sources_;
  const ReceiptDesk receipts_;
};

}  // namespace freshet::repair
