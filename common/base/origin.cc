#include "common/base/origin.h"

namespace freshet {

std::string_view NameOf(Lane lane) {
  static constexpr std::string_view kNames[] = {"urgent", "live", "backfill"};
  return kNames[static_cast<size_t>(lane)];
}

std::string_view NameOf(Step step) {
  static constexpr std::string_view kNames[kStepCount] = {"captured", "deid", "chunk", "embed", "index"};
  return kNames[static_cast<size_t>(step)];
}

}  // namespace freshet
