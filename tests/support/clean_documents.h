// Clean documents for tests of what comes after de-identification, made the only way a process other than deid can:
// sealed by a test key and decoded.
//
//   CleanDocument clean = MakeClean(Outline("# Plan\n\nRest. Fluids.\n\n- aspirin 81 mg\n"));
//   CleanDocument again = MakeClean(fields, OriginOf("note-1", 7));
//
// A text that cannot be a clean document ends the test program. Any thread.
#pragma once

#include <string_view>

#include "schemas/clean.h"

namespace freshet::testing {

// The same key for all, made of nothing secret.
const KeyRing& TestKeys();

// Source "test", collection "notes", version 1:position.
Origin OriginOf(std::string_view document, uint64_t position = 1);

CleanDocument MakeClean(const CleanFields& fields, const Origin& origin = OriginOf("document"));

// Blocks from a few lines of markup, whose marks do not become text: "# " to "###### " headings, "- " list items (two
// blanks before it: a level deeper), "| " table rows, "    " code; other lines up to an empty one make a paragraph.
CleanFields Outline(std::string_view markup);

}  // namespace freshet::testing
