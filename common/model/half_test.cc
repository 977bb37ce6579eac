#include "common/model/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace freshet::model {
namespace {

// By the definition of binary16: sign, 2^(e-15) * (1 + m/1024); e = 0: 2^-14 * m/1024.
double Defined(uint16_t half) {
  const int exponent = half >> 10 & 31, mantissa = half & 1023;
  const double magnitude = exponent == 0    ? std::ldexp(mantissa, -24)
                           : exponent == 31 ? (mantissa ? std::nan("") : INFINITY)
                                            : std::ldexp(1024 + mantissa, exponent - 25);
  return half & 0x8000 ? -magnitude : magnitude;
}

std::vector<uint16_t> AllHalves() {
  std::vector<uint16_t> halves(65536);
  for (size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<uint16_t>(i);
  return halves;
}

TEST(HalfTest, EveryHalfIsTheFloatOfTheDefinition) {
  for (const uint16_t half : AllHalves()) {
    const float value = FloatFromHalf(half);
    if (std::isnan(Defined(half))) {
      EXPECT_TRUE(std::isnan(value)) << half;
    } else {
      EXPECT_EQ(value, Defined(half)) << half;
      EXPECT_EQ(std::signbit(value), (half & 0x8000) != 0) << half;
    }
  }
}

TEST(HalfTest, ProcessorAndSoftwareAgreeOnAll65536Halves) {
  const std::vector<uint16_t> halves = AllHalves();
  std::vector<float> floats(halves.size());
  HalvesToFloats(halves, floats);
  for (size_t i = 0; i < halves.size(); ++i) {
    EXPECT_EQ(std::bit_cast<uint32_t>(floats[i]), std::bit_cast<uint32_t>(FloatFromHalf(halves[i]))) << i;
  }
}

TEST(HalfTest, EveryHalfSurvivesTheRoundTrip) {
  const std::vector<uint16_t> halves = AllHalves();
  std::vector<float> floats(halves.size());
  std::vector<uint16_t> back(halves.size());
  HalvesToFloats(halves, floats);
  FloatsToHalves(floats, back);
  for (size_t i = 0; i < halves.size(); ++i) {
    const bool is_nan = (i & 0x7C00) == 0x7C00 && (i & 0x3FF) != 0;
    EXPECT_EQ(back[i], is_nan ? (i | 0x200) : i) << i;  // a NaN comes back quiet
    EXPECT_EQ(back[i], HalfFromFloat(floats[i])) << i;
  }
}

// Around every half: the half itself, the middle to the next, and the floats on either side of the middle.
TEST(HalfTest, RoundsToNearestTiesToEven) {
  std::vector<float> floats;
  for (uint32_t half = 0; half < 0x7BFF; ++half) {
    const float low = FloatFromHalf(static_cast<uint16_t>(half));
    const float middle = (low + FloatFromHalf(static_cast<uint16_t>(half + 1))) / 2;  // exact in a float
    for (const float f : {std::nextafter(middle, 0.0f), middle, std::nextafter(middle, 1e9f)}) floats.push_back(f);
  }
  std::vector<uint16_t> bulk(floats.size());
  FloatsToHalves(floats, bulk);
  for (size_t i = 0; i < floats.size(); ++i) {
    const uint32_t half = static_cast<uint32_t>(i / 3);
    const uint32_t expected = i % 3 == 0 ? half : i % 3 == 2 ? half + 1 : half + (half & 1);
    ASSERT_EQ(HalfFromFloat(floats[i]), expected) << floats[i];
    ASSERT_EQ(bulk[i], expected) << floats[i];
    ASSERT_EQ(HalfFromFloat(-floats[i]), expected | 0x8000) << floats[i];
  }
}

TEST(HalfTest, TooLargeIsInfinityTooSmallIsZero) {
  EXPECT_EQ(HalfFromFloat(65504.0f), 0x7BFF);
  EXPECT_EQ(HalfFromFloat(65519.99f), 0x7BFF);
  EXPECT_EQ(HalfFromFloat(65520.0f), 0x7C00);
  EXPECT_EQ(HalfFromFloat(std::numeric_limits<float>::max()), 0x7C00);
  EXPECT_EQ(HalfFromFloat(-std::numeric_limits<float>::infinity()), 0xFC00);
  EXPECT_EQ(HalfFromFloat(0x1p-25f), 0);
  EXPECT_EQ(HalfFromFloat(std::nextafter(0x1p-25f, 1.0f)), 1);
  EXPECT_EQ(HalfFromFloat(-0.0f), 0x8000);
}

TEST(HalfTest, BulkEqualsOneByOneOnRandomBitsAndEveryLength) {
  std::mt19937 random(1);
  for (size_t size = 0; size < 40; ++size) {
    for (int round = 0; round < 50; ++round) {
      std::vector<float> floats(size);
      for (float& value : floats) value = std::bit_cast<float>(static_cast<uint32_t>(random()));
      std::vector<uint16_t> halves(size);
      FloatsToHalves(floats, halves);
      for (size_t i = 0; i < size; ++i) ASSERT_EQ(halves[i], HalfFromFloat(floats[i])) << floats[i];
    }
  }
}

}  // namespace
}  // namespace freshet::model
