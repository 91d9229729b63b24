#include "evaluation/ranking.hpp"

#include <gtest/gtest.h>

namespace steelsight::ranking_test {
namespace {

TEST(Rank, CountsWhatEachThresholdAccepts) {
  const std::vector<RankPoint> points =
      rank({{0.2, false}, {0.9, true}, {0.5, true}, {0.5, false}, {0.2, false}});
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[0].threshold, 0.9);
  EXPECT_EQ(points[0].positives, 1u);
  EXPECT_EQ(points[0].negatives, 0u);
  EXPECT_EQ(points[1].threshold, 0.5);
  EXPECT_EQ(points[1].positives, 2u);
  EXPECT_EQ(points[1].negatives, 1u);
  EXPECT_EQ(points[2].positives, 2u);
  EXPECT_EQ(points[2].negatives, 3u);
}

// 2 x 3 pairs: five are won, one is a tie.
TEST(RocArea, IsTheShareOfPairsWonWithTiesCountedHalf) {
  const auto points = rank({{0.2, false}, {0.9, true}, {0.5, true}, {0.5, false}, {0.2, false}});
  EXPECT_DOUBLE_EQ(*roc_area(points), 5.5 / 6);
}

// Half of the recall at precision 1, half at 2/3.
TEST(AveragePrecision, SumsPrecisionTimesTheStepInRecall) {
  const auto points = rank({{0.2, false}, {0.9, true}, {0.5, true}, {0.5, false}, {0.2, false}});
  EXPECT_DOUBLE_EQ(*average_precision(points), 0.5 + 0.5 * 2 / 3);
}

TEST(Areas, AreNotDefinedWithoutBothKinds) {
  EXPECT_TRUE(rank({}).empty());
  EXPECT_FALSE(roc_area({}));
  EXPECT_FALSE(average_precision({}));
  EXPECT_FALSE(roc_area(rank({{0.1, true}})));
  EXPECT_FALSE(roc_area(rank({{0.1, false}})));
  EXPECT_EQ(average_precision(rank({{0.1, true}})), 1);
  EXPECT_FALSE(average_precision(rank({{0.1, false}})));
}

}  // namespace
}  // namespace steelsight::ranking_test
