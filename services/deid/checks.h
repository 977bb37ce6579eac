// Checksums of the numbers that carry one. Input is the bare number: letters and digits without separators.
//
//   PassesLuhn("4111111111111111")   PassesMod97("GB29NWBK60161331926819")
#pragma once

#include <string>
#include <string_view>

namespace freshet::deid {

// ISO/IEC 7812-1, annex B. Digits only; false for an empty number or zeros alone.
bool PassesLuhn(std::string_view digits);
// ISO 13616 / ISO 7064 MOD 97-10: an IBAN, letters in any case.
bool PassesMod97(std::string_view iban);
// 49 CFR 565.15, position 9 of 17, upper case.
bool PassesVinCheck(std::string_view vin);
// Two letters (the second: the surname's first, or '9') and seven digits.
bool PassesDeaCheck(std::string_view dea);
// The first digits are those of a card scheme that issues this length.
bool IsCardPrefix(std::string_view digits);

// The letters and digits of a text alone.
std::string BareOf(std::string_view text);

}  // namespace freshet::deid
