#include "pipeline/unsupervised/clustering_scores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <opencv2/core.hpp>
#include <random>
#include <stdexcept>

namespace steelsight::clustering_scores_test {
namespace {

using Labels = std::vector<std::optional<std::size_t>>;
using Clusters = std::vector<std::size_t>;

TEST(Silhouettes, AreThoseOfTheDefinition) {
  const RowDistances distances((cv::Mat_<float>(4, 1) << 0, 1, 10, 30));
  const auto found = silhouettes(distances, Clusters{0, 0, 1, 2});
  EXPECT_NEAR(found[0], 1 - 1.0 / 10, 1e-9);
  EXPECT_NEAR(found[1], 1 - 1.0 / 9, 1e-9);
  EXPECT_EQ(found[2], 0);  // alone in its cluster
}

TEST(Silhouettes, AreNegativeInTheWrongCluster) {
  const RowDistances distances((cv::Mat_<float>(4, 1) << 0, 9, 10, 11));
  EXPECT_LT(silhouettes(distances, Clusters{0, 0, 1, 1})[1], 0);
}

TEST(Silhouettes, NeedTwoClustersAndOneARow) {
  const RowDistances distances(cv::Mat::ones(3, 1, CV_32F));
  EXPECT_THROW(silhouettes(distances, Clusters{0, 0, 0}), std::invalid_argument);
  EXPECT_THROW(silhouettes(distances, Clusters{0, 1}), std::invalid_argument);
}

TEST(Silhouettes, OfSeveralClusteringsAreThoseOfEach) {
  const RowDistances distances((cv::Mat_<float>(5, 1) << 0, 1, 10, 30, 31));
  const Clusters a{0, 0, 1, 2, 2}, b{1, 1, 1, 0, 0};
  std::size_t rows = 0;
  const auto both =
      silhouettes_of_each(distances, {a, b}, {.progress = [&](std::size_t done) { rows = done; }});
  EXPECT_EQ(both, (std::vector{silhouettes(distances, a), silhouettes(distances, b)}));
  EXPECT_EQ(rows, 5u);
}

TEST(Contingency, CountsRowsThatHaveAClass) {
  const Contingency table = contingency(Clusters{0, 1, 1, 1}, Labels{0, 1, std::nullopt, 0});
  EXPECT_EQ(table, (Contingency{{1, 0}, {1, 1}}));
  EXPECT_THROW(contingency(Clusters{0}, Labels{}), std::invalid_argument);
}

TEST(Scores, OfClustersThatAreClasses) {
  const Contingency table{{0, 5}, {3, 0}};
  EXPECT_EQ(purity(table), 1);
  EXPECT_EQ(adjusted_rand_index(table), 1);
  const BestMatch match = best_match(table);
  EXPECT_EQ(match.accuracy, 1);
  EXPECT_EQ(match.class_of, (std::vector<std::optional<std::size_t>>{1, 0}));
}

TEST(Scores, OfOneClusterAndOneClass) {
  EXPECT_EQ(adjusted_rand_index({{7}}), 1);
}

// Both clusters are mostly class 0, but only one of them may be it.
TEST(Scores, AMatchGivesAClassToOneClusterAlone) {
  const Contingency table{{9, 0}, {8, 3}};
  EXPECT_DOUBLE_EQ(purity(table), 17.0 / 20);
  EXPECT_DOUBLE_EQ(best_match(table).accuracy, 12.0 / 20);
}

TEST(Scores, AClusterTooManyComesOutEmpty) {
  const BestMatch match = best_match({{5}, {2}});
  EXPECT_EQ(match.class_of, (std::vector<std::optional<std::size_t>>{0, std::nullopt}));
}

TEST(Scores, TheBestMatchIsTheBestOfAll) {
  std::mt19937 random(5);
  for (int round = 0; round < 50; ++round) {
    constexpr std::size_t kSize = 5;
    Contingency table(kSize, std::vector<std::size_t>(kSize));
    std::size_t total = 0;
    for (auto& row : table)
      for (std::size_t& count : row) total += count = random() % 20;
    std::vector<std::size_t> order(kSize);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::size_t best = 0;
    do {
      std::size_t right = 0;
      for (std::size_t c = 0; c < kSize; ++c) right += table[c][order[c]];
      best = std::max(best, right);
    } while (std::ranges::next_permutation(order).found);
    EXPECT_DOUBLE_EQ(best_match(table).accuracy,
                     static_cast<double>(best) / static_cast<double>(total));
  }
}

TEST(Scores, NeedARowWithAClass) {
  EXPECT_THROW(purity({{0, 0}}), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::clustering_scores_test
