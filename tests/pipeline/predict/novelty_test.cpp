#include "pipeline/predict/novelty.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/random.hpp"
#include "tests/evaluation/calibration_reference.hpp"

namespace steelsight::novelty_test {
namespace {

using testing::ElementsAre;

FeatureMemory memory_of(const std::vector<std::vector<float>>& rows) {
  FeatureMemory memory{.layers = {"pool"},
                       .dimension = static_cast<std::int64_t>(rows.at(0).size())};
  for (const std::vector<float>& row : rows) memory.add(row, 0);
  return memory;
}

TEST(Novelty, AgreesWithScikitLearn) {
  for (const Json& item : calibration_reference("novelties")) {
    const auto values = item.at("new").get<std::vector<float>>();
    const auto known = item.at("known").get<std::vector<float>>();
    const std::size_t d = item.at("dimension");
    std::vector<std::vector<float>> rows;
    for (auto at = known.begin(); at != known.end(); at += static_cast<std::ptrdiff_t>(d))
      rows.emplace_back(at, at + static_cast<std::ptrdiff_t>(d));
    const Novelty novelty(memory_of(rows));
    for (std::size_t i = 0; i < item.at("distances").size(); ++i)
      EXPECT_NEAR(novelty.distance(std::span(values).subspan(i * d, d)),
                  item.at("distances")[i].get<double>(), 1e-6);
  }
}

// Standardised: (1, 1), (1, -1), (-1, 1), (-1, -1); the nearest other one is at a right angle.
TEST(Novelty, OfTheMemorysOwnVectorsIsToTheOthers) {
  const std::vector<float> distances =
      distances_within(memory_of({{3, 20}, {3, 10}, {1, 20}, {1, 10}}));
  EXPECT_THAT(distances, testing::Each(testing::FloatNear(1, 1e-6f)));
  EXPECT_EQ(distances.size(), 4u);
  EXPECT_THAT(distances_within(memory_of({{1, 2}})), testing::IsEmpty());
}

TEST(Novelty, OfHandMadeVectors) {
  // Standardised: (1, 1), (1, -1), (-1, 1), (-1, -1).
  const Novelty novelty(memory_of({{3, 20}, {3, 10}, {1, 20}, {1, 10}}));
  const auto distance = [&](float x, float y) {
    return novelty.distance(std::vector<float>{x, y});
  };
  EXPECT_NEAR(distance(3, 20), 0, 1e-6);
  EXPECT_NEAR(distance(12, 65), 0, 1e-6);  // the same direction
  EXPECT_NEAR(distance(2, 20), 1 - std::sqrt(0.5), 1e-6);
  EXPECT_EQ(distance(2, 15), 1);  // the middle has no direction
  EXPECT_THROW(novelty.distance(std::vector<float>{1}), std::invalid_argument);
  EXPECT_THROW(Novelty(FeatureMemory{}), std::invalid_argument);
}

TEST(Novelty, OneVectorAlone) {
  const Novelty novelty(memory_of({{3, 20}}));
  EXPECT_EQ(novelty.distance(std::vector<float>{3, 20}), 1);  // nothing to compare by
  EXPECT_EQ(novelty.distance(std::vector<float>{4, 20}), 1);
}

TEST(NoveltyThreshold, IsTheConservativeQuantile) {
  for (const Json& item : calibration_reference("quantiles")) {
    std::vector<float> distances;
    for (int i = 1; i <= item.at("n"); ++i) distances.push_back(static_cast<float>(i));
    const auto got = novelty_threshold(distances, item.at("rate"));
    const Json& place = item.at("place");
    ASSERT_EQ(got.has_value(), !place.is_null()) << item;
    if (got) {
      EXPECT_EQ(*got, place.get<float>()) << item;
    }
  }
  EXPECT_THROW(novelty_threshold({}, 1), std::invalid_argument);
  EXPECT_THROW(novelty_threshold({}, -0.1), std::invalid_argument);
}

// Of images drawn as the known ones, no more than promised are beyond the threshold on average.
TEST(NoveltyThreshold, KeepsItsPromiseOnAverage) {
  Random random(3);
  double beyond = 0;
  constexpr int kTrials = 4000;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<float> distances(30);
    for (float& distance : distances) distance = random.uniform();
    std::ranges::sort(distances);
    beyond += 1 - static_cast<double>(*novelty_threshold(distances, 0.1));
  }
  // 3 / 31 expected; the mean of so many has a standard error of 0.0008.
  EXPECT_NEAR(beyond / kTrials, 3.0 / 31, 0.004);
}

TEST(SelectPerClass, TakesSomeOfEachClass) {
  std::vector<int> labels;
  for (int i = 0; i < 60; ++i) labels.push_back(i % 3);
  labels.push_back(3);
  const auto selected = select_per_class(labels, 5, 1);
  std::vector<int> counts(4);
  for (const std::size_t i : selected) ++counts[static_cast<std::size_t>(labels[i])];
  EXPECT_THAT(counts, ElementsAre(5, 5, 5, 1));
  EXPECT_TRUE(std::ranges::is_sorted(selected));
  EXPECT_EQ(std::set(selected.begin(), selected.end()).size(), selected.size());
  EXPECT_EQ(select_per_class(labels, 5, 1), selected);
  EXPECT_NE(select_per_class(labels, 5, 2), selected);
  EXPECT_EQ(select_per_class(labels, 100, 1).size(), labels.size());
  EXPECT_TRUE(select_per_class({}, 5, 1).empty());
}

}  // namespace
}  // namespace steelsight::novelty_test
