// Nor does a result that nobody looks at.
// EXPECT: ignoring returned value of type 'freshet::Result<int>', declared with attribute 'nodiscard'
#include "common/base/status.h"

freshet::Result<int> Count();

void Use() {
#ifdef MISUSE
  Count();
#else
  (void)Count();
#endif
}
