// Folding of one text: see text.h for what it does. Internal to Text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace freshet::deid {

// Appends the folded form of valid UTF-8 and, for each byte of it and for the end, its place in the source.
void Fold(std::string_view source, std::string& folded, std::vector<uint32_t>& places);

}  // namespace freshet::deid
