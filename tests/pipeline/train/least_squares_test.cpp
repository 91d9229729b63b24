#include "pipeline/train/least_squares.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "datasets/error.hpp"

namespace steelsight::least_squares_test {
namespace {

// The gradient of mean w |W x + b - onehot|^2 + ridge |W|^2 in double: zero at the minimum.
double largest_gradient(const LeastSquaresFit& fit, const Features& features,
                        const std::vector<int>& labels, const LeastSquaresOptions& options) {
  const LinearHead& head = fit.head;
  const std::size_t columns = features.row_floats();
  double largest = 0;
  for (std::size_t k = 0; k < options.classes; ++k) {
    std::vector<double> gradient(columns + 1, 0);
    double n = 0;
    for (std::size_t i = 0; i < features.rows.size(); ++i) {
      if (features.rows[i] == nullptr) continue;
      const int label = labels[i / features.views];
      const double weight = options.class_weights.empty()
                                ? 1
                                : options.class_weights[static_cast<std::size_t>(label)];
      ++n;
      double error = options.bias ? head.bias.values[k] : 0;
      for (std::size_t c = 0; c < columns; ++c)
        error += static_cast<double>(head.weight.values[k * columns + c]) * features.rows[i][c];
      error = weight * (error / fit.scale - (label == static_cast<int>(k) ? 1 : 0));
      for (std::size_t c = 0; c < columns; ++c) gradient[c] += error * features.rows[i][c];
      gradient[columns] += options.bias ? error : 0;
    }
    for (std::size_t c = 0; c <= columns; ++c) {
      double total = gradient[c] / n;
      if (c < columns) total += options.ridge * head.weight.values[k * columns + c] / fit.scale;
      largest = std::max(largest, std::abs(total));
    }
  }
  return largest;
}

// Classes in turn, told apart by their means; two views of each example.
struct Examples {
  Features features;
  std::vector<int> labels;
};

Examples draw_examples(std::size_t examples, std::size_t columns, std::size_t views = 1) {
  Random random(examples);
  std::vector<float> values(examples * columns * views);
  Examples drawn;
  for (std::size_t i = 0; i < examples; ++i) drawn.labels.push_back(static_cast<int>(i % 3));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t example = i / columns / views;
    values[i] = random.normal() + (i % columns % 3 == example % 3 ? 1.0f : 0.0f);
  }
  drawn.features = make_features({static_cast<std::int64_t>(columns)}, std::move(values));
  drawn.features.views = views;
  return drawn;
}

Examples without(const Examples& all, std::size_t left_out) {
  Examples rest;
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < all.labels.size(); ++i)
    if (i != left_out) kept.push_back(i);
  rest.features = all.features.select(kept);
  for (const std::size_t i : kept) rest.labels.push_back(all.labels[i]);
  return rest;
}

bool is_right(const LinearHead& head, const Examples& examples, std::size_t i) {
  const std::size_t columns = examples.features.row_floats();
  std::vector<float> outputs(head.bias.values.begin(), head.bias.values.end());
  outputs.resize(head.weight.values.size() / columns);
  for (std::size_t k = 0; k < outputs.size(); ++k)
    for (std::size_t c = 0; c < columns; ++c)
      outputs[k] += head.weight.values[k * columns + c] * examples.features.row(i)[c];
  return std::ranges::max_element(outputs) - outputs.begin() == examples.labels[i];
}

class LeastSquares : public testing::TestWithParam<bool> {};  // with a bias

TEST_P(LeastSquares, IsTheMinimumWithFewerAndWithMoreExamplesThanColumns) {
  for (const std::size_t examples : {6, 40}) {
    Examples drawn = draw_examples(examples, 15);
    drawn.features.rows[1] = nullptr;
    for (const std::vector<double>& weights : {std::vector<double>{}, {0.5, 2, 1}}) {
      const LeastSquaresOptions options{
          .classes = 3, .ridge = 0.01, .bias = GetParam(), .class_weights = weights};
      const LeastSquaresFit fit = least_squares_head(drawn.features, drawn.labels, options);
      EXPECT_LT(largest_gradient(fit, drawn.features, drawn.labels, options), 1e-6) << examples;
      EXPECT_EQ(fit.head.bias.values.size(), GetParam() ? 3u : 0u);
    }
  }
}

