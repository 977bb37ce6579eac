// What takes a clean document takes no upsert: what has not been de-identified cannot be handed on (DESIGN §4.1).
// EXPECT: invalid initialization of reference of type 'const freshet::CleanDocument&'
// EXPECT: from expression of type 'const freshet::Upsert'
#include "schemas/clean.h"

void Index(const freshet::CleanDocument& document);

void Use(const freshet::Upsert& upsert, const freshet::CleanDocument& clean) {
#ifdef MISUSE
  Index(upsert);
#else
  Index(clean);
#endif
}
