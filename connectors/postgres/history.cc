#include "connectors/postgres/history.h"

#include <charconv>

#include "connectors/postgres/pgoutput.h"

namespace freshet::postgres {

std::optional<uint64_t> EndOfTimeline(std::string_view history_file, uint32_t timeline) {
  while (!history_file.empty()) {
    const std::string_view line = history_file.substr(0, history_file.find('\n'));
    history_file.remove_prefix(std::min(line.size() + 1, history_file.size()));
    uint32_t left = 0;
    const auto [next, error] = std::from_chars(line.data(), line.data() + line.size(), left);
    if (error != std::errc() || left != timeline) continue;
    std::string_view rest = line.substr(static_cast<size_t>(next - line.data()));
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    const Result<uint64_t> end = ParseLsn(rest.substr(0, rest.find_first_of(" \t")));
    if (end.ok()) return *end;
  }
  return std::nullopt;
}

Status HistoryProof::Prove() {
  if (proven_) return OkStatus();
  const Landmark expected = claim_.landmark.lsn < claim_.told_from ? Landmark() : claim_.landmark;
  refuted_ = told_again_ != expected;
  if (refuted_) return Status(Code::kUnavailable, "PostgreSQL: the server's history is not the one that was read");
  proven_ = true;
  return OkStatus();
}

}  // namespace freshet::postgres
