// SLOs and their history as JSON: parts of GET /v1/freshness and GET /v1/freshness/history (API.md).
//
//   row["slo"].push_back(SloJson(report));
//   FillMinutes(book, source, row);      // row["searchable_ms"]["update"] = {"p95": [null, 12.3, ...], "count": [0, 4,
//   ...]}
//
// Pure functions, any thread.
#pragma once

#include <nlohmann/json.hpp>

#include "common/slo/slo_book.h"

namespace freshet::query {

nlohmann::ordered_json SloJson(const slo::SloReport& report);
// Of the last 60 minutes, oldest first; the last one is under way.
void FillMinutes(const slo::SloBook& book, const SourceName& source, nlohmann::ordered_json& row);

}  // namespace freshet::query
