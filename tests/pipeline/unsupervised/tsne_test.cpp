#include "pipeline/unsupervised/tsne.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core.hpp>
#include <stdexcept>

#include "pipeline/unsupervised/affinities.hpp"

namespace steelsight::tsne_test {
namespace {

// Two groups far from each other, `each` rows of 5 columns.
cv::Mat two_groups(int each) {
  cv::Mat rows(2 * each, 5, CV_32F);
  cv::RNG(3).fill(rows, cv::RNG::NORMAL, 0, 1);
  rows.rowRange(each, 2 * each) += 20;
  return rows;
}

double distance(const MapPoint& a, const MapPoint& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

TEST(Affinities, HaveThePerplexityThatWasAskedFor) {
  const auto neighbours = nearest_neighbours(RowDistances(two_groups(30)), {.count = 59});
  for (const double perplexity : {2.0, 5.0, 20.0}) {
    double entropy = 0;
    for (const double p : conditional_affinities(neighbours[0], perplexity))
      if (p > 0) entropy -= p * std::log(p);
    EXPECT_NEAR(std::exp(entropy), perplexity, 1e-3);
  }
}

TEST(Affinities, AreSymmetricAndSumToOne) {
  const Affinities p =
      affinities(nearest_neighbours(RowDistances(two_groups(20)), {.count = 7}), 3);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < p.first.size(); ++i)
    for (std::size_t k = p.first[i]; k < p.first[i + 1]; ++k) {
      sum += p.value[k];
      const std::size_t j = p.other[k];
      const auto found =
          std::find(p.other.begin() + static_cast<std::ptrdiff_t>(p.first[j]),
                    p.other.begin() + static_cast<std::ptrdiff_t>(p.first[j + 1]), i);
      ASSERT_NE(found, p.other.begin() + static_cast<std::ptrdiff_t>(p.first[j + 1]));
      EXPECT_DOUBLE_EQ(p.value[static_cast<std::size_t>(found - p.other.begin())], p.value[k]);
    }
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(Tsne, KeepsGroupsApart) {
  for (const bool barnes_hut : {false, true})
    for (const bool start_random : {false, true}) {
      const Tsne map = tsne(two_groups(25), {.perplexity = 8,
                                             .barnes_hut = barnes_hut,
                                             .iterations = 500,
                                             .start_random = start_random});
      ASSERT_EQ(map.points.size(), 50u);
      // The nearest point of each is one of its own group.
      for (std::size_t i = 0; i < 50; ++i) {
        std::size_t nearest = i == 0 ? 1 : 0;
        for (std::size_t j = 0; j < 50; ++j)
          if (j != i &&
              distance(map.points[i], map.points[j]) < distance(map.points[i], map.points[nearest]))
            nearest = j;
        EXPECT_EQ(nearest / 25, i / 25);
      }
    }
}

TEST(Tsne, IsTheSameForTheSameSeedWithAnyThreads) {
  const auto map = [](std::uint64_t seed, std::size_t threads) {
    const Tsne found = tsne(two_groups(20), {.perplexity = 5,
                                             .iterations = 60,
                                             .start_random = true,
                                             .seed = seed,
                                             .threads = threads});
    return std::pair(found.points[3].x, found.kl_divergence);
  };
  EXPECT_EQ(map(1, 1), map(1, 3));
  EXPECT_NE(map(1, 1), map(2, 1));
}

TEST(Tsne, StandsRowsThatAreAllTheSame) {
  const Tsne map = tsne(cv::Mat::ones(12, 3, CV_32F), {.perplexity = 3, .iterations = 50});
  for (const MapPoint& point : map.points) EXPECT_TRUE(std::isfinite(point.x + point.y));
  EXPECT_TRUE(std::isfinite(map.kl_divergence));
}

// Over all pairs of the map, also with Barnes-Hut.
TEST(Tsne, ItsDivergenceIsThatOfTheDefinition) {
  const cv::Mat rows = two_groups(10);
  const Tsne map = tsne(rows, {.perplexity = 2, .iterations = 60, .threads = 2});
  const Affinities p = affinities(nearest_neighbours(RowDistances(rows), {.count = 7}), 2);
  const auto weight = [&](std::size_t i, std::size_t j) {
    return 1 / (1 + std::pow(distance(map.points[i], map.points[j]), 2));
  };
  double all = 0, divergence = 0;
  for (std::size_t i = 0; i < 20; ++i)
    for (std::size_t j = 0; j < 20; ++j)
      if (i != j) all += weight(i, j);
  for (std::size_t i = 0; i < 20; ++i)
    for (std::size_t k = p.first[i]; k < p.first[i + 1]; ++k)
      divergence += p.value[k] * std::log(p.value[k] / (weight(i, p.other[k]) / all));
  EXPECT_NEAR(map.kl_divergence, divergence, 1e-9);
}

// Before the first iteration, among them, and behind the last, where the divergence is computed.
TEST(Tsne, CanBeStoppedAtAnyTime) {
  struct Stop {};
  std::size_t calls = 0;
  const auto run = [&](std::size_t last_call) {
    calls = 0;
    tsne(two_groups(5), {.perplexity = 2, .iterations = 3, .progress = [&](std::size_t) {
                           if (++calls == last_call) throw Stop();
                         }});
  };
  run(0);
  const std::size_t all = calls;
  EXPECT_GE(all, 10u + 3u + 10u);  // neighbours of 10 rows, iterations, pairs of 10 points
  for (std::size_t call = 1; call <= all; ++call) EXPECT_THROW(run(call), Stop) << call;
}

TEST(Tsne, RefusesTooFewRowsAndPerplexitiesOutOfRange) {
  EXPECT_THROW(tsne(cv::Mat::ones(3, 2, CV_32F), {.perplexity = 1}), std::invalid_argument);
  EXPECT_THROW(tsne(two_groups(5), {.perplexity = 10}), std::invalid_argument);
  EXPECT_THROW(tsne(two_groups(5), {.perplexity = 0.5}), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::tsne_test