// Against solving anew without each example in turn.
TEST_P(LeastSquares, KnowsWhatEachExampleWouldBeCalledByTheOthers) {
  for (const std::size_t views : {1, 3})
    for (const std::size_t examples : {7, 40}) {
      const Examples drawn = draw_examples(examples, 12, views);
      // The penalty counts per row: with a row less it is the same for ridge * n / (n - 1).
      const LeastSquaresOptions options{
          .classes = 3, .ridge = 0.02, .bias = GetParam(), .class_weights = {0.5, 2, 1}};
      LeastSquaresOptions of_the_others = options;
      of_the_others.ridge *= static_cast<double>(examples) / static_cast<double>(examples - 1);
      std::size_t right = 0;
      for (std::size_t i = 0; i < examples; ++i) {
        const Examples others = without(drawn, i);
        right += is_right(least_squares_head(others.features, others.labels, of_the_others).head,
                          drawn, i);
      }
      const Accuracy left_out =
          accuracy_of(least_squares_head(drawn.features, drawn.labels, options).left_out);
      EXPECT_EQ(left_out.n, examples);
      EXPECT_EQ(left_out.correct, right) << views << " views of " << examples;
      EXPECT_LT(right, examples);
    }
}

// Noise needs a strong ridge, what is plain to see a weak one.
TEST(LeastSquaresRidge, IsChosenByLeaveOneOut) {
  const auto accuracy = [](const Examples& examples, double ridge) {
    const LeastSquaresOptions options{.classes = 3, .ridge = ridge};
    return accuracy_of(least_squares_head(examples.features, examples.labels, options).left_out)
        .value();
  };
  const Examples noisy = draw_examples(90, 60);
  const LeastSquaresFit fit = least_squares_head(noisy.features, noisy.labels, {.classes = 3});
  EXPECT_GT(fit.ridge, 0);
  EXPECT_EQ(accuracy(noisy, fit.ridge), accuracy_of(fit.left_out).value());
  double best = 0;
  for (double ridge = 1e-5; ridge < 1e3; ridge *= 3) best = std::max(best, accuracy(noisy, ridge));
  EXPECT_GE(accuracy_of(fit.left_out).value(), best - std::sqrt(best * (1 - best) / 90));
  EXPECT_GT(accuracy_of(fit.left_out).value(), accuracy(noisy, 1e-5));
}

// Where one feature is large and says nothing, the usual ridge would hide the others.
TEST(LeastSquaresRidge, IsWeakWhereTheExamplesSpeakForIt) {
  Examples examples = draw_examples(90, 6);
  std::vector<float> values;
  Random random(5);
  for (std::size_t i = 0; i < 90; ++i) {
    values.push_back(1000 * random.normal());
    for (std::size_t c = 0; c < 3; ++c)
      values.push_back((c == i % 3 ? 1.0f : 0.0f) + 0.1f * random.normal());
  }
  examples.features = make_features({4}, std::move(values));
  const double usual = 0.01 * 1e6 / 90;
  const LeastSquaresFit fit =
      least_squares_head(examples.features, examples.labels, {.classes = 3});
  EXPECT_LT(fit.ridge, usual / 10);
  EXPECT_GT(accuracy_of(fit.left_out).value(), 0.95);
  EXPECT_LT(accuracy_of(least_squares_head(examples.features, examples.labels,
                                           {.classes = 3, .ridge = usual})
                            .left_out)
                .value(),
            0.8);
}

TEST(LeastSquaresRidge, OfFeaturesThatSayNothingLeavesTheBias) {
  const Features features = make_features({2}, {1, 1, 1, 1, 1, 1});
  const LeastSquaresFit fit = least_squares_head(features, {0, 0, 1}, {});
  EXPECT_THAT(fit.head.weight.values, testing::Each(0));
  EXPECT_NEAR(fit.head.bias.values[0], fit.scale * 2.0 / 3, 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Bias, LeastSquares, testing::Bool());

TEST(LeastSquaresErrors, RefusesWhatHasNoSolution) {
  const Features features = make_features({1}, {1, 2});
  EXPECT_THROW(least_squares_head(features, {0, 1}, {.ridge = -1}), std::invalid_argument);
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
  const LinearHead head = least_squares_head(features, {0, 0, 1}, {.ridge = 1e10}).head;
  for (const float value : head.weight.values) EXPECT_TRUE(std::isfinite(value));
}

}  // namespace
}  // namespace steelsight::least_squares_test
