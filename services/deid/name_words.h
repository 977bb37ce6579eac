// Words and shapes that tell what the statistical model took for a name but is none. Internal to name_model.cc.
//
//   IsMedicalTerm("keratoconjunctivitis"), IsReportHead("panel"), IsUnit("ml")         // true
//   IsAuthority("national library of medicine")                                         // true
//   EndOfPostalCode("in Arendal 4844 today", 10)                                        // 15
//
// All words in lower case. Plain functions: any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace freshet::deid {

bool IsAnyDepartment(std::string_view lower);
bool IsUnit(std::string_view lower);
bool IsMedicalTerm(std::string_view lower);
bool IsReportHead(std::string_view lower);
bool IsAuthority(std::string_view lower);

// "4844", "84024", "840 24", "3610-114" right behind a town: where it ends, else `at`. No year, and no count of things.
uint32_t EndOfPostalCode(std::string_view text, uint32_t at);

}  // namespace freshet::deid
