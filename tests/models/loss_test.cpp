#include "models/loss.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "core/random.hpp"

namespace steelsight::loss_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(CrossEntropy, OfEqualLogitsIsTheLogarithmOfTheClasses) {
  const std::vector<float> logits(2UL * 4, 3.0f);
  std::vector<float> gradient(8);
  const LossResult result = softmax_cross_entropy({}, logits, std::vector{1, 0}, gradient);
  EXPECT_DOUBLE_EQ(result.loss, std::log(4.0));
  EXPECT_EQ(result.rows, 2);
  EXPECT_EQ(result.weight, 2);
  EXPECT_EQ(result.correct, 1);  // of equals the first wins
  EXPECT_THAT(gradient,
              ElementsAre(FloatEq(0.125f), FloatEq(-0.375f), FloatEq(0.125f), FloatEq(0.125f),
                          FloatEq(-0.375f), FloatEq(0.125f), FloatEq(0.125f), FloatEq(0.125f)));
}

TEST(CrossEntropy, SurvivesHugeLogits) {
  const std::vector<float> logits{3e38f, -3e38f, -1e4f, 1e4f};
  std::vector<float> gradient(4);
  const LossResult right = softmax_cross_entropy({}, logits, std::vector{0, 1}, gradient);
  EXPECT_EQ(right.loss, 0);
  EXPECT_THAT(gradient, Each(0.0f));
  const LossResult wrong = softmax_cross_entropy({}, logits, std::vector{1, 0}, gradient);
  EXPECT_NEAR(wrong.loss / 3e38, 1, 1e-6);
  EXPECT_THAT(gradient, ElementsAre(0.5f, -0.5f, -0.5f, 0.5f));
}

TEST(CrossEntropy, AllowsMinusInfinityForAnotherClass) {
  const std::vector<float> logits{0, -kInfinity, 0};
  std::vector<float> gradient(3);
  EXPECT_DOUBLE_EQ(softmax_cross_entropy({}, logits, std::vector{0}, gradient).loss, std::log(2.0));
  EXPECT_THAT(gradient, ElementsAre(-0.5f, 0.0f, 0.5f));
  EXPECT_EQ(softmax_cross_entropy({}, logits, std::vector{1}, gradient).loss, kInfinity);
}

TEST(CrossEntropy, IgnoresPaddingWhateverItHolds) {
  const std::vector<float> alone{1, 2, 3}, padded{1, 2, 3, kNaN, kInfinity, 7};
  std::vector<float> gradient(3), padded_gradient(6, 9.0f);
  const LossResult a = softmax_cross_entropy({}, alone, std::vector{2}, gradient);
  const LossResult b =
      softmax_cross_entropy({}, padded, std::vector{2, kIgnoredLabel}, padded_gradient);
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(b.rows, 1);
  EXPECT_EQ(b.correct, 1);
  EXPECT_EQ(std::vector(padded_gradient.begin(), padded_gradient.begin() + 3), gradient);
  EXPECT_EQ(std::vector(padded_gradient.begin() + 3, padded_gradient.end()),
            std::vector<float>(3, 0.0f));
}

TEST(CrossEntropy, OfNothingIsZero) {
  std::vector<float> gradient(3, 9.0f);
  const std::vector<float> logits{1, 2, 3};
  const LossResult none = softmax_cross_entropy({}, logits, std::vector{kIgnoredLabel}, gradient);
  EXPECT_EQ(none.loss, 0);
  EXPECT_EQ(none.rows, 0);
  EXPECT_THAT(gradient, Each(0.0f));
  gradient.assign(3, 9.0f);
  const LossConfig weightless{.class_weights = {1, 1, 0}, .label_smoothing = 0.1};
  EXPECT_EQ(softmax_cross_entropy(weightless, logits, std::vector{2}, gradient).loss, 0);
  EXPECT_THAT(gradient, Each(0.0f));
}

