#include "common/model/dot_kernels.h"

#include <immintrin.h>

#include "common/model/half.h"

// GCC 12's own headers read undefined vectors on purpose and are then warned about (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#define FRESHET_AVX2 __attribute__((target("avx2,fma,f16c")))
#define FRESHET_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma,f16c")))

namespace freshet::model {
namespace {

int32_t Int8Portable(const int8_t* a, const int8_t* b, size_t size) {
  int32_t sum = 0;
  for (size_t i = 0; i < size; ++i) sum += int32_t{a[i]} * b[i];
  return sum;
}

void RowsPortable(const int8_t* query, size_t size, Int8Rows rows, int32_t* out) {
  for (size_t i = 0; i < rows.count; ++i) out[i] = Int8Portable(query, rows.row(i), size);
}

float FloatsPortable(const float* a, const float* b, size_t size) {
  float sums[4] = {};
  size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    for (size_t k = 0; k < 4; ++k) sums[k] += a[i + k] * b[i + k];
  }
  for (; i < size; ++i) sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

float HalfPortable(const float* query, const uint16_t* half, size_t size) {
  float sum = 0;
  for (size_t i = 0; i < size; ++i) sum += query[i] * FloatFromHalf(half[i]);
  return sum;
}

FRESHET_AVX2 int32_t SumOf(__m256i sums) {
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1));
  return _mm_cvtsi128_si32(four);
}

FRESHET_AVX2 float SumOf(__m256 sums) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1));
  four = _mm_add_ps(four, _mm_movehl_ps(four, four));
  four = _mm_add_ss(four, _mm_movehdup_ps(four));
  return _mm_cvtss_f32(four);
}

FRESHET_AVX2 __m256i Widen(const int8_t* codes) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(codes)));
}

FRESHET_AVX2 int32_t Int8Avx2(const int8_t* a, const int8_t* b, size_t size) {
  __m256i even = _mm256_setzero_si256(), odd = _mm256_setzero_si256();
  size_t i = 0;
  for (; i + 32 <= size; i += 32) {
    even = _mm256_add_epi32(even, _mm256_madd_epi16(Widen(a + i), Widen(b + i)));
    odd = _mm256_add_epi32(odd, _mm256_madd_epi16(Widen(a + i + 16), Widen(b + i + 16)));
  }
  return SumOf(_mm256_add_epi32(even, odd)) + Int8Portable(a + i, b + i, size - i);
}

// Four rows share each piece of the query, and four sums hide how long an addition takes.
FRESHET_AVX2 void FourRowsAvx2(const int8_t* query, size_t size, const Int8Rows& rows, int32_t* out) {
  __m256i sums[4] = {};
  size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    const __m256i left = Widen(query + i);
    for (size_t row = 0; row < 4; ++row) {
      sums[row] = _mm256_add_epi32(sums[row], _mm256_madd_epi16(left, Widen(rows.row(row) + i)));
    }
  }
  for (size_t row = 0; row < 4; ++row) {
    out[row] = SumOf(sums[row]) + Int8Portable(query + i, rows.row(row) + i, size - i);
  }
}

FRESHET_AVX2 void RowsAvx2(const int8_t* query, size_t size, Int8Rows rows, int32_t* out) {
  size_t row = 0;
  for (; row + 4 <= rows.count; row += 4) FourRowsAvx2(query, size, {rows.row(row), rows.stride, 4}, out + row);
  for (; row < rows.count; ++row) out[row] = Int8Avx2(query, rows.row(row), size);
}

FRESHET_AVX2 float FloatsAvx2(const float* a, const float* b, size_t size) {
  __m256 even = _mm256_setzero_ps(), odd = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    even = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), even);
    odd = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), odd);
  }
  return SumOf(_mm256_add_ps(even, odd)) + FloatsPortable(a + i, b + i, size - i);
}

FRESHET_AVX2 __m256 LoadHalf(const uint16_t* half) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(half)));
}

FRESHET_AVX2 float HalfAvx2(const float* query, const uint16_t* half, size_t size) {
  __m256 even = _mm256_setzero_ps(), odd = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    even = _mm256_fmadd_ps(_mm256_loadu_ps(query + i), LoadHalf(half + i), even);
    odd = _mm256_fmadd_ps(_mm256_loadu_ps(query + i + 8), LoadHalf(half + i + 8), odd);
  }
  return SumOf(_mm256_add_ps(even, odd)) + HalfPortable(query + i, half + i, size - i);
}

// Wraps where _mm512_reduce_add_epi32 would be undefined: sums of rows are right again once what was added is taken
// off.
FRESHET_AVX512 int32_t SumAvx512(__m512i values) {
  const __m256i eight = _mm256_add_epi32(_mm512_castsi512_si256(values), _mm512_extracti64x4_epi64(values, 1));
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1)));
}

