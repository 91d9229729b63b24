#include "pipeline/unsupervised/kmeans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <stdexcept>

namespace steelsight::kmeans_test {
namespace {

using testing::ElementsAre;

cv::Mat two_groups() {
  return (cv::Mat_<float>(5, 1) << 10, 0, 1, 11, 2);
}

TEST(KMeans, FindsGroupsAndNumbersThemBySize) {
  const KMeans found = kmeans(two_groups(), {.clusters = 2});
  EXPECT_THAT(found.cluster, ElementsAre(1, 0, 0, 1, 0));
  EXPECT_NEAR(found.centres.at<double>(0), 1, 1e-6);
  EXPECT_NEAR(found.centres.at<double>(1), 10.5, 1e-6);
  EXPECT_NEAR(found.inertia, 2.5, 1e-5);  // 1 + 0 + 1 and 2 * 0.5^2
}

TEST(KMeans, IsTheSameForTheSameSeed) {
  cv::Mat rows(200, 4, CV_32F);
  cv::RNG(7).fill(rows, cv::RNG::UNIFORM, 0, 1);
  const KMeans first = kmeans(rows, {.clusters = 9, .attempts = 1, .seed = 3});
  cv::randu(cv::Mat(3, 3, CV_32F), 0, 1);  // another state of OpenCV's own generator
  EXPECT_EQ(kmeans(rows, {.clusters = 9, .attempts = 1, .seed = 3}).cluster, first.cluster);
  EXPECT_NE(kmeans(rows, {.clusters = 9, .attempts = 1, .seed = 4}).cluster, first.cluster);
}

TEST(KMeans, TakesTheBestOfItsAttempts) {
  cv::Mat rows(300, 5, CV_32F);
  cv::RNG(7).fill(rows, cv::RNG::NORMAL, 0, 1);
  double worst = 0;
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u})
    worst = std::max(worst, kmeans(rows, {.clusters = 12, .attempts = 1, .seed = seed}).inertia);
  EXPECT_LT(kmeans(rows, {.clusters = 12, .attempts = 20}).inertia, worst);
}

// As cv::kmeans with so many attempts gives it.
TEST(KMeans, AttemptsOneByOneAreThoseOfOpenCV) {
  cv::Mat rows(300, 5, CV_32F), labels, centres;
  cv::RNG(7).fill(rows, cv::RNG::NORMAL, 0, 1);
  const KMeans found = kmeans(rows, {.clusters = 12, .attempts = 20, .seed = 0});
  cv::theRNG().state = 1;
  const double inertia =
      cv::kmeans(rows, 12, labels, {cv::TermCriteria::COUNT + cv::TermCriteria::EPS, 300, 0}, 20,
                 cv::KMEANS_PP_CENTERS, centres);
  EXPECT_NEAR(found.inertia, inertia, 1e-3);
}

TEST(KMeans, CanBeStoppedBetweenAttempts) {
  struct Stop {};
  EXPECT_THROW(kmeans(two_groups(), {.clusters = 2,
                                     .progress =
                                         [](std::size_t attempts) {
                                           if (attempts == 3) throw Stop();
                                         }}),
               Stop);
}

TEST(KMeans, RefusesMoreClustersThanRows) {
  EXPECT_THROW(kmeans(two_groups(), {.clusters = 0}), std::invalid_argument);
  EXPECT_THROW(kmeans(two_groups(), {.clusters = 6}), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::kmeans_test
