#include "pipeline/distill/teacher_targets.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core.hpp>

#include "core/random.hpp"
#include "datasets/error.hpp"

namespace steelsight::teacher_targets_test {
namespace {

constexpr std::size_t kImages = 400, kColumns = 6;

// Three hidden causes of unequal strength in six columns of unequal size, one of which never
// changes.
Features features() {
  Random random(2);
  std::vector<float> values;
  for (std::size_t i = 0; i < kImages; ++i) {
    const float a = random.normal(), b = random.normal(), c = random.normal();
    for (const float value : {a, 100 * a + 10 * b, b, 0.01f * (a + 0.3f * c), 0.2f * c + a, 7.0f})
      values.push_back(value);
  }
  return make_features({static_cast<std::int64_t>(kColumns)}, std::move(values));
}

cv::Mat targets_of_all(const Features& all, const TeacherTargets& targets) {
  std::vector<std::span<const float>> rows;
  for (std::size_t i = 0; i < all.size(); ++i) rows.push_back(all.row(i));
  return targets.of(rows);
}

std::vector<double> variances(const cv::Mat& rows) {
  std::vector<double> found;
  for (int k = 0; k < rows.cols; ++k) {
    cv::Scalar mean, deviation;
    cv::meanStdDev(rows.col(k), mean, deviation);
    EXPECT_NEAR(mean[0], 0, 1e-4) << k;
    found.push_back(deviation[0] * deviation[0]);
  }
  return found;
}

// Divided by N - 1 where they are fitted, by N here.
constexpr double kTolerance = 2.0 / kImages;

TEST(TeacherTargets, HaveMeanZeroAndAMeanVarianceOfOneHoweverWhite) {
  const Features all = features();
  for (const double whitening : {0.0, 0.5, 1.0}) {
    const TeacherTargets targets(all, {.components = 10, .whitening = whitening});
    EXPECT_EQ(targets.components(), 3u);  // there are no more causes
    EXPECT_NEAR(targets.explained(), 1, 1e-6);
    const std::vector<double> found = variances(targets_of_all(all, targets));
    EXPECT_NEAR((found[0] + found[1] + found[2]) / 3, 1, kTolerance);
  }
}

TEST(TeacherTargets, WhiteningIsTheExponentOfTheVariance) {
  const Features all = features();
  const auto ratio = [&](double whitening) {
    const TeacherTargets targets(all, {.components = 2, .whitening = whitening});
    const std::vector<double> found = variances(targets_of_all(all, targets));
    return found[0] / found[1];
  };
  const double unscaled = ratio(0);
  EXPECT_GT(unscaled, 2);
  EXPECT_NEAR(ratio(1), 1, kTolerance);
  EXPECT_NEAR(ratio(0.5), std::sqrt(unscaled), 1e-3 * unscaled);
}

TEST(TeacherTargets, AreOfEachRowAlone) {
  const Features all = features();
  const TeacherTargets targets(all, {.components = 2});
  const cv::Mat both = targets.of({all.row(3), all.row(5)}), one = targets.of({all.row(5)});
  EXPECT_EQ(both.rows, 2);
  EXPECT_EQ(both.cols, 2);
  EXPECT_LT(cv::norm(both.row(1), one, cv::NORM_INF), 1e-6);
}

TEST(TeacherTargets, AreRefusedWhereThereIsNothingToLearn) {
  EXPECT_THROW(TeacherTargets(make_features({2}, {1, 2}), {}), DatasetError);
  EXPECT_THROW(TeacherTargets(make_features({2}, {1, 2, 1, 2, 1, 2}), {}), DatasetError);
}

}  // namespace
}  // namespace steelsight::teacher_targets_test
