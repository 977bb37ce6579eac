// `freshet deid batch`: JSON Lines through the very code of the stage.
//
//   Status status = RunDeidBatch(std::cin, std::cout, {.policy = "safe_harbor", .roster_path = "identities.jsonl"});
//
// A line in:  {"id": "1", "text": "Mr. Ada ...", "media_type": "text/plain", "patients": ["p1"]}    the last two
// optional A line out: {"id": "1", "spans": [{"start": 4, "end": 7, "type": "NAME", "score": 0.95, "detector":
// "name/title"}],
//              "output": "Mr. [NAME] ...", "risk": 0.1, "action": "forward"}
// start and end count code points: of the input where it is text/plain, else of the text read from it.
// risk: how likely it is that something was left in (risk.h); 1 where verification found something.
// action: "forward", "quarantine" (the risk is above the policy's limit, or verification found something), or the code
// that the stage skips the document with; then output is empty.
//
// A line of identities.jsonl is an IdentityChange (schemas/change.h); all fields but patient are optional:
//   {"patient": "p1", "identity": "legal", "names": [{"given": ["Ada", "Maria"], "family": "Quill", "prefix": "Dr.",
//    "suffix": "Jr."}], "identifiers": [{"kind": "mrn", "value": "00-4711-8"}], "birth_date": "1961-03-04",
//    "addresses": ["12 Elm Street, Springfield, IL 62704"], "telecoms": ["+1 617 555 0100", "ada@quill.example"],
//    "retracted": false, "merged_into": "", "unmerged_from": ""}
//
// Codes: configuration (policy, roster file, with its line), invalid_argument (a line of input, by number), io_error.
#pragma once

#include <istream>
#include <memory>
#include <ostream>
#include <string>

#include "common/base/status.h"
#include "common/crypto/keys.h"
#include "schemas/change.h"
#include "services/deid/roster.h"

namespace freshet::deid {

struct DeidBatchOptions {
  std::string policy = "safe_harbor";
  std::string roster_path;  // empty: nobody is known
  std::string keys_path;    // a key file; empty: what a policy would make up is a placeholder
};

Status RunDeidBatch(std::istream& in, std::ostream& out, const DeidBatchOptions& options);

// What such files hold; null for an empty path. configuration, with the line.
Result<std::shared_ptr<const Roster>> ReadRosterFile(const std::string& path);
Result<std::shared_ptr<const KeyRing>> ReadKeyFile(const std::string& path);
// The source that a roster file's patients are of.
const SourceName& BatchSource();

// One line of identities.jsonl. invalid_argument where it is not one.
Result<IdentityChange> ParseIdentityLine(std::string_view line);

}  // namespace freshet::deid
