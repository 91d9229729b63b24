#include "evaluation/mcnemar.hpp"

#include <gtest/gtest.h>

namespace steelsight::mcnemar_tests {
namespace {

struct Expected {
  std::size_t only_a, only_b;
  std::optional<double> statistic;
  double p_value;
};

// SciPy's, printed by scripts/reference/export_comparison.py mcnemar.
const Expected kExpected[] = {
    {0, 0, std::nullopt, 1.0},
    {0, 1, std::nullopt, 1.0},
    {1, 1, std::nullopt, 1.0},
    {0, 5, std::nullopt, 0.0625},
    {0, 6, std::nullopt, 0.03125},
    {3, 9, std::nullopt, 0.14599609375},
    {9, 3, std::nullopt, 0.14599609375},
    {12, 12, std::nullopt, 1.0},
    {7, 17, std::nullopt, 0.06391465663909912},
    {0, 24, std::nullopt, 1.1920928955078125e-07},
    {12, 13, 0.0, 1.0},
    {8, 17, 2.56, 0.10959858339911568},
    {25, 0, 23.04, 1.5866563039511885e-06},
    {30, 50, 4.5125, 0.03364802587476163},
    {100, 100, 0.0, 1.0},
    {40, 161, 71.64179104477611, 2.5803333737838343e-17},
    {400, 500, 10.89, 0.0009668482847675553},
};

TEST(McNemar, AgreesWithSciPy) {
  for (const Expected& expected : kExpected) {
    SCOPED_TRACE(std::to_string(expected.only_a) + ", " + std::to_string(expected.only_b));
    const McNemarTest test = mcnemar_test(expected.only_a, expected.only_b);
    EXPECT_EQ(test.discordant(), expected.only_a + expected.only_b);
    EXPECT_EQ(test.is_exact, !expected.statistic);
    ASSERT_EQ(test.statistic.has_value(), expected.statistic.has_value());
    if (test.statistic) {
      EXPECT_NEAR(*test.statistic, *expected.statistic, 1e-12 * *expected.statistic);
    }
    EXPECT_NEAR(test.p_value, expected.p_value, 1e-12 * expected.p_value);
  }
}

}  // namespace
}  // namespace steelsight::mcnemar_tests
