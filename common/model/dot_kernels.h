// The kernels behind dot.h, one table a set of instructions; apart so that tests can compare each with the portable
// one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace freshet::model {

struct Int8Rows {
  const int8_t* first;
  size_t stride;
  size_t count;
  const int8_t* row(size_t i) const { return first + i * stride; }
};

struct DotKernels {
  const char* name;
  int32_t (*int8)(const int8_t* a, const int8_t* b, size_t size);
  // out[r] = dot product of `query` and row r.
  void (*int8_rows)(const int8_t* query, size_t size, Int8Rows rows, int32_t* out);
  float (*floats)(const float* a, const float* b, size_t size);
  float (*half)(const float* query, const uint16_t* half, size_t size);
};

// What this processor runs, the widest first; the portable one is always the last.
std::vector<const DotKernels*> RunnableKernels();

}  // namespace freshet::model
