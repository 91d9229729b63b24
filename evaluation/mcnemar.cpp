#include "evaluation/mcnemar.hpp"

#include <algorithm>
#include <cmath>

namespace steelsight {
namespace {

double exact_p_value(std::size_t smaller, std::size_t n) {
  double ways = 1, tail = 0;  // ways to choose i from n; tail: their sum up to `smaller`
  for (std::size_t i = 0; i <= smaller; ++i) {
    tail += ways;
    ways *= static_cast<double>(n - i) / static_cast<double>(i + 1);
  }
  return std::min(1.0, 2 * std::ldexp(tail, -static_cast<int>(n)));
}

}  // namespace

McNemarTest mcnemar_test(std::size_t only_a, std::size_t only_b) {
  McNemarTest test{.only_a = only_a, .only_b = only_b};
  const auto [smaller, larger] = std::minmax(only_a, only_b);
  test.is_exact = test.discordant() < kEnoughDiscordant;
  if (test.is_exact) {
    test.p_value = exact_p_value(smaller, test.discordant());
    return test;
  }
  const double distance = std::max(static_cast<double>(larger - smaller) - 1, 0.0);
  test.statistic = distance * distance / static_cast<double>(test.discordant());
  test.p_value = std::erfc(std::sqrt(*test.statistic / 2));
  return test;
}

}  // namespace steelsight
