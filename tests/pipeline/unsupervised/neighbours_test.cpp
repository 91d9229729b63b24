#include "pipeline/unsupervised/neighbours.hpp"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <stdexcept>

#include "pipeline/explore/exploration.hpp"

namespace steelsight::neighbours_test {
namespace {

using Labels = std::vector<std::optional<std::size_t>>;

cv::Mat points() {
  return (cv::Mat_<float>(4, 2) << 0, 0, 3, 4, 0, 1, 0, -1);
}

TEST(RowDistances, AreSquaredAndEuclidean) {
  const RowDistances distances(points());
  std::vector<double> squared(4);
  distances.from(0, squared);
  EXPECT_EQ(squared, (std::vector<double>{0, 25, 1, 1}));
  EXPECT_THROW(RowDistances(cv::Mat::ones(2, 2, CV_64F)), std::invalid_argument);
}

TEST(Neighbours, AreTheNearestOnesInOrder) {
  for (const std::size_t threads : {1u, 3u}) {
    const auto found = nearest_neighbours(RowDistances(points()), {.count = 2, .threads = threads});
    ASSERT_EQ(found[0].size(), 2u);
    EXPECT_EQ(found[0][0].row, 2u);  // of equal ones the first
    EXPECT_EQ(found[0][1].row, 3u);
    EXPECT_EQ(found[1][0].row, 2u);
    EXPECT_EQ(found[1][0].squared_distance, 18);
  }
}

TEST(Neighbours, AreNotMoreThanThereAre) {
  EXPECT_EQ(nearest_neighbours(RowDistances(points()), {.count = 9})[0].size(), 3u);
}

TEST(Suspects, AreOutvotedByOneOtherLabel) {
  const cv::Mat rows = (cv::Mat_<float>(8, 1) << 0, 1, 2, 3, 100, 101, 102, 103);
  const auto neighbours = nearest_neighbours(RowDistances(rows), {.count = 3});
  const auto suspects = find_suspects(neighbours, Labels{0, 0, 1, 0, 1, 1, 1, 1});
  ASSERT_EQ(suspects.size(), 1u);
  EXPECT_EQ(suspects[0].row, 2u);
  EXPECT_EQ(suspects[0].suggested, 0u);
  EXPECT_EQ(suspects[0].suggesting, 3u);
  EXPECT_EQ(suspects[0].agreeing, 0u);
}

TEST(Suspects, AskOnlyNeighboursThatHaveALabel) {
  const cv::Mat rows = (cv::Mat_<float>(4, 1) << 0, 1, 2, 3);
  const auto neighbours = nearest_neighbours(RowDistances(rows), {.count = 3});
  EXPECT_TRUE(
      find_suspects(neighbours, Labels{0, std::nullopt, std::nullopt, std::nullopt}).empty());
  const auto suspects = find_suspects(neighbours, Labels{0, 1, std::nullopt, std::nullopt});
  ASSERT_EQ(suspects.size(), 2u);  // each has the other alone
  EXPECT_EQ(suspects[0].neighbours, 1u);
}

}  // namespace
}  // namespace steelsight::neighbours_test
