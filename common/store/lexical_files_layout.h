// Numbers of the files that lexical_files.h describes. Internal to lexical_files*.cc.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace freshet::store::lexical_layout {

inline constexpr uint32_t kTermFormat = static_cast<uint32_t>(-4);
inline constexpr uint32_t kIndexInterval = 128;
inline constexpr uint32_t kNoSkipLists = INT32_MAX;  // only words in more entries than this would have one
inline constexpr uint32_t kSkipLevels = 10;
inline constexpr size_t kTermHeader = 24;
inline constexpr uint32_t kFieldsFormat = 2;
inline constexpr uint32_t kMinus1 = UINT32_MAX;
inline constexpr uint32_t kFieldNamesFormat = static_cast<uint32_t>(-2);
inline constexpr uint8_t kIndexed = 0x01;
inline constexpr uint8_t kOmitNorms = 0x10;
inline constexpr uint8_t kBinary = 0x02;
inline constexpr uint32_t kTextField = 0;
inline constexpr uint32_t kRowField = 1;
inline constexpr size_t kRowBytes = 12;
inline constexpr size_t kDeadHeader = 8;
inline constexpr size_t kStoredRowBytes = 4 + kRowBytes;
inline constexpr std::array<std::string_view, 7> kExtensions = {".tis", ".frq", ".fdt", ".fnm", ".fdx", ".tii", ".prx"};

}  // namespace freshet::store::lexical_layout
