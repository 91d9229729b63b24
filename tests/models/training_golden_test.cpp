// Losses, optimisers and schedules against PyTorch: scripts/reference/export_training.py made the
// values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"
#include "models/loss.hpp"
#include "models/optimizer.hpp"
#include "models/schedule.hpp"

namespace steelsight::training_golden_test {
namespace {

const Json& golden() {
  static const Json values =
      parse_json(read_file(fs::path(STEELSIGHT_TEST_DATA_DIR) / "training.json"), "training.json");
  return values;
}

std::vector<float> floats(const Json& values) {
  return values.get<std::vector<float>>();
}

// Within `relative` of the expected value, and of 1 where that is small.
void expect_near(const std::vector<float>& got, const std::vector<float>& expected,
                 double relative) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], expected[i], relative * std::max(1.0f, std::abs(expected[i])))
        << "at " << i;
}

TEST(GoldenLoss, CrossEntropy) {
  const Json& losses = golden()["losses"];
  const auto logits = floats(losses["logits"]);
  const auto labels = losses["labels"].get<std::vector<int>>();
  for (const Json& test : losses["cross_entropy"]) {
    SCOPED_TRACE(test["config"].dump());
    std::vector<float> gradient(logits.size());
    const LossResult result =
        compute_loss(parse_loss(test["config"], ""), logits, labels, gradient);
    const double expected = test["loss"].get<double>();
    EXPECT_NEAR(result.loss, expected, 1e-6 * expected);
    EXPECT_EQ(result.correct, losses["correct"].get<int>());
    expect_near(gradient, floats(test["gradient"]), 1e-6);
  }
}

TEST(GoldenLoss, MeanSquaredError) {
  const Json& losses = golden()["losses"];
  const auto logits = floats(losses["logits"]), targets = floats(losses["targets"]);
  std::vector<float> gradient(logits.size());
  const LossResult result =
      mean_squared_error(logits, targets, losses["labels"].get<std::vector<int>>(), gradient);
  const double expected = losses["mean_squared_error"]["loss"].get<double>();
  EXPECT_NEAR(result.loss, expected, 1e-6 * expected);
  expect_near(gradient, floats(losses["mean_squared_error"]["gradient"]), 1e-6);
}

TEST(GoldenLoss, Softmax) {
  auto rows = floats(golden()["losses"]["logits"]);
  softmax(rows, 5, rows);
  expect_near(rows, floats(golden()["losses"]["softmax"]), 1e-6);
}

TEST(GoldenOptimizer, FollowsEveryTrajectory) {
  const Json& optimizers = golden()["optimizers"];
  for (const Json& test : optimizers["cases"]) {
    SCOPED_TRACE(test["config"].dump());
    auto weight = floats(optimizers["start"]["weight"]), bias = floats(optimizers["start"]["bias"]);
    const auto start = weight;
    std::vector<float> weight_gradient(weight.size()), bias_gradient(bias.size());
    const std::vector<ParameterView> views{
        {.name = "weight", .value = weight, .gradient = weight_gradient},
        {.name = "bias", .value = bias, .gradient = bias_gradient, .decay = false}};
    Optimizer optimizer(parse_optimizer(test["config"], ""), views);
    for (std::size_t step = 0; step < test["trajectory"].size(); ++step) {
      SCOPED_TRACE(step);
      const Json& gradients = optimizers["gradients"][step];
      std::ranges::copy(floats(gradients["weight"]), weight_gradient.begin());
      std::ranges::copy(floats(gradients["bias"]), bias_gradient.begin());
      optimizer.step(views, optimizers["learning_rates"][step].get<double>());
      expect_near(weight, floats(test["trajectory"][step]["weight"]), 1e-6);
      expect_near(bias, floats(test["trajectory"][step]["bias"]), 1e-6);
    }
    EXPECT_NE(weight, start);
  }
}

TEST(GoldenSchedule, FollowsEverySequence) {
  const Json& schedules = golden()["schedules"];
  const RunLength length{.steps_per_epoch = schedules["steps_per_epoch"].get<std::int64_t>(),
                         .epochs = schedules["epochs"].get<std::int64_t>()};
  for (const Json& test : schedules["cases"]) {
    SCOPED_TRACE(test["config"].dump());
    const Schedule schedule(parse_schedule(test["config"], ""), length);
    const auto expected = test["rates"].get<std::vector<double>>();
    ASSERT_EQ(static_cast<std::int64_t>(expected.size()), length.steps_per_epoch * length.epochs);
    for (std::size_t step = 0; step < expected.size(); ++step)
      EXPECT_NEAR(schedule.learning_rate(static_cast<std::int64_t>(step)), expected[step],
                  1e-9 * expected[step])
          << step;
  }
}

TEST(GoldenSchedule, ReducesOnPlateau) {
  for (const Json& test : golden()["schedules"]["plateau"]) {
    SCOPED_TRACE(test["config"].dump());
    Schedule schedule(parse_schedule(test["config"], ""), {.steps_per_epoch = 3, .epochs = 21});
    for (std::size_t epoch = 0; epoch < test["losses"].size(); ++epoch) {
      EXPECT_DOUBLE_EQ(schedule.learning_rate(static_cast<std::int64_t>(3 * epoch)),
                       test["rates"][epoch].get<double>())
          << epoch;
      schedule.on_epoch(test["losses"][epoch].get<double>());
    }
  }
}

}  // namespace
}  // namespace steelsight::training_golden_test
