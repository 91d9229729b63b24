#include "datasets/stratify.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/random.hpp"

namespace steelsight::stratify_test {
namespace {

using testing::ElementsAre;

TEST(DisjointSets, JoinsTransitively) {
  DisjointSets sets(6);
  sets.join(4, 2);
  sets.join(5, 4);
  sets.join(0, 1);
  EXPECT_EQ(sets.find(5), 2u);
  EXPECT_EQ(sets.find(2), 2u);
  EXPECT_EQ(sets.find(1), 0u);
  EXPECT_EQ(sets.find(3), 3u);
  sets.join(1, 5);
  for (const std::size_t i : {0u, 1u, 2u, 4u, 5u}) EXPECT_EQ(sets.find(i), 0u);
}

TEST(Apportion, HandComputed) {
  EXPECT_THAT(apportion(250, {0.6, 0.2, 0.2}), ElementsAre(150, 50, 50));
  EXPECT_THAT(apportion(7, {0.6, 0.2, 0.2}), ElementsAre(4, 2, 1));  // 4.2, 1.4, 1.4
  EXPECT_THAT(apportion(3, {0.6, 0.2, 0.2}), ElementsAre(1, 1, 1));  // 2, 1, 0 gives one away
  EXPECT_THAT(apportion(2, {0.6, 0.2, 0.2}), ElementsAre(1, 1, 0));  // none to spare
  EXPECT_THAT(apportion(0, {0.6, 0.2, 0.2}), ElementsAre(0, 0, 0));
  EXPECT_THAT(apportion(5, {0.8, 0.2, 0}), ElementsAre(4, 1, 0));
  EXPECT_THAT(apportion(11, {1, 1, 1}), ElementsAre(4, 4, 3));
  EXPECT_THAT(apportion(100, {0.71, 0.29}), ElementsAre(71, 29));
}

TEST(Apportion, AlwaysWithinOneOfTheExactShare) {
  Random random(3);
  for (int round = 0; round < 2000; ++round) {
    std::vector<double> shares(2 + random.below(4));
    for (double& share : shares) share = 0.1 + static_cast<double>(random.uniform());
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    const std::size_t count = 60 + random.below(500);
    const auto result = apportion(count, shares);
    ASSERT_EQ(std::accumulate(result.begin(), result.end(), std::size_t{0}), count);
    for (std::size_t bin = 0; bin < shares.size(); ++bin)
      ASSERT_LT(std::abs(static_cast<double>(result[bin]) -
                         static_cast<double>(count) * shares[bin] / sum),
                1);
  }
}

// Units with the given sizes, of one class each, cycling through `classes`.
std::vector<Unit> units_of_sizes(const std::vector<std::size_t>& sizes, std::size_t classes) {
  std::vector<Unit> units;
  Random random(11);
  std::size_t next = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    Unit unit{.samples = std::vector<std::size_t>(sizes[i]),
              .class_count = std::vector<std::size_t>(classes, 0),
              .key = random.next64()};
    std::iota(unit.samples.begin(), unit.samples.end(), next);
    next += sizes[i];
    unit.class_count[i % classes] = sizes[i];
    units.push_back(unit);
  }
  return units;
}

std::vector<std::size_t> samples_in_bins(const std::vector<Unit>& units,
                                         const std::vector<std::size_t>& bins, std::size_t c) {
  std::vector<std::size_t> counts(1 + *std::max_element(bins.begin(), bins.end()), 0);
  for (std::size_t i = 0; i < units.size(); ++i) counts[bins[i]] += units[i].class_count[c];
  return counts;
}

TEST(Stratify, SingleSamplesMeetTheApportionmentExactly) {
  const auto units = units_of_sizes(std::vector<std::size_t>(100, 1), 3);  // 34, 33, 33
  const auto bins = stratify(units, {0.6, 0.2, 0.2});
  for (std::size_t c = 0; c < 3; ++c)
    EXPECT_EQ(samples_in_bins(units, bins, c), apportion(c == 0 ? 34 : 33, {0.6, 0.2, 0.2}));
}

TEST(Stratify, SmallUnitsFillUpWhatLargeOnesLeave) {
  std::vector<std::size_t> sizes(60, 1);
  sizes.insert(sizes.end(), {10, 10, 7, 7, 3, 3});  // per class: 30 + 20 of 50
  const auto units = units_of_sizes(sizes, 2);
  const auto bins = stratify(units, {0.6, 0.2, 0.2});
  for (std::size_t c = 0; c < 2; ++c)
    EXPECT_THAT(samples_in_bins(units, bins, c), ElementsAre(30, 10, 10));
}

TEST(Stratify, ABinWithoutAShareStaysEmptyEvenIfUnitsAreTooLarge) {
  const auto units = units_of_sizes({9, 1, 9, 1, 9}, 1);
  for (const std::size_t bin : stratify(units, {0.5, 0, 0.5})) EXPECT_NE(bin, 1u);
}

TEST(Stratify, DoesNotDependOnTheOrderOfUnits) {
  auto units = units_of_sizes({1, 2, 1, 1, 3, 1, 1, 1, 2, 1, 1, 1}, 2);
  const auto bins = stratify(units, {0.5, 0.5});
  auto reversed = units;
  std::reverse(reversed.begin(), reversed.end());
  auto again = stratify(reversed, {0.5, 0.5});
  std::reverse(again.begin(), again.end());
  EXPECT_EQ(bins, again);
}

TEST(Stratify, UnitsOfSeveralClassesGoWhereTheirClassesAreMissing) {
  std::vector<Unit> units;
  for (std::size_t i = 0; i < 20; ++i)  // pairs of one sample of each class
    units.push_back({.samples = {2 * i, 2 * i + 1}, .class_count = {1, 1}, .key = i * 7919 % 20});
  const auto bins = stratify(units, {0.5, 0.25, 0.25});
  for (std::size_t c = 0; c < 2; ++c)
    EXPECT_THAT(samples_in_bins(units, bins, c), ElementsAre(10, 5, 5));
}

TEST(Stratify, NoUnitsNoBins) {
  EXPECT_TRUE(stratify({}, {1, 1}).empty());
}

}  // namespace
}  // namespace steelsight::stratify_test
