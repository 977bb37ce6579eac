// IEEE 754 binary16, the form of vectors on the wire and in stores.
//
//   std::vector<uint16_t> stored(v.size());  model::FloatsToHalves(v, stored);
//   model::HalvesToFloats(stored, v);
//
// Rounds to nearest, ties to even; too large becomes infinity, too small subnormal or zero, NaN stays NaN (quiet, upper
// payload bits kept). The processor's own conversion (F16C) where it has one, else software with equal results.
// Any thread.
#pragma once

#include <cstdint>
#include <span>

namespace freshet::model {

uint16_t HalfFromFloat(float value);
float FloatFromHalf(uint16_t half);

// `out` is as long as the input.
void FloatsToHalves(std::span<const float> floats, std::span<uint16_t> out);
void HalvesToFloats(std::span<const uint16_t> halves, std::span<float> out);

}  // namespace freshet::model