TEST(CrossEntropy, LetsNaNThrough) {
  for (std::size_t at = 0; at < 3; ++at) {
    std::vector<float> logits{1, 2, 3, 1, 2, 3}, gradient(6);
    logits[at] = kNaN;
    const LossResult result = softmax_cross_entropy({}, logits, std::vector{2, 1}, gradient);
    EXPECT_TRUE(std::isnan(result.loss)) << at;
    EXPECT_TRUE(std::isnan(gradient[0])) << at;
    EXPECT_EQ(result.correct, 0);
    const LossConfig weights{.class_weights = {1, 1, 0}};
    EXPECT_TRUE(
        std::isnan(softmax_cross_entropy(weights, logits, std::vector{2, 1}, gradient).loss));
  }
}

TEST(CrossEntropy, MeansOverBatchesCombineByWeight) {
  const LossConfig config{.class_weights = {0.5, 3}, .label_smoothing = 0.2};
  const std::vector<float> logits{1, 2, -1, 0.5f, 0, 2};
  const std::vector<int> labels{0, 1, 1};
  const LossResult whole = softmax_cross_entropy(config, logits, labels, {});
  double sum = 0, weight = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const LossResult part = softmax_cross_entropy(config, std::span(logits).subspan(2 * i, 2),
                                                  std::span(labels).subspan(i, 1), {});
    sum += part.loss * part.weight;
    weight += part.weight;
  }
  EXPECT_DOUBLE_EQ(weight, whole.weight);
  EXPECT_DOUBLE_EQ(sum / weight, whole.loss);
}

TEST(MeanSquaredError, IsTheMeanOverTheElementsThatCount) {
  const std::vector<float> outputs{1, 2, kNaN, 4, 0, -1}, targets{0, 2, 5, 5, 2, 0};
  std::vector<float> gradient(6);
  const LossResult result =
      mean_squared_error(outputs, targets, std::vector{1, kIgnoredLabel, 1}, gradient);
  EXPECT_DOUBLE_EQ(result.loss, (1 + 0 + 4 + 1) / 4.0);
  EXPECT_EQ(result.weight, 4);
  EXPECT_EQ(result.rows, 2);
  EXPECT_EQ(result.correct, 1);
  EXPECT_THAT(gradient, ElementsAre(0.5f, 0.0f, 0.0f, 0.0f, -1.0f, -0.5f));
}

TEST(MeanSquaredError, LetsNaNThrough) {
  const std::vector<float> outputs{1, kNaN}, targets{0, 2};
  EXPECT_TRUE(std::isnan(mean_squared_error(outputs, targets, std::vector{0}, {}).loss));
}

TEST(SumOfSquares, IsTheSumOverTheElementsThatCount) {
  const std::vector<float> outputs{1, 2, kNaN, 4, 0, -1}, targets{0, 2, 5, 5, 2, 0};
  std::vector<float> gradient(6);
  const LossResult result =
      sum_of_squares(outputs, targets, std::vector{1, kIgnoredLabel, 1}, gradient);
  EXPECT_DOUBLE_EQ(result.loss, 1 + 0 + 4 + 1);
  EXPECT_EQ(result.weight, 1);
  EXPECT_EQ(result.rows, 2);
  EXPECT_EQ(result.correct, 1);
  EXPECT_THAT(gradient, ElementsAre(2.0f, 0.0f, 0.0f, 0.0f, -4.0f, -2.0f));

  const LossResult ignored =
      sum_of_squares(std::vector{kNaN}, std::vector{1.0f}, std::vector{kIgnoredLabel},
                     std::span(gradient).first(1));
  EXPECT_EQ(ignored.loss, 0);
  EXPECT_EQ(ignored.weight, 0);
  EXPECT_EQ(gradient[0], 0);
}

