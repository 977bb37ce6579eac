// A CleanDocument is made only by de-identification and by DecodeSealed (DESIGN §4.1).
// EXPECT: 'freshet::CleanDocument::CleanDocument(freshet::CleanFields)' is private within this context
#include "schemas/clean.h"

freshet::CleanFields Fields();

freshet::Result<freshet::CleanDocument> Make(const freshet::SealedClean& sealed, const freshet::Origin& origin,
                                             const freshet::KeyRing& keys) {
#ifdef MISUSE
  return freshet::CleanDocument(Fields());
#else
  return freshet::DecodeSealed(sealed, origin, keys);
#endif
}
