// Nor does it take a text, however it came to be (DESIGN §4.1).
// EXPECT: invalid initialization of reference of type 'const freshet::CleanDocument&'
// EXPECT: from expression of type 'const string'
#include "schemas/clean.h"

void Index(const freshet::CleanDocument& document);

void Use(const std::string& text, const freshet::CleanDocument& clean) {
#ifdef MISUSE
  Index(text);
#else
  Index(clean);
#endif
}