// VNNI multiplies unsigned by signed: a + 128 is unsigned, and 128 times the sum of b is taken off again.
FRESHET_AVX512 int32_t Int8Avx512(const int8_t* a, const int8_t* b, size_t size) {
  const __m512i offset = _mm512_set1_epi8(static_cast<char>(0x80));
  __m512i products = _mm512_setzero_si512(), excess = _mm512_setzero_si512();
  for (size_t i = 0; i < size; i += 64) {
    const __mmask64 mask = size - i >= 64 ? ~__mmask64{0} : (__mmask64{1} << (size - i)) - 1;
    const __m512i left = _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, a + i), offset);
    const __m512i right = _mm512_maskz_loadu_epi8(mask, b + i);
    products = _mm512_dpbusd_epi32(products, left, right);
    excess = _mm512_dpbusd_epi32(excess, offset, right);
  }
  return SumAvx512(_mm512_sub_epi32(products, excess));
}

FRESHET_AVX512 void FourRowsAvx512(const int8_t* query, size_t size, const Int8Rows& rows, int32_t* out) {
  const __m512i offset = _mm512_set1_epi8(static_cast<char>(0x80));
  __m512i sums[4] = {};
  for (size_t i = 0; i < size; i += 64) {
    const __mmask64 mask = size - i >= 64 ? ~__mmask64{0} : (__mmask64{1} << (size - i)) - 1;
    const __m512i right = _mm512_maskz_loadu_epi8(mask, query + i);
    for (size_t row = 0; row < 4; ++row) {
      const __m512i codes = _mm512_maskz_loadu_epi8(mask, rows.row(row) + i);
      sums[row] = _mm512_dpbusd_epi32(sums[row], _mm512_xor_si512(codes, offset), right);
    }
  }
  for (size_t row = 0; row < 4; ++row) out[row] = SumAvx512(sums[row]);
}

// As Int8Avx512, with the rows as the unsigned side: so what is taken off is 128 times the sum of the query, for all
// rows the same.
FRESHET_AVX512 void RowsAvx512(const int8_t* query, size_t size, Int8Rows rows, int32_t* out) {
  uint32_t sum = 0;  // wraps as the products do
  for (size_t i = 0; i < size; ++i) sum += static_cast<uint32_t>(query[i]);
  size_t row = 0;
  for (; row + 4 <= rows.count; row += 4) {
    FourRowsAvx512(query, size, {rows.row(row), rows.stride, 4}, out + row);
    for (size_t i = row; i < row + 4; ++i) out[i] = static_cast<int32_t>(static_cast<uint32_t>(out[i]) - 128 * sum);
  }
  for (; row < rows.count; ++row) out[row] = Int8Avx512(query, rows.row(row), size);
}

FRESHET_AVX512 float FloatsAvx512(const float* a, const float* b, size_t size) {
  __m512 sums = _mm512_setzero_ps();
  for (size_t i = 0; i < size; i += 16) {
    const __mmask16 mask = size - i >= 16 ? __mmask16(0xFFFF) : __mmask16((1u << (size - i)) - 1);
    sums = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, a + i), _mm512_maskz_loadu_ps(mask, b + i), sums);
  }
  return _mm512_reduce_add_ps(sums);
}

FRESHET_AVX512 float HalfAvx512(const float* query, const uint16_t* half, size_t size) {
  __m512 sums = _mm512_setzero_ps();
  for (size_t i = 0; i < size; i += 16) {
    const __mmask16 mask = size - i >= 16 ? __mmask16(0xFFFF) : __mmask16((1u << (size - i)) - 1);
    const __m512 right = _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, half + i));
    sums = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, query + i), right, sums);
  }
  return _mm512_reduce_add_ps(sums);
}

constexpr DotKernels kPortable = {"portable", Int8Portable, RowsPortable, FloatsPortable, HalfPortable};
constexpr DotKernels kAvx2 = {"avx2", Int8Avx2, RowsAvx2, FloatsAvx2, HalfAvx2};
constexpr DotKernels kAvx512 = {"avx512vnni", Int8Avx512, RowsAvx512, FloatsAvx512, HalfAvx512};

}  // namespace

std::vector<const DotKernels*> RunnableKernels() {
  std::vector<const DotKernels*> kernels;
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  if (avx2 && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vnni")) {
    kernels.push_back(&kAvx512);
  }
  if (avx2) kernels.push_back(&kAvx2);
  kernels.push_back(&kPortable);
  return kernels;
}

}  // namespace freshet::model
