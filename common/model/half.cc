#include "common/model/half.h"

#include <immintrin.h>

#include <bit>
#include <cassert>

namespace freshet::model {
namespace {

using ToHalves = void (*)(std::span<const float>, std::span<uint16_t>);
using ToFloats = void (*)(std::span<const uint16_t>, std::span<float>);

// Drops `shift` bits of `mantissa`, rounding to nearest, ties to even.
uint32_t RoundAway(uint32_t mantissa, uint32_t shift) {
  const uint32_t kept = mantissa >> shift;
  const uint32_t dropped = mantissa & ((1u << shift) - 1);
  const uint32_t half = 1u << (shift - 1);
  return kept + (dropped > half || (dropped == half && (kept & 1)));
}

void HalvesBySoftware(std::span<const float> floats, std::span<uint16_t> out) {
  for (size_t i = 0; i < floats.size(); ++i) out[i] = HalfFromFloat(floats[i]);
}

void FloatsBySoftware(std::span<const uint16_t> halves, std::span<float> out) {
  for (size_t i = 0; i < halves.size(); ++i) out[i] = FloatFromHalf(halves[i]);
}

__attribute__((target("avx,f16c"))) void HalvesByF16c(std::span<const float> floats, std::span<uint16_t> out) {
  size_t i = 0;
  for (; i + 8 <= floats.size(); i += 8) {
    const __m128i halves = _mm256_cvtps_ph(_mm256_loadu_ps(&floats[i]), _MM_FROUND_TO_NEAREST_INT);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(&out[i]), halves);
  }
  HalvesBySoftware(floats.subspan(i), out.subspan(i));
}

__attribute__((target("avx,f16c"))) void FloatsByF16c(std::span<const uint16_t> halves, std::span<float> out) {
  size_t i = 0;
  for (; i + 8 <= halves.size(); i += 8) {
    const __m128i packed = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&halves[i]));
    _mm256_storeu_ps(&out[i], _mm256_cvtph_ps(packed));
  }
  FloatsBySoftware(halves.subspan(i), out.subspan(i));
}

bool HasF16c() { return __builtin_cpu_supports("avx") && __builtin_cpu_supports("f16c"); }

}  // namespace

uint16_t HalfFromFloat(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = bits >> 16 & 0x8000;
  const uint32_t magnitude = bits & 0x7FFFFFFF;
  uint32_t half = 0;
  if (magnitude > 0x7F800000) {
    half = 0x7E00 | (magnitude >> 13 & 0x3FF);  // NaN, made quiet
  } else if (magnitude >= 0x47800000) {
    half = 0x7C00;  // 65536 and more
  } else if (magnitude >= 0x38800000) {
    half = RoundAway(magnitude - 0x38000000, 13);  // normal; may round up into the next exponent or infinity
  } else if (magnitude > 0x33000000) {
    const uint32_t exponent = magnitude >> 23;  // subnormal: more than 2^-25, so at most 24 bits go
    half = RoundAway((magnitude & 0x7FFFFF) | 0x800000, 126 - exponent);
  }
  return static_cast<uint16_t>(sign | half);
}

float FloatFromHalf(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  const uint32_t exponent = half >> 10 & 0x1F;
  const uint32_t mantissa = half & 0x3FF;
  if (exponent == 0) {
    const float value = static_cast<float>(mantissa) * 0x1p-24f;
    return sign != 0 ? -value : value;
  }
  if (exponent == 0x1F) {
    const uint32_t quiet = mantissa != 0 ? 0x400000 : 0;
    return std::bit_cast<float>(sign | 0x7F800000 | quiet | mantissa << 13);
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

void FloatsToHalves(std::span<const float> floats, std::span<uint16_t> out) {
  static const ToHalves convert = HasF16c() ? HalvesByF16c : HalvesBySoftware;
  assert(floats.size() == out.size());
  convert(floats, out);
}

void HalvesToFloats(std::span<const uint16_t> halves, std::span<float> out) {
  static const ToFloats convert = HasF16c() ? FloatsByF16c : FloatsBySoftware;
  assert(halves.size() == out.size());
  convert(halves, out);
}

}  // namespace freshet::model
