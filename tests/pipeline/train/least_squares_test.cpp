#include "pipeline/train/least_squares.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "datasets/error.hpp"

namespace steelsight::least_squares_test {
namespace {

// The gradient of mean |W x + b - onehot|^2 + ridge |W|^2 in double: zero at the minimum.
double largest_gradient(const LinearHead& head, const Features& features,
                        const std::vector<int>& labels, const LeastSquaresOptions& options) {
  const std::size_t columns = features.row_floats();
  double largest = 0;
  for (std::size_t k = 0; k < options.classes; ++k) {
    std::vector<double> gradient(columns + 1, 0);
    double n = 0;
    for (std::size_t i = 0; i < features.rows.size(); ++i) {
      if (features.rows[i] == nullptr) continue;
      ++n;
      double error = options.bias ? head.bias.values[k] : 0;
      for (std::size_t c = 0; c < columns; ++c)
        error += static_cast<double>(head.weight.values[k * columns + c]) * features.rows[i][c];
      error = error / options.scale - (labels[i / features.views] == static_cast<int>(k) ? 1 : 0);
      for (std::size_t c = 0; c < columns; ++c) gradient[c] += error * features.rows[i][c];
      gradient[columns] += options.bias ? error : 0;
    }
    for (std::size_t c = 0; c <= columns; ++c) {
      double total = gradient[c] / n;
      if (c < columns) total += options.ridge * head.weight.values[k * columns + c] / options.scale;
      largest = std::max(largest, std::abs(total));
    }
  }
  return largest;
}

class LeastSquares : public testing::TestWithParam<bool> {};  // with a bias

TEST_P(LeastSquares, IsTheMinimumWithFewerAndWithMoreExamplesThanColumns) {
  for (const std::size_t examples : {6, 40}) {
    Random random(examples);
    std::vector<float> values(examples * 15);
    std::vector<int> labels;
    for (float& value : values) value = random.normal();
    for (std::size_t i = 0; i < examples; ++i) labels.push_back(static_cast<int>(i % 3));
    Features features = make_features({15}, std::move(values));
    features.rows[1] = nullptr;
    const LeastSquaresOptions options{.classes = 3, .ridge = 0.01, .bias = GetParam()};
    const LinearHead head = least_squares_head(features, labels, options);
    EXPECT_LT(largest_gradient(head, features, labels, options), 1e-6) << examples;
    EXPECT_EQ(head.bias.values.size(), GetParam() ? 3u : 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Bias, LeastSquares, testing::Bool());

TEST(LeastSquaresErrors, RefusesWhatHasNoSolution) {
  const Features features = make_features({1}, {1, 2});
  EXPECT_THROW(least_squares_head(features, {0, 1}, {.ridge = 0}), std::invalid_argument);
  EXPECT_THROW(least_squares_head(make_features({1}, {}), {}, {}), DatasetError);
}

// Two examples that are one: without a ridge that counts, any of many solutions.
TEST(LeastSquaresErrors, RefusesARidgeThatIsLostInTheRounding) {
  const Features features = make_features({2}, {1e12f, 3e11f, 1e12f, 3e11f, 0, 1});
  EXPECT_THAT(
      [&] {
        least_squares_head(features, {0, 0, 1}, {.ridge = 1e-3});
      },
      testing::ThrowsMessage<DatasetError>(testing::AllOf(testing::HasSubstr("no certain solution"),
                                                          testing::HasSubstr("/train/ridge"))));
  const LinearHead head = least_squares_head(features, {0, 0, 1}, {.ridge = 1e10});
  for (const float value : head.weight.values) EXPECT_TRUE(std::isfinite(value));
}

}  // namespace
}  // namespace steelsight::least_squares_test
