#include "core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

namespace steelsight::random_test {
namespace {

// Known answers of Random123 1.14, file kat_vectors, philox4x32 10.
TEST(Philox, AgreesWithThePublishedVectors) {
  using Words = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, ChildrenDependOnTheTagAndNotOnTheDraws) {
  Random parent(7);
  const std::uint64_t before = parent.child(3).next64();
  parent.next32();
  EXPECT_EQ(parent.child(3).next64(), before);
  EXPECT_NE(parent.child(4).next64(), before);
  EXPECT_NE(Random(8).child(3).next64(), before);
}

TEST(Random, UniformStaysInRangeWithTheRightMean) {
  Random random(1);
  double sum = 0;
  for (int i = 0; i < 100000; ++i) {
    const float value = random.uniform(-2, 6);
    ASSERT_GE(value, -2);
    ASSERT_LT(value, 6);
    sum += value;
  }
  EXPECT_NEAR(sum / 100000, 2, 0.03);
}

TEST(Random, NormalHasUnitVariance) {
  Random random(2);
  double sum = 0, squares = 0;
  for (int i = 0; i < 100000; ++i) {
    const double value = random.normal();
    ASSERT_TRUE(std::isfinite(value));
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / 100000, 0, 0.015);
  EXPECT_NEAR(squares / 100000, 1, 0.02);
}

TEST(Random, BelowReachesEveryValueAndNothingElse) {
  Random random(3);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.below(7));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_THROW(random.below(0), std::invalid_argument);
}

TEST(Random, ShuffleIsASeededPermutation) {
  std::vector<int> first(50);
  std::iota(first.begin(), first.end(), 0);
  const std::vector<int> sorted = first;
  std::vector<int> second = first;
  Random(4).shuffle(first);
  Random(4).shuffle(second);
  EXPECT_EQ(first, second);
  EXPECT_NE(first, sorted);
  std::sort(first.begin(), first.end());
  EXPECT_EQ(first, sorted);
}

}  // namespace
}  // namespace steelsight::random_test
