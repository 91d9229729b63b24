// Against scikit-learn: scripts/reference/export_tables.py
#include <gtest/gtest.h>

#include "core/atomic_file.hpp"
#include "models/loss.hpp"
#include "models/network.hpp"
#include "models/zoo.hpp"
#include "pipeline/features/features.hpp"
#include "pipeline/train/learner.hpp"
#include "preprocessing/table_scaling.hpp"

namespace steelsight::table_golden_test {
namespace {

using Rows = std::vector<std::vector<double>>;

const Json& reference() {
  static const Json json = parse_json(
      read_file(STEELSIGHT_SOURCE_DIR "/tests/pipeline/train/data/tables.json"), "tables.json");
  return json;
}

// All rows behind one another.
std::vector<float> scaled(Scaling scaling) {
  const Rows rows = reference().at("rows");
  const std::vector<std::span<const double>> views(rows.begin(), rows.end());
  const TableScaling fitted = fit_scaling(scaling, {"a", "b", "c"}, views);
  std::vector<float> inputs(rows.size() * 3);
  for (std::size_t r = 0; r < rows.size(); ++r)
    scale_row(fitted, rows[r], std::span(inputs).subspan(3 * r, 3));
  return inputs;
}

TEST(TableGolden, ScalingsAreThoseOfScikitLearn) {
  for (const auto& [scaling, name] :
       {std::pair{Scaling::standard, "standard"}, std::pair{Scaling::minmax, "minmax"}}) {
    const std::vector<float> inputs = scaled(scaling);
    const Rows expected = reference().at(name);
    for (std::size_t i = 0; i < inputs.size(); ++i)
      EXPECT_NEAR(static_cast<double>(inputs[i]), expected[i / 3][i % 3], 1e-6) << name << i;
  }
}

// Cross-entropy over two logits is logistic regression on their difference: the coefficients are
// the difference of the two rows of weights, and L2 of both rows is half the L2 of the difference.
TEST(TableGolden, TrainingFindsTheLogisticRegressionOfScikitLearn) {
  const std::vector<int> labels = reference().at("labels");
  const std::vector<float> inputs = scaled(Scaling::standard);
  const NetworkSpec spec = mlp({.features = 3, .hidden = {}});
  Backend backend(1);
  for (const Json& fit : reference().at("logistic")) {
    LearnerConfig config;
    config.optimizer = {.momentum = 0.9, .weight_decay = 2 * fit.at("decay").get<double>()};
    config.schedule = {.kind = ScheduleKind::constant, .learning_rate = 0.2};
    config.batch_size = 40;
    Learner learner(backend, config, spec, initial_parameters(spec, 1),
                    {.examples = std::make_unique<FeatureSource>(make_features({3}, inputs), 40),
                     .labels = labels});
    for (int epoch = 0; epoch < 1000; ++epoch)
      learner.run_epoch(epoch, [](std::size_t, double) { return true; });
    const auto& weight = learner.parameters().at("predictions.weight").values;
    const auto& bias = learner.parameters().at("predictions.bias").values;
    const std::vector<double> coefficients = fit.at("coefficients");
    for (std::size_t c = 0; c < 3; ++c)
      EXPECT_NEAR(static_cast<double>(weight[3 + c] - weight[c]), coefficients[c], 1e-4);
    EXPECT_NEAR(static_cast<double>(bias[1] - bias[0]), fit.at("intercept").get<double>(), 1e-4);

    InferenceNetwork network(backend, spec, learner.parameters(), {.batch_size = 40});
    std::vector<float> probabilities(80);
    network.run(inputs, 40, probabilities);
    softmax(probabilities, 2, probabilities);
    const std::vector<double> expected = fit.at("probabilities");
    for (std::size_t r = 0; r < 40; ++r)
      EXPECT_NEAR(static_cast<double>(probabilities[2 * r + 1]), expected[r], 1e-4);
  }
}

}  // namespace
}  // namespace steelsight::table_golden_test
