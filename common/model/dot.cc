#include "common/model/dot.h"

#include <cmath>

#include "common/model/dot_kernels.h"

namespace freshet::model {

const DotKernels& KernelsHere() {
  static const DotKernels& kernels = *RunnableKernels().front();
  return kernels;
}

int32_t DotInt8(const int8_t* a, const int8_t* b, size_t size) { return KernelsHere().int8(a, b, size); }

void DotInt8Rows(std::span<const int8_t> query, const int8_t* rows, size_t stride, std::span<int32_t> out) {
  KernelsHere().int8_rows(query.data(), query.size(), {rows, stride, out.size()}, out.data());
}

float DotFloat(const float* a, const float* b, size_t size) { return KernelsHere().floats(a, b, size); }

float DotHalf(const float* query, const uint16_t* half, size_t size) { return KernelsHere().half(query, half, size); }

float Quantize(std::span<const float> vector, std::span<int8_t> codes) {
  float largest = 0;
  for (const float value : vector) largest = std::max(largest, std::fabs(value));
  // Below 2^-120 the inverse would overflow: such a vector is zero to any use of it.
  if (!(largest > 0x1p-120f)) {
    std::fill(codes.begin(), codes.end(), static_cast<int8_t>(0));
    return 0;
  }
  const float inverse = 127.0f / largest;
  for (size_t i = 0; i < vector.size(); ++i) codes[i] = static_cast<int8_t>(std::lrintf(vector[i] * inverse));
  return largest / 127.0f;
}

const char* DotKernelName() { return KernelsHere().name; }

}  // namespace freshet::model
