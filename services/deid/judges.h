// Judges: what each pattern's match must also satisfy, reading a bounded distance around it (patterns.h). Internal.
//
// Every judge refuses a match that is part of a longer word or number unless its own comment says otherwise.
#pragma once

#include <initializer_list>

#include "services/deid/patterns.h"

namespace freshet::deid {

// No letter or digit touches the match.
bool IsBounded(const Match& match);
// One of the words (lower case) stands, as a whole word, in the `window` bytes before `at`.
bool HasWordBefore(std::string_view text, uint32_t at, uint32_t window, std::initializer_list<std::string_view> words);
// The word right before `at`, in lower case, or empty.
std::string WordBefore(std::string_view text, uint32_t at);
// The byte before or after, 0 at the text's ends.
char CharBefore(const Match& match);
char CharAfter(const Match& match);

bool JudgeBounded(const Match& match, Finding& finding);

// judges_phone.cc
bool IsPartOfNumber(const Match& match);  // a longer number, a decimal or an amount goes on beside the match
bool JudgePhone(const Match& match, Finding& finding);           // separated digits; near "fax", a fax number
bool JudgePhoneInContext(const Match& match, Finding& finding);  // shapes that need "call", "tel" before them
bool JudgeForeignPhone(const Match& match, Finding& finding);    // 7 to 15 digits (ITU-T E.164)
bool JudgeSpacedPhone(const Match& match, Finding& finding);     // groups of digits, by what stands around them

// judges_contact.cc
bool JudgeEmail(const Match& match, Finding& finding);         // match is "@"
bool JudgeSpelledEmail(const Match& match, Finding& finding);  // match is " [at] "
bool JudgeUrl(const Match& match, Finding& finding);           // match is its begin
bool JudgeDomain(const Match& match, Finding& finding);        // match is ".org"
bool JudgeIp4(const Match& match, Finding& finding);
bool JudgeIp6(const Match& match, Finding& finding);  // match is two groups of it

// judges_number.cc
bool JudgeSsn(const Match& match, Finding& finding);
bool JudgeKeyedSsn(const Match& match, Finding& finding);    // match is the key: also the last four alone
bool JudgeKeyed(const Match& match, Finding& finding);       // match is the key; the finding is what it announces
bool JudgeKeyedPlate(const Match& match, Finding& finding);  // the same, letters and digits apart
bool JudgeLongNumber(const Match& match, Finding& finding);  // 9 digits and more: card by Luhn, else some number
bool JudgeCardGroups(const Match& match, Finding& finding);  // in groups, by Luhn (ISO/IEC 7812-1)
bool JudgeIban(const Match& match, Finding& finding);        // mod 97 (ISO 13616)
bool JudgeVin(const Match& match, Finding& finding);         // check digit (ISO 3779, 49 CFR 565), or announced
bool JudgeDea(const Match& match, Finding& finding);         // check digit

// judges_place.cc
bool JudgeStreet(const Match& match, Finding& finding);     // match is "Street": number and name before it
bool JudgeKeyedZip(const Match& match, Finding& finding);   // match is the key; a code of any country after it
bool JudgeCorner(const Match& match, Finding& finding);     // match is "the corner of ": two streets
bool JudgeStateZip(const Match& match, Finding& finding);   // "IL 62704": the number alone
bool JudgeCityState(const Match& match, Finding& finding);  // match is ", IL": the town before it
bool JudgeLivesIn(const Match& match, Finding& finding);    // match is "lives in ": the town after it

// judges_facility.cc
bool JudgeFacility(const Match& match, Finding& finding);  // match is "Hospital": the name before it
bool JudgeSeenAt(const Match& match, Finding& finding);    // match is "seen at ": what is named after it
bool JudgeSeenIn(const Match& match, Finding& finding);    // match is "seen in ": the town, where a day follows

// judges_time.cc
bool JudgeNumericDate(const Match& match, Finding& finding);
bool JudgeMonth(const Match& match, Finding& finding);       // match is a month's name
bool JudgeGluedMonth(const Match& match, Finding& finding);  // "5Mar2020"
bool JudgeDayAndMonth(const Match& match, Finding& finding);
bool JudgeMonthAndYear(const Match& match, Finding& finding);
bool JudgeWeekday(const Match& match, Finding& finding);
bool JudgeAge(const Match& match, Finding& finding);  // over 89; the number alone
bool JudgeSpelledAge(const Match& match, Finding& finding);

}  // namespace freshet::deid
