// Dot products of vectors in the forms that indexes keep, by the widest instructions that the processor has, chosen
// once at run time: AVX-512 VNNI, AVX2, or portable code. All choices give equal integers; floats may differ in the
// last bits.
//
//   std::vector<int8_t> codes(v.size());
//   float scale = model::Quantize(v, codes);                 // v[i] ~ codes[i] * scale
//   float score = DotInt8(a.data(), b.data(), n) * a_scale * b_scale;
//
// Sizes are free; multiples of 64 are the fastest. No alignment is asked for. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace freshet::model {

// Exact in 32 bits for up to 131,072 dimensions (every product is at most 128 * 128).
int32_t DotInt8(const int8_t* a, const int8_t* b, size_t size);

// out[r] = dot product of `query` and row r, whose `query.size()` codes begin `stride` bytes behind those of the row
// before. All rows in one pass: an exact scan runs at the speed of memory.
void DotInt8Rows(std::span<const int8_t> query, const int8_t* rows, size_t stride, std::span<int32_t> out);

float DotFloat(const float* a, const float* b, size_t size);

// Of a float query and a stored binary16 vector: what exact rescoring uses.
float DotHalf(const float* query, const uint16_t* half, size_t size);

// Codes from -127 to 127 by the largest magnitude; returns the scale, 0 for a zero vector. `codes` is as long as
// `vector`.
float Quantize(std::span<const float> vector, std::span<int8_t> codes);

// Which kernels run here: "avx512vnni", "avx2" or "portable".
const char* DotKernelName();

}  // namespace freshet::model
