#include "models/half.hpp"

#include <bit>
#include <cmath>

namespace steelsight {

float from_half(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000u) << 16, mantissa = bits & 0x3FFu;
  const std::uint32_t exponent = (bits >> 10) & 0x1Fu;
  if (exponent == 0) {  // zero or subnormal
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t rebiased = exponent == 0x1F ? 0xFF : exponent + 127 - 15;
  return std::bit_cast<float>(sign | (rebiased << 23) | (mantissa << 13));
}

std::uint16_t to_half(float value) {
  constexpr std::uint32_t kInfinity = 0x7C00, kNaN = 0x7E00;
  const std::uint32_t sign = (std::bit_cast<std::uint32_t>(value) >> 16) & 0x8000u;
  const float magnitude = std::fabs(value);
  const auto with_sign = [&](std::uint32_t bits) {
    return static_cast<std::uint16_t>(sign | bits);
  };
  if (std::isnan(value)) return with_sign(kNaN);
  if (magnitude >= 65520) return with_sign(kInfinity);
  // Below the smallest normal half, 2^-14, its steps are 2^-24: counting them, rounded to even, is
  // the encoding.
  if (magnitude < 0x1p-14f)
    return with_sign(static_cast<std::uint32_t>(std::nearbyint(magnitude * 0x1p24f)));
  // 13 bits of the mantissa are dropped; a carry goes on into the exponent, as it should.
  std::uint32_t bits = std::bit_cast<std::uint32_t>(magnitude) - ((127u - 15u) << 23);
  bits += 0xFFFu + ((bits >> 13) & 1u);
  return with_sign(bits >> 13);
}

}  // namespace steelsight
