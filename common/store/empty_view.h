// EmptyView: the view of an index that does not exist yet: no collection, nothing found.
//
//   std::shared_ptr<const View> view = NewEmptyView();
//
// Any thread.
#pragma once

#include <memory>

#include "common/store/view.h"

namespace freshet::store {

std::shared_ptr<const View> NewEmptyView();

}  // namespace freshet::store
