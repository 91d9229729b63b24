#pragma once
// IEEE 754 half precision ("F16" in files): 11 significant bits, up to 65504, steps of 2^-24 near
// 0.
#include <cstdint>

namespace steelsight {

inline constexpr float kLargestHalf = 65504;

// Exact.
float from_half(std::uint16_t bits);

// The nearest half; of two equally near ones, the half with an even last bit. Infinity from 65520
// on. NaN stays NaN.
std::uint16_t to_half(float value);

}  // namespace steelsight
