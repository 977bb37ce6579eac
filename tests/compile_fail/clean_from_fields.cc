// Fields that nobody sealed are no clean document, not even when a stage is asked to forward them (DESIGN §4.1).
// EXPECT: could not convert '{fields}'
// EXPECT: to 'freshet::Forward<freshet::CleanDocument>'
#include "common/stage/stage.h"
#include "schemas/clean.h"

freshet::Forward<freshet::CleanDocument> Use(const freshet::CleanFields& fields, const freshet::CleanDocument& clean) {
#ifdef MISUSE
  return {fields};
#else
  return {clean};
#endif
}
