// For tests: what is removed from a text under a policy, printed.
//
//   EXPECT_EQ(FindingsOf("Dr. Quill, MRN 4711"), "NAME:Quill MRN:4711");
#pragma once

#include <string>
#include <string_view>

#include "services/deid/cleaner.h"
#include "services/deid/roster.h"

namespace freshet::deid {

// One for the whole test program: making it is slow.
Cleaner& TestCleaner();

// "TYPE:value" of each finding that safe_harbor removes, in order, with one blank between.
std::string FindingsOf(std::string_view text);
std::string FindingsOf(std::string_view text, const CleanJob& job);

// The cleaned text; "quarantined: ..." where verification refuses. One block holds all of it.
std::string CleanedText(std::string_view text, const CleanJob& job);
std::string CleanedText(std::string_view text);

// {given} and {family} of one patient "p1" of source "ehr", and more where the caller adds it.
IdentityChange Person(std::string_view given, std::string_view family);

}  // namespace freshet::deid
