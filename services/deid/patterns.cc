#include "services/deid/patterns.h"

#include <algorithm>
#include <mutex>
#include <string>

namespace freshet::deid {
namespace {

Result<std::shared_ptr<hs_database_t>> Compile() {
  std::vector<const char*> expressions;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  for (const PatternRow& row : AllPatterns()) {
    expressions.push_back(row.regex);
    flags.push_back(HS_FLAG_SOM_LEFTMOST | (row.any_case ? HS_FLAG_CASELESS : 0));
    ids.push_back(static_cast<unsigned>(ids.size()));
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(expressions.data(), flags.data(), ids.data(), static_cast<unsigned>(ids.size()), HS_MODE_BLOCK,
                       nullptr, &database, &error) != HS_SUCCESS) {
    const int row = error->expression;
    const std::string name = row >= 0 ? AllPatterns()[static_cast<size_t>(row)].detector : "all";
    Status status(Code::kInternalError, "Pattern " + name + " does not compile: " + error->message);
    hs_free_compile_error(error);
    return status;
  }
  return std::shared_ptr<hs_database_t>(database, [](hs_database_t* one) { hs_free_database(one); });
}

// Compiled once a process: the table is constant, and so is what becomes of it.
const Result<std::shared_ptr<hs_database_t>>& Compiled() {
  static const Result<std::shared_ptr<hs_database_t>> kDatabase = Compile();
  return kDatabase;
}

}  // namespace

Result<std::unique_ptr<PatternDetector>> PatternDetector::Make() {
  FRESHET_ASSIGN_OR_RETURN(std::shared_ptr<hs_database_t> database, Compiled());
  std::unique_ptr<PatternDetector> detector(new PatternDetector());
  detector->database_ = std::move(database);
  if (hs_alloc_scratch(detector->database_.get(), &detector->scratch_) != HS_SUCCESS) {
    return Status(Code::kInternalError, "Hyperscan gives no scratch memory.");
  }
  return detector;
}

PatternDetector::~PatternDetector() { hs_free_scratch(scratch_); }

int PatternDetector::OnMatch(unsigned row, unsigned long long begin, unsigned long long end, unsigned, void* self) {
  auto& events = static_cast<PatternDetector*>(self)->events_;
  // The same match, one byte longer: a repeat at its end.
  if (!events.empty() && events.back().row == row && events.back().begin == begin) {
    events.back().end = std::max(events.back().end, static_cast<uint32_t>(end));
    return 0;
  }
  events.push_back({row, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)});
  return 0;
}

void PatternDetector::Detect(const Text& text, const Context&, std::vector<Finding>& findings) {
  const std::string_view folded = text.folded();
  events_.clear();
  hs_scan(database_.get(), folded.data(), static_cast<unsigned>(folded.size()), 0, scratch_, &OnMatch, this);
  std::sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
    return std::tuple(a.row, a.begin, ~a.end) < std::tuple(b.row, b.begin, ~b.end);
  });
  uint32_t row_of_last = ~0u;
  uint32_t accepted_to = 0;
  for (const Event& event : events_) {
    if (event.row != row_of_last) accepted_to = 0;
    row_of_last = event.row;
    if (event.begin < accepted_to) continue;
    const PatternRow& row = AllPatterns()[event.row];
    Finding finding{event.begin, event.end, row.type, row.score, row.detector};
    if (!row.judge({folded, event.begin, event.end}, finding)) continue;
    accepted_to = event.end;
    findings.push_back(finding);
  }
}

}  // namespace freshet::deid
