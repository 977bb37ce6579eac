// What de-identification looks for: the closed table of identifier kinds (HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i),
// letters A to R), and one finding of such a kind in a text.
//
//   Finding f{.begin = 9, .end = 19, .type = IdentifierType::kName, .score = 0.95f, .detector = "name/title"};
//   LabelOf(f.type)   // "NAME": what placeholders, explanations and evaluations say
//
// Plain values: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace freshet::deid {

// X(enumerator, label, Safe Harbor letter, meaning)
#define FRESHET_IDENTIFIERS(X)                                                            \
  X(kName, "NAME", 'A', "A person's name.")                                               \
  X(kStaffName, "NAME", 'A', "The name of someone who works there: signer, provider.")    \
  X(kAddress, "ADDRESS", 'B', "A street address, post box or part of a building.")        \
  X(kCity, "CITY", 'B', "A place smaller than a state.")                                  \
  X(kFacility, "FACILITY", 'B', "A hospital, clinic or other place of care by its name.") \
  X(kZip, "ZIP", 'B', "A postal code.")                                                   \
  X(kDate, "DATE", 'C', "A date more exact than a year.")                                 \
  X(kAge, "AGE", 'C', "An age over 89.")                                                  \
  X(kPhone, "PHONE", 'D', "A telephone number.")                                          \
  X(kFax, "FAX", 'E', "A fax number.")                                                    \
  X(kEmail, "EMAIL", 'F', "An e-mail address.")                                           \
  X(kSsn, "SSN", 'G', "A social security number.")                                        \
  X(kMrn, "MRN", 'H', "A medical record, encounter or specimen number.")                  \
  X(kHealthPlan, "HEALTH_PLAN", 'I', "A health plan beneficiary number.")                 \
  X(kAccount, "ACCOUNT", 'J', "An account number, IBAN or payment card.")                 \
  X(kLicense, "LICENSE", 'K', "A certificate or licence number: DEA, NPI, driver's.")     \
  X(kVehicle, "VEHICLE", 'L', "A vehicle identifier or number plate.")                    \
  X(kDevice, "DEVICE", 'M', "A device identifier or serial number.")                      \
  X(kUrl, "URL", 'N', "A web address.")                                                   \
  X(kIp, "IP", 'O', "An internet address.")                                               \
  X(kBiometric, "BIOMETRIC", 'P', "A biometric identifier.")                              \
  X(kOther, "ID", 'R', "Any other unique identifying number, code or file name.")

enum class IdentifierType : uint8_t {
#define FRESHET_IDENTIFIER_ENUMERATOR(enumerator, label, letter, meaning) enumerator,
  FRESHET_IDENTIFIERS(FRESHET_IDENTIFIER_ENUMERATOR)
#undef FRESHET_IDENTIFIER_ENUMERATOR
};

struct IdentifierRow {
  IdentifierType type;
  std::string_view label;
  char safe_harbor;
  std::string_view meaning;
};

#define FRESHET_IDENTIFIER_ONE(enumerator, label, letter, meaning) +1
inline constexpr size_t kIdentifierTypes = 0 FRESHET_IDENTIFIERS(FRESHET_IDENTIFIER_ONE);
#undef FRESHET_IDENTIFIER_ONE

std::span<const IdentifierRow> AllIdentifiers();
std::string_view LabelOf(IdentifierType type);

// Bytes [begin, end) of a text, which text its giver says: detectors speak of folded text, resolved findings of source
// text (text.h).
struct Finding {
  uint32_t begin = 0;
  uint32_t end = 0;
  IdentifierType type = IdentifierType::kOther;
  float score = 0;            // 0 to 1: how sure the detector is
  std::string_view detector;  // of static storage: "pattern/phone-us"

  bool operator==(const Finding&) const = default;
};

}  // namespace freshet::deid
