// A document's id is no collection's name: mixed-up arguments do not compile.
// EXPECT: no match for 'operator='
// EXPECT: 'freshet::CollectionName' and 'const freshet::DocumentId'
#include "common/base/ids.h"

void Use(const freshet::DocumentId& document, const freshet::CollectionName& collection) {
  freshet::CollectionName name;
#ifdef MISUSE
  name = document;
#else
  name = collection;
#endif
}
