#include "pipeline/distill/distillation_loss.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core.hpp>
#include <stdexcept>

#include "core/random.hpp"

namespace steelsight::distillation_loss_test {
namespace {

constexpr std::size_t kRows = 4, kComponents = 3, kClasses = 2, kWidth = kComponents + kClasses;
constexpr double kLabelWeight = 0.3;

class DistillationLoss : public testing::Test {
 protected:
  DistillationLoss() : outputs_(kRows * kWidth), gradient_(kRows * kWidth) {
    Random random(1);
    for (float& value : outputs_) value = random.normal();
    targets_.forEach<float>([](float& value, const int* at) {
      value = static_cast<float>(at[0]) - 0.5f * static_cast<float>(at[1]);
    });
  }
  LossResult loss(std::span<const float> outputs, std::span<float> gradient) const {
    return distillation_loss({.targets = targets_, .labels = labels_, .readable = readable_},
                             kLabelWeight, outputs, gradient);
  }

  cv::Mat targets_ = cv::Mat(kRows, kComponents, CV_32F);
  std::vector<int> labels_{0, kIgnoredLabel, 1, 1};
  std::vector<bool> readable_{true, true, false, true};
  std::vector<float> outputs_, gradient_;
};

// By hand: the rows 0, 1 and 3 count, the labels of 0 and 3.
TEST_F(DistillationLoss, IsTheMeanOfSquaredErrorsAndCrossEntropies) {
  double expected = 0;
  for (const std::size_t row : {0u, 1u, 3u}) {
    const float* output = outputs_.data() + row * kWidth;
    for (std::size_t k = 0; k < kComponents; ++k)
      expected +=
          std::pow(output[k] - targets_.at<float>(static_cast<int>(row), static_cast<int>(k)), 2) /
          kComponents;
    if (row == 1) continue;
    const double sum = std::exp(output[3]) + std::exp(output[4]);
    expected -= kLabelWeight * std::log(std::exp(output[3 + (row == 3 ? 1 : 0)]) / sum);
  }
  const LossResult result = loss(outputs_, gradient_);
  EXPECT_NEAR(result.loss, expected / 3, 1e-6);
  EXPECT_EQ(result.rows, 3);
  EXPECT_EQ(result.weight, 3);
}

TEST_F(DistillationLoss, ItsGradientIsThatOfFiniteDifferences) {
  loss(outputs_, gradient_);
  std::vector<float> ignored(outputs_.size());
  const float step = 1e-2f;  // the loss is smooth: the error is of the order of its square
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    std::vector<float> above = outputs_, below = outputs_;
    above[i] += step;
    below[i] -= step;
    const double slope = (loss(above, ignored).loss - loss(below, ignored).loss) /
                         static_cast<double>(above[i] - below[i]);
    EXPECT_NEAR(gradient_[i], slope, 1e-5) << i;
  }
}

TEST_F(DistillationLoss, WithoutARowThatCountsIsNothing) {
  readable_.assign(kRows, false);
  const LossResult result = loss(outputs_, gradient_);
  EXPECT_EQ(result.rows, 0);
  EXPECT_EQ(result.loss, 0);
  EXPECT_EQ(gradient_, std::vector<float>(kRows * kWidth));
}

TEST_F(DistillationLoss, RefusesSizesThatDoNotFit) {
  EXPECT_THROW(loss(std::span(outputs_).first(kRows), gradient_), std::invalid_argument);
  EXPECT_THROW(loss(outputs_, std::span(gradient_).first(kRows)), std::invalid_argument);
  labels_.pop_back();
  EXPECT_THROW(loss(outputs_, gradient_), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::distillation_loss_test
