// Citations: from a place of a clean text to the place of the original that it stands for (services/deid/offset_map.h).
//
//   Result<Citations::Cited> cited = runtime->citations()->Resolve({origin, clean, {120, 140}, Words::kShown});
//   // {pieces: [120,131) is [131,142), [131,137) NAME is [142,154)}, words: ["seen with ", "Ada Quill"]}     never log
//   these
//
// Who may ask, and the audit line, are the caller's matter (services/query). The map that was kept with the original is
// taken where it is of this very text; else the original goes through de-identification once more, and its map counts
// where the same text comes out. Codes: not_found (no original of this version is kept here, or another text would be
// made of it now), invalid_argument (a range that is empty or not of the text), those of originals. Any thread.
#pragma once

#include <mutex>

#include "services/deid/deid.h"
#include "services/deid/originals.h"
#include "services/runtime/hops.h"
#include "services/runtime/shared_roster.h"

namespace freshet {

class Citations {
 public:
  struct Stores {
    deid::Originals& originals;
    const deid::Quarantine& quarantine;
    const SharedRoster& roster;
  };
  // All must outlive it.
  Citations(const HopContext& context, Stores stores);
  ~Citations();

  enum class Words : uint8_t { kHidden, kShown };
  struct Question {
    const Origin& origin;  // of what the index holds
    const CleanDocument& clean;
    deid::Place range;  // of its text
    Words words = Words::kHidden;
  };
  struct Cited {
    std::vector<deid::OffsetPiece> pieces;
    std::vector<std::string> words;  // of the original, one a piece; empty where they are hidden
    std::string media_type;          // of the original
  };
  Result<Cited> Resolve(const Question& question);

 private:
  Result<deid::OffsetMap> MapOf(const Question& question, const Upsert& original);
  Result<deid::OffsetMap> MakeMap(const Question& question, const Upsert& original);

  const std::shared_ptr<const KeyRing> keys_;
  const RuntimeOptions& options_;
  const Stores stores_;
  std::mutex stage_mutex_;
  std::unique_ptr<deid::Deid> stage_;  // made when first needed: most maps are kept
};

}  // namespace freshet