TEST(ComputeLoss, ChoosesByKind) {
  const std::vector<float> logits{1, 2, 3, 4};
  const std::vector<int> labels{1, kIgnoredLabel};
  EXPECT_EQ(compute_loss({}, logits, labels, {}).loss,
            softmax_cross_entropy({}, logits, labels, {}).loss);
  const LossConfig squared{.kind = LossKind::mean_squared_error};
  EXPECT_DOUBLE_EQ(compute_loss(squared, logits, labels, {}).loss, 1);  // (1-0)^2, (2-1)^2
  const LossConfig sum{.kind = LossKind::sum_of_squares};
  EXPECT_DOUBLE_EQ(compute_loss(sum, logits, labels, {}).loss, 2);
}

TEST(Loss, GradientMatchesFiniteDifferences) {
  const std::size_t rows = 5, classes = 4;
  const std::vector<int> labels{0, 3, kIgnoredLabel, 1, 1};
  Random random(11);
  std::vector<float> logits(rows * classes), gradient(rows * classes);
  for (float& logit : logits) logit = 2 * random.normal();
  for (const LossConfig& config :
       std::vector<LossConfig>{{},
                               {.label_smoothing = 0.15},
                               {.class_weights = {0.5, 2, 1, 3}},
                               {.class_weights = {0.5, 2, 0, 3}, .label_smoothing = 0.15},
                               {.kind = LossKind::mean_squared_error},
                               {.kind = LossKind::sum_of_squares}}) {
    compute_loss(config, logits, labels, gradient);
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const float step = 0x1p-7f;
      std::vector<float> above = logits, below = logits;
      above[i] += step;
      below[i] -= step;
      const double slope = (compute_loss(config, above, labels, {}).loss -
                            compute_loss(config, below, labels, {}).loss) /
                           (double{above[i]} - below[i]);
      EXPECT_NEAR(gradient[i], slope, 2e-5) << to_json(config) << " at " << i;
    }
  }
}

TEST(Loss, RefusesSizesThatDoNotFit) {
  const std::vector<float> logits(6);
  std::vector<float> small(5);
  const std::vector<int> labels{0, 1}, many(7, 0), four(4, 0);
  const auto entropy = [&](const std::vector<int>& l, std::span<float> g) {
    return [&logits, &l, g] { softmax_cross_entropy({}, logits, l, g); };
  };
  EXPECT_THAT(entropy(labels, small),
              ThrowsMessage<std::invalid_argument>(HasSubstr("gradient has 5 values, expected 6")));
  EXPECT_THAT(entropy(many, {}), ThrowsMessage<std::invalid_argument>(HasSubstr("7 labels")));
  EXPECT_THROW(entropy(four, {})(), std::invalid_argument);
  EXPECT_THROW(softmax_cross_entropy({}, {}, {}, {}), std::invalid_argument);
  EXPECT_THROW(softmax_cross_entropy({}, {}, labels, {}), std::invalid_argument);
  EXPECT_THROW(softmax_cross_entropy({}, logits, {}, {}), std::invalid_argument);
  EXPECT_THAT(
      [&] {
        softmax_cross_entropy({.class_weights = {1, 2}}, logits, labels, {});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("class_weights has 2 values, expected 3")));
  EXPECT_THROW(mean_squared_error(logits, small, labels, {}), std::invalid_argument);
  EXPECT_THROW(mean_squared_error(logits, logits, four, {}), std::invalid_argument);
}

TEST(Loss, RefusesAConfigOutOfRange) {
  const std::vector<float> logits(2);
  const double nan = std::nan("");
  for (const LossConfig& config :
       std::vector<LossConfig>{{.label_smoothing = 1.1},
                               {.label_smoothing = nan},
                               {.class_weights = {1, nan}},
                               {.class_weights = {0, 0}},
                               {.kind = LossKind::mean_squared_error, .label_smoothing = 0.1}})
    EXPECT_THAT([&] { compute_loss(config, logits, std::vector{0}, {}); },
                ThrowsMessage<ConfigError>(HasSubstr("loss")));
}

