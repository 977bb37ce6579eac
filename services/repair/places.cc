#include "services/repair/places.h"

#include <algorithm>

namespace freshet::repair {

void Places::Add(std::string place, uint64_t left, std::optional<Time> by) {
  rows_.push_back({std::move(place), left, left > 0 ? by : std::nullopt});
}

bool Places::gone() const {
  return std::all_of(rows_.begin(), rows_.end(), [](const Row& row) { return row.left == 0; });
}

std::optional<Time> Places::gone_by() const {
  std::optional<Time> last;
  for (const Row& row : rows_) {
    if (row.left == 0) continue;
    if (!row.gone_by) return std::nullopt;
    last = std::max(last.value_or(*row.gone_by), *row.gone_by);
  }
  return last;
}

}  // namespace freshet::repair
