// Publishes, as deletes in the urgent lane, the documents that the sink found to be gone by itself: those that a
// snapshot did not mention. Whoever keeps anything else of a document follows its deletes, and so hears of every way in
// which one goes; the sink takes them in again as what it knows. Internal to runtime.
//
//   Status told = TellGone(context, store);     // now and then, on the sink's thread; codes as the log's and the
//   store's
//
// A document leaves the store's list once its delete is durable in the log: told at least once.
#pragma once

#include "services/runtime/hops.h"

namespace freshet {

// Some of those that wait: the next call goes on.
Status TellGone(const HopContext& context, store::IndexStore& store);

}  // namespace freshet
