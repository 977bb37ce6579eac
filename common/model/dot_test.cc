#include "common/model/dot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>
#include <string>

#include "common/model/dot_kernels.h"
#include "common/model/half.h"

namespace freshet::model {
namespace {

std::vector<int8_t> RandomCodes(size_t size, std::mt19937& random) {
  std::vector<int8_t> codes(size);
  for (int8_t& code : codes) code = static_cast<int8_t>(random());
  return codes;
}

std::vector<float> RandomFloats(size_t size, std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> floats(size);
  for (float& value : floats) value = normal(random);
  return floats;
}

int64_t Defined(std::span<const int8_t> a, std::span<const int8_t> b) {
  int64_t sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += int64_t{a[i]} * b[i];
  return sum;
}

TEST(DotKernelsTest, ThePortableOneIsTheLastAndNamesAreUnique) {
  const auto kernels = RunnableKernels();
  ASSERT_FALSE(kernels.empty());
  EXPECT_STREQ(kernels.back()->name, "portable");
  std::set<std::string> names;
  for (const DotKernels* kernel : kernels) EXPECT_TRUE(names.insert(kernel->name).second);
  EXPECT_STREQ(DotKernelName(), kernels.front()->name);
}

TEST(DotKernelsTest, EveryInt8KernelIsExactAtEverySizeAndAlignment) {
  std::mt19937 random(7);
  for (const DotKernels* kernel : RunnableKernels()) {
    for (size_t size = 0; size <= 200; ++size) {
      const auto a = RandomCodes(size + 3, random), b = RandomCodes(size + 3, random);
      for (size_t shift = 0; shift < 3; ++shift) {
        ASSERT_EQ(kernel->int8(a.data() + shift, b.data() + shift, size),
                  Defined(std::span(a).subspan(shift, size), std::span(b).subspan(shift, size)))
            << kernel->name << " size " << size;
      }
    }
  }
}

TEST(DotKernelsTest, Int8ExtremesDoNotSaturate) {
  for (const DotKernels* kernel : RunnableKernels()) {
    for (const int8_t left : {-128, -127, 127}) {
      for (const int8_t right : {-128, -127, 127}) {
        const std::vector<int8_t> a(131072, left), b(131072, right);
        if (left == -128 && right == -128) continue;  // 2^31: one more than 32 bits hold
        EXPECT_EQ(kernel->int8(a.data(), b.data(), a.size()), 131072 * left * right) << kernel->name;
      }
    }
  }
}

TEST(DotKernelsTest, FloatKernelsAgreeWithDoublePrecision) {
  std::mt19937 random(8);
  for (const DotKernels* kernel : RunnableKernels()) {
    for (const size_t size : {0, 1, 7, 15, 16, 17, 31, 33, 384, 1000}) {
      const auto a = RandomFloats(size, random), b = RandomFloats(size, random);
      std::vector<uint16_t> half(size);
      FloatsToHalves(b, half);
      double floats = 0, halves = 0, magnitude = 1;
      for (size_t i = 0; i < size; ++i) {
        floats += double{a[i]} * b[i];
        halves += double{a[i]} * FloatFromHalf(half[i]);
        magnitude += std::fabs(double{a[i]} * b[i]);
      }
      EXPECT_NEAR(kernel->floats(a.data(), b.data(), size), floats, 1e-5 * magnitude) << kernel->name << " " << size;
      EXPECT_NEAR(kernel->half(a.data(), half.data(), size), halves, 1e-5 * magnitude) << kernel->name << " " << size;
    }
  }
}

TEST(DotTest, RowsAreTheDotProductsOfEachRow) {
  std::mt19937 random(9);
  for (const DotKernels* kernel : RunnableKernels()) {
    for (const size_t size : {1, 15, 16, 63, 64, 100, 384, 1000}) {
      for (size_t count = 0; count < 10; ++count) {
        const size_t stride = size + count % 3;
        const auto query = RandomCodes(size, random), rows = RandomCodes(stride * count, random);
        std::vector<int32_t> out(count + 1, 77);
        kernel->int8_rows(query.data(), size, {rows.data(), stride, count}, out.data());
        for (size_t row = 0; row < count; ++row) {
          ASSERT_EQ(out[row], Defined(query, std::span(rows).subspan(row * stride, size)))
              << kernel->name << ", size " << size << ", row " << row << " of " << count;
        }
        EXPECT_EQ(out[count], 77) << "written past the end";
      }
    }
  }
}

TEST(DotTest, RowsOfExtremesDoNotSaturate) {
  constexpr size_t kSize = 131072;
  for (const DotKernels* kernel : RunnableKernels()) {
    for (const int8_t left : {-128, 127}) {
      const std::vector<int8_t> query(kSize, left), rows(4 * kSize, 127);
      std::vector<int32_t> out(4);
      kernel->int8_rows(query.data(), kSize, {rows.data(), kSize, 4}, out.data());
      for (const int32_t dot : out) EXPECT_EQ(dot, static_cast<int32_t>(kSize) * left * 127) << kernel->name;
    }
  }
}

TEST(QuantizeTest, CodesTimesScaleAreWithinHalfAStep) {
  std::mt19937 random(10);
  for (const size_t size : {1, 3, 384}) {
    const auto vector = RandomFloats(size, random);
    std::vector<int8_t> codes(size);
    const float scale = Quantize(vector, codes);
    int largest = 0;
    for (size_t i = 0; i < size; ++i) {
      EXPECT_NEAR(codes[i] * scale, vector[i], scale * 0.501f);
      largest = std::max(largest, std::abs(int{codes[i]}));
    }
    EXPECT_EQ(largest, 127);
  }
}

TEST(QuantizeTest, ZeroAndNearlyZeroVectorsAreZero) {
  for (const float value : {0.0f, -0.0f, 1e-40f, -1e-39f}) {
    const std::vector<float> vector(9, value);
    std::vector<int8_t> codes(9, 5);
    EXPECT_EQ(Quantize(vector, codes), 0.0f);
    EXPECT_EQ(codes, std::vector<int8_t>(9, 0));
  }
}

TEST(QuantizeTest, CosineOfUnitVectorsSurvives) {
  std::mt19937 random(11);
  for (int round = 0; round < 100; ++round) {
    auto a = RandomFloats(384, random), b = RandomFloats(384, random);
    for (size_t i = 0; i < 384; ++i) b[i] = a[i] * 0.7f + b[i] * 0.5f;
    const float lengths = std::sqrt(DotFloat(a.data(), a.data(), 384) * DotFloat(b.data(), b.data(), 384));
    std::vector<int8_t> x(384), y(384);
    const float scale = Quantize(a, x) * Quantize(b, y);
    EXPECT_NEAR(DotInt8(x.data(), y.data(), 384) * scale / lengths, DotFloat(a.data(), b.data(), 384) / lengths, 0.01f);
  }
}

}  // namespace
}  // namespace freshet::model
