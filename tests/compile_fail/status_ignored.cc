// An error that nobody looks at does not compile.
// EXPECT: ignoring returned value of type 'freshet::Status', declared with attribute 'nodiscard'
#include "common/base/status.h"

freshet::Status Store();

void Use() {
#ifdef MISUSE
  Store();
#else
  (void)Store();
#endif
}
