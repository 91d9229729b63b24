#include "models/initializer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "models/error.hpp"

namespace steelsight::initializer_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

struct Moments {
  double mean, deviation;
};

Moments moments(const Values& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const float value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / n)};
}

struct Case {
  const char* description;
  Initializer initializer;
  std::vector<std::int64_t> shape;
  double deviation;
};

class Drawn : public testing::TestWithParam<Case> {};

TEST_P(Drawn, HasTheMeanAndDeviationOfItsFormula) {
  const Case& test = GetParam();
  const Tensor tensor = initialize(test.initializer, "w", test.shape, Random(5));
  ASSERT_EQ(static_cast<std::int64_t>(tensor.values.size()), element_count(test.shape));
  EXPECT_EQ(tensor.shape, test.shape);
  const auto [mean, deviation] = moments(tensor.values);
  const double n = static_cast<double>(tensor.values.size());
  EXPECT_NEAR(mean, 0, 4 * test.deviation / std::sqrt(n));
  EXPECT_NEAR(deviation, test.deviation, 4 * test.deviation / std::sqrt(2 * n));
}

// 64x32x3x3: 288 values go into an output, 576 come out of an input.
INSTANTIATE_TEST_SUITE_P(
    Formulas, Drawn,
    testing::Values(
        Case{"he", {InitializerKind::he_normal, 1}, {64, 32, 3, 3}, std::sqrt(1.0 / 288)},
        Case{"he_relu",
             {InitializerKind::he_normal, std::numbers::sqrt2},
             {64, 32, 3, 3},
             std::sqrt(2.0 / 288)},
        Case{"he_out", {InitializerKind::he_normal_out, 1}, {64, 32, 3, 3}, std::sqrt(1.0 / 576)},
        Case{"glorot", {InitializerKind::glorot_normal, 1}, {64, 32, 3, 3}, std::sqrt(2.0 / 864)},
        Case{"glorot_uniform",
             {InitializerKind::glorot_uniform, 2},
             {64, 32, 3, 3},
             2 * std::sqrt(2.0 / 864)},
        Case{"dense", {InitializerKind::he_normal, 1}, {50, 200}, std::sqrt(1.0 / 200)},
        Case{"dense_out", {InitializerKind::he_normal_out, 1}, {50, 200}, std::sqrt(1.0 / 50)}),
    [](const auto& test) { return test.param.description; });

TEST(Initializer, UniformStaysInItsBounds) {
  const Tensor tensor =
      initialize({.kind = InitializerKind::glorot_uniform}, "w", {60, 40}, Random(1));
  const auto bound = static_cast<float>(std::sqrt(6.0 / 100));
  EXPECT_THAT(tensor.values,
              testing::Each(testing::AllOf(testing::Ge(-bound), testing::Le(bound))));
  EXPECT_GT(*std::max_element(tensor.values.begin(), tensor.values.end()), 0.98f * bound);
}

TEST(Initializer, FillsConstantsOfAnyShape) {
  EXPECT_THAT(initialize({.kind = InitializerKind::zeros}, "b", {3}, Random(1)).values,
              testing::ElementsAre(0, 0, 0));
  EXPECT_THAT(initialize({.kind = InitializerKind::ones}, "g", {2}, Random(1)).values,
              testing::ElementsAre(1, 1));
}

TEST(Initializer, DependsOnSeedAndNameAlone) {
  const auto draw = [](const char* name, Random random) {
    return initialize({}, name, {4, 4}, random).values;
  };
  Random used(3);
  used.next64();
  EXPECT_EQ(draw("conv1.weight", Random(3)), draw("conv1.weight", used));
  EXPECT_NE(draw("conv1.weight", Random(3)), draw("conv2.weight", Random(3)));
  EXPECT_NE(draw("conv1.weight", Random(3)), draw("conv1.weight", Random(4)));
}

TEST(Initializer, RefusesShapesWithoutFansAndBadGains) {
  const auto make = [](const std::vector<std::int64_t>& shape, double gain) {
    return [=] { initialize({.gain = gain}, "conv1.weight", shape, Random(1)); };
  };
  EXPECT_THAT(make({8}, 1),
              ThrowsMessage<std::invalid_argument>(HasSubstr("conv1.weight has shape 8")));
  EXPECT_THROW(make({}, 1)(), std::invalid_argument);
  EXPECT_THROW(make({8, 0}, 1)(), std::invalid_argument);
  EXPECT_THROW(make({8, -2}, 1)(), ModelError);
  EXPECT_THROW(make({8, 2}, 0)(), std::invalid_argument);
  EXPECT_THROW(make({8, 2}, std::numeric_limits<double>::quiet_NaN())(), std::invalid_argument);
}

TEST(ActivationGain, FollowsPyTorch) {
  EXPECT_EQ(activation_gain("linear"), 1);
  EXPECT_EQ(activation_gain("sigmoid"), 1);
  EXPECT_DOUBLE_EQ(activation_gain("tanh"), 5.0 / 3);
  EXPECT_DOUBLE_EQ(activation_gain("selu"), 0.75);
  EXPECT_DOUBLE_EQ(activation_gain("relu"), 1.4142135623730951);
  EXPECT_DOUBLE_EQ(activation_gain("leaky_relu"), 1.4141428569978354);
  EXPECT_DOUBLE_EQ(activation_gain("leaky_relu", 1), 1);
  for (const char* name : {"elu", "gelu", "swish", "hardswish", "mish"})
    EXPECT_DOUBLE_EQ(activation_gain(name), activation_gain("relu")) << name;
  EXPECT_THAT([] { activation_gain("rleu"); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("rleu")));
}

}  // namespace
}  // namespace steelsight::initializer_test
