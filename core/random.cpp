#include "core/random.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

namespace steelsight {
namespace {

// The upper half of the counter tells numbers from child keys.
constexpr std::uint64_t kDraw = 0;
constexpr std::uint64_t kChild = 1;

std::array<std::uint32_t, 4> block_at(std::uint64_t key, std::uint64_t low, std::uint64_t high) {
  const auto lo = [](std::uint64_t v) { return static_cast<std::uint32_t>(v); };
  const auto hi = [](std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); };
  return philox4x32({lo(low), hi(low), lo(high), hi(high)}, {lo(key), hi(key)});
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> c,
                                        std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ key[0], static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return c;
}

Random Random::child(std::uint64_t tag) const {
  const auto words = block_at(key_, tag, kChild);
  return Random((std::uint64_t{words[1]} << 32) | words[0]);
}

std::uint32_t Random::next32() {
  if (used_ == words_.size()) {
    words_ = block_at(key_, block_++, kDraw);
    used_ = 0;
  }
  return words_[used_++];
}

std::uint64_t Random::next64() {
  const std::uint64_t low = next32();
  return (std::uint64_t{next32()} << 32) | low;
}

float Random::uniform() {
  return static_cast<float>(next32() >> 8) * 0x1p-24f;
}

std::uint64_t Random::below(std::uint64_t bound) {
  if (bound == 0) throw std::invalid_argument("Random::below: bound is 0, expected at least 1");
  const std::uint64_t rejected = (0 - bound) % bound;  // 2^64 mod bound
  for (;;) {
    const std::uint64_t value = next64();
    if (value >= rejected) return value % bound;
  }
}

float Random::normal() {
  const float radius = std::sqrt(-2.0f * std::log(1.0f - uniform()));  // 1 - u is never 0
  return radius * std::cos(2.0f * std::numbers::pi_v<float> * uniform());
}

}  // namespace steelsight
