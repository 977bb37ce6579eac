#include "services/deid/checks.h"

#include <algorithm>

#include "services/deid/text.h"

namespace freshet::deid {

bool PassesLuhn(std::string_view digits) {
  int sum = 0;
  bool any = false;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (!IsDigit(digits[i])) return false;
    int digit = digits[digits.size() - 1 - i] - '0';
    any |= digit != 0;
    if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return any && sum % 10 == 0;
}

bool PassesMod97(std::string_view iban) {
  if (iban.size() < 15 || iban.size() > 34) return false;
  int rest = 0;
  for (size_t i = 0; i < iban.size(); ++i) {
    const char c = ToLower(iban[(i + 4) % iban.size()]);
    if (IsDigit(c)) {
      rest = (rest * 10 + (c - '0')) % 97;
    } else if (IsLower(c)) {
      rest = (rest * 100 + (c - 'a' + 10)) % 97;
    } else {
      return false;
    }
  }
  return rest == 1;
}

bool PassesVinCheck(std::string_view vin) {
  // Values of A to Z; 0 where the letter is not used.
  static constexpr int kValues[26] = {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9};
  static constexpr int kWeights[17] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  if (vin.size() != 17) return false;
  int sum = 0;
  for (size_t i = 0; i < 17; ++i) {
    const char c = vin[i];
    if (IsDigit(c)) {
      sum += (c - '0') * kWeights[i];
    } else if (IsUpper(c) && kValues[c - 'A'] != 0) {
      sum += kValues[c - 'A'] * kWeights[i];
    } else {
      return false;
    }
  }
  return vin[8] == (sum % 11 == 10 ? 'X' : static_cast<char>('0' + sum % 11));
}

bool PassesDeaCheck(std::string_view dea) {
  if (dea.size() != 9 || !IsUpper(dea[0]) || !(IsUpper(dea[1]) || dea[1] == '9')) return false;
  int sum = 0;
  for (size_t i = 2; i < 9; ++i) {
    if (!IsDigit(dea[i])) return false;
    if (i < 8) sum += (dea[i] - '0') * (i % 2 == 0 ? 1 : 2);
  }
  return sum % 10 == dea[8] - '0';
}

bool IsCardPrefix(std::string_view digits) {
  if (digits.size() < 12 || digits.size() > 19) return false;
  const int two = (digits[0] - '0') * 10 + (digits[1] - '0');
  const int four = two * 100 + (digits[2] - '0') * 10 + (digits[3] - '0');
  const size_t size = digits.size();
  if (digits[0] == '4') return size == 13 || size == 16 || size == 19;
  if (two >= 51 && two <= 55) return size == 16;
  if (four >= 2221 && four <= 2720) return size == 16;
  if (two == 34 || two == 37) return size == 15;
  if (two == 30 || two == 36 || two == 38 || two == 39) return size == 14 || size == 16;
  if (two == 35) return size == 16;
  if (two == 50 || (two >= 56 && two <= 69)) return true;  // Maestro, Discover, UnionPay
  return four == 1800 || four == 2131;
}

std::string BareOf(std::string_view text) {
  std::string bare;
  std::copy_if(text.begin(), text.end(), std::back_inserter(bare), IsWord);
  return bare;
}

}  // namespace freshet::deid
