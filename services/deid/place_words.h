// Words of places: what the judges of places and facilities read names of towns and hospitals with. Internal.
#pragma once

#include <string>
#include <string_view>

namespace freshet::deid {

std::string Lower(std::string_view text);

// A letter, a digit, or what stands within names: "St.", "O'Hare", "Wilkes-Barre".
bool IsPlaceByte(char c);

// The word that ends right before `at`, at most 30 bytes, and where it begins.
std::string_view WordEndingAt(std::string_view text, size_t at, size_t& begin);

// Begins with a capital, and is no word that names no place.
bool IsPlaceWord(std::string_view word);

// Up to three such words from `at` on: the end of the last.
size_t TakePlace(std::string_view text, size_t at);

}  // namespace freshet::deid
