// What a site's configuration promises, as common/slo judges it.
//
//   slo::SloBook book(PromisesOf(config), std::move(history), &metrics, clock);
//
// `searchable` is about inserts and updates, `revoked` about deletes and access changes. Plain values.
#pragma once

#include <vector>

#include "common/slo/slo_book.h"
#include "services/freshet/site.h"

namespace freshet {

// A row for every source, in the order of the file; without SLOs where the file promises nothing.
std::vector<slo::SourcePromises> PromisesOf(const SiteConfig& site);

}  // namespace freshet
