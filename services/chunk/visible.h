// Text without the whitespace, control and format characters around it: what must be in a chunk.
#pragma once

#include <cstdint>
#include <string_view>

namespace freshet::chunk {

struct Range {
  uint32_t begin = 0;
  uint32_t end = 0;
  bool empty() const { return begin == end; }
  uint32_t size() const { return end - begin; }
};

// True for code points that show: not whitespace, not control, not format.
bool IsVisible(char32_t code_point);

// The range without invisible code points at either end; empty where all are.
Range Trim(std::string_view text, Range range);

}  // namespace freshet::chunk
