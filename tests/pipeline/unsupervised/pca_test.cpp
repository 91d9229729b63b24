#include "pipeline/unsupervised/pca.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core.hpp>
#include <stdexcept>

namespace steelsight::pca_test {
namespace {

// Four points on the line y = 2 x.
cv::Mat line() {
  return (cv::Mat_<float>(4, 2) << 0, 0, 1, 2, 2, 4, 3, 6);
}

TEST(Pca, FindsTheLineThatPointsLieOn) {
  const Pca pca = fit_pca(line());
  ASSERT_EQ(pca.variance.size(), 2u);
  EXPECT_NEAR(pca.variance[0], 5.0 / 3 * 5, 1e-9);  // of 0, 1, 2, 3, times 1 + 2^2
  EXPECT_NEAR(pca.variance[1], 0, 1e-9);
  EXPECT_NEAR(pca.total_variance, 25.0 / 3, 1e-9);
  EXPECT_NEAR(pca.components.at<double>(0, 0), 1 / std::sqrt(5), 1e-9);
  EXPECT_NEAR(pca.components.at<double>(0, 1), 2 / std::sqrt(5), 1e-9);
  EXPECT_NEAR(pca.explained_ratio()[0], 1, 1e-9);
  EXPECT_EQ(pca.components_for(0.9), 1u);
  const cv::Mat projected = project(pca, line(), 1);
  ASSERT_EQ(projected.size(), cv::Size(1, 4));
  EXPECT_NEAR(projected.at<float>(3) - projected.at<float>(0), 3 * std::sqrt(5), 1e-5);
}

TEST(Pca, HasNoMoreComponentsThanRowsAllow) {
  cv::Mat rows(3, 10, CV_32F);
  cv::randu(rows, 0, 1);
  const Pca pca = fit_pca(rows);
  EXPECT_EQ(pca.variance.size(), 2u);
  EXPECT_NEAR(pca.variance[0] + pca.variance[1], pca.total_variance, 1e-6);
  EXPECT_EQ(project(pca, rows, 50).cols, 2);
}

TEST(Pca, OfRowsThatAreAllTheSameExplainsNothing) {
  const Pca pca = fit_pca(cv::Mat::ones(5, 3, CV_32F));
  EXPECT_EQ(pca.explained_ratio(), std::vector<double>(3, 0.0));
}

TEST(Pca, NeedsTwoRows) {
  EXPECT_THROW(fit_pca(cv::Mat::ones(1, 3, CV_32F)), std::invalid_argument);
}

TEST(Standardized, HasMeanZeroAndDeviationOne) {
  cv::Mat rows = line();
  rows.col(1).setTo(7);
  const cv::Mat found = standardized(rows);
  EXPECT_NEAR(found.at<float>(0, 0), -1.5 / std::sqrt(1.25), 1e-6);
  EXPECT_NEAR(found.at<float>(3, 0), 1.5 / std::sqrt(1.25), 1e-6);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(found.at<float>(i, 1), 0);
}

}  // namespace
}  // namespace steelsight::pca_test