TEST(Loss, RefusesLabelsThatAreNoClass) {
  const std::vector<float> logits(6);
  for (const int label : {3, -2, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()})
    for (const LossKind kind : {LossKind::cross_entropy, LossKind::mean_squared_error})
      EXPECT_THAT(
          [&] {
            compute_loss({.kind = kind}, logits, std::vector{0, label}, {});
          },
          ThrowsMessage<std::out_of_range>(
              HasSubstr("label " + std::to_string(label) + " in row 1")));
  EXPECT_THROW(one_hot(std::vector{2}, 2), std::out_of_range);
}

TEST(OneHot, MarksTheLabel) {
  EXPECT_THAT(one_hot(std::vector{1, kIgnoredLabel, 0}, 2), ElementsAre(0, 1, 0, 0, 1, 0));
}

TEST(Softmax, SumsToOneInPlace) {
  std::vector<float> rows{1, 2, 3, 1e4f, -1e4f, 1e4f};
  softmax(rows, 3, rows);
  EXPECT_FLOAT_EQ(rows[0], 0.09003057f);
  EXPECT_FLOAT_EQ(rows[1], 0.24472848f);
  EXPECT_FLOAT_EQ(rows[2], 0.66524094f);
  EXPECT_EQ(rows[3], 0.5f);
  EXPECT_EQ(rows[4], 0.0f);
  EXPECT_EQ(rows[5], 0.5f);
}

TEST(Softmax, RefusesSizesThatDoNotFit) {
  std::vector<float> six(6), five(5);
  EXPECT_THROW(softmax(six, 4, six), std::invalid_argument);
  EXPECT_THROW(softmax(six, 0, six), std::invalid_argument);
  EXPECT_THROW(softmax(six, 3, five), std::invalid_argument);
}

TEST(Argmax, TakesTheFirstOfTheLargest) {
  EXPECT_EQ(argmax(std::vector<float>{1, 3, 3}), 1);
  EXPECT_EQ(argmax(std::vector<float>{-kInfinity, -kInfinity}), 0);
  EXPECT_EQ(argmax(std::vector<float>{1, kNaN, 3}), -1);
  EXPECT_EQ(argmax({}), -1);
}

TEST(LossConfig, GoesThroughJson) {
  const LossConfig config{.class_weights = {0.1, 2, 1e-7}, .label_smoothing = 0.1};
  EXPECT_EQ(parse_loss(parse_json(to_json(config).dump(), "test"), ""), config);
  const LossConfig squared{.kind = LossKind::mean_squared_error};
  EXPECT_EQ(parse_loss(to_json(squared), ""), squared);
  EXPECT_EQ(parse_loss(Json::object(), ""), LossConfig{});
}

TEST(LossConfig, RefusesWhatMakesNoSense) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"kind": "hinge"})", "/loss/kind is \"hinge\", expected one of cross_entropy"},
      {R"({"label_smooting": 0.1})", "/loss/label_smooting is not known"},
      {R"({"label_smoothing": 1.5})", "/loss/label_smoothing is 1.5"},
      {R"({"label_smoothing": -0.1})", "/loss/label_smoothing"},
      {R"({"class_weights": [1, -1]})", "/loss/class_weights has a negative"},
      {R"({"class_weights": [0, 0]})", "/loss/class_weights are all 0"},
      {R"({"kind": "mean_squared_error", "label_smoothing": 0.1})", "need kind cross_entropy"},
      {R"({"kind": "sum_of_squares", "label_smoothing": 0.1})", "need kind cross_entropy"},
      {R"({"kind": "mean_squared_error", "class_weights": [1]})", "need kind cross_entropy"},
  };
  for (const auto& [text, message] : cases)
    EXPECT_THAT([text = text] { parse_loss(parse_json(text, "test"), "/loss"); },
                ThrowsMessage<ConfigError>(HasSubstr(message)));
}

}  // namespace
}  // namespace steelsight::loss_test
