// A text becomes an id only where somebody says which.
// EXPECT: no match for 'operator='
// EXPECT: 'freshet::DocumentId' and 'const string'
#include "common/base/ids.h"

void Use(const std::string& text) {
  freshet::DocumentId document;
#ifdef MISUSE
  document = text;
#else
  document = freshet::DocumentId(text);
#endif
}
