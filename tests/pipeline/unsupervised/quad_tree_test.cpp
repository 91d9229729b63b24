#include "pipeline/unsupervised/quad_tree.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"

namespace steelsight::quad_tree_test {
namespace {

std::vector<MapPoint> random_points(std::size_t count) {
  Random random(1);
  std::vector<MapPoint> points;
  for (std::size_t i = 0; i < count; ++i)
    points.push_back(
        {5.0 * static_cast<double>(random.normal()), static_cast<double>(random.normal())});
  return points;
}

QuadTree::Repulsion by_all(const std::vector<MapPoint>& points, std::size_t i) {
  QuadTree::Repulsion sum;
  for (std::size_t j = 0; j < points.size(); ++j) {
    if (j == i) continue;
    const double x = points[i].x - points[j].x, y = points[i].y - points[j].y;
    const double w = 1 / (1 + x * x + y * y);
    sum.weight += w;
    sum.force.x += w * w * x;
    sum.force.y += w * w * y;
  }
  return sum;
}

TEST(QuadTree, WithThetaZeroIsExact) {
  std::vector<MapPoint> points = random_points(300);
  for (int copies = 0; copies < 5; ++copies) points.push_back(points[7]);  // in one place
  points.push_back({points[9].x + 1e-14, points[9].y});                    // in nearly one place
  const QuadTree tree(points);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const QuadTree::Repulsion found = tree.repulsion(points[i], 0), expected = by_all(points, i);
    EXPECT_NEAR(found.weight, expected.weight, 1e-9);
    EXPECT_NEAR(found.force.x, expected.force.x, 1e-9);
    EXPECT_NEAR(found.force.y, expected.force.y, 1e-9);
  }
}

TEST(QuadTree, WithThetaHalfIsClose) {
  const std::vector<MapPoint> points = random_points(1000);
  const QuadTree tree(points);
  double error = 0, size = 0, weight_error = 0, weight = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const QuadTree::Repulsion found = tree.repulsion(points[i], 0.5), expected = by_all(points, i);
    error += std::hypot(found.force.x - expected.force.x, found.force.y - expected.force.y);
    size += std::hypot(expected.force.x, expected.force.y);
    weight_error += std::abs(found.weight - expected.weight);
    weight += expected.weight;
  }
  EXPECT_GT(error, 0);  // far cells were taken together
  EXPECT_LT(error, 0.02 * size);
  EXPECT_LT(weight_error, 0.01 * weight);
}

TEST(QuadTree, OfOnePlaceHasNoForce) {
  const std::vector<MapPoint> points(4, MapPoint{2, 3});
  const QuadTree::Repulsion found = QuadTree(points).repulsion(points[0], 0.5);
  EXPECT_EQ(found.weight, 3);
  EXPECT_EQ(found.force.x, 0);
}

}  // namespace
}  // namespace steelsight::quad_tree_test
