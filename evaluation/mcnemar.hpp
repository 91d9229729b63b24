#pragma once
// Whether two classifiers differ in how many of the same images they get right.
#include <cstddef>
#include <optional>

namespace steelsight {

// McNemar 1947, Psychometrika 12, 153. Only images that exactly one of the two gets right (the
// discordant ones) tell the two apart.
struct McNemarTest {
  std::size_t only_a = 0, only_b = 0;  // images that A alone, and B alone, gets right
  bool is_exact = true;               // otherwise chi-squared, which needs enough discordant images
  std::optional<double> statistic{};  // chi-squared, one degree of freedom
  double p_value = 1;                 // two-sided; 1 without discordant images

  std::size_t discordant() const { return only_a + only_b; }
};

// With fewer discordant images than this, the exact binomial test is taken.
inline constexpr std::size_t kEnoughDiscordant = 25;

// Exact: twice the smaller tail of the binomial distribution with p = 1/2, at most 1. Else
// chi-squared with Edwards' continuity correction, (|only_a - only_b| - 1)^2 / discordant.
McNemarTest mcnemar_test(std::size_t only_a, std::size_t only_b);

}  // namespace steelsight
