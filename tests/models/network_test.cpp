#include "models/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/error.hpp"
#include "models/loss.hpp"
#include "models/optimizer.hpp"
#include "models/zoo.hpp"

namespace steelsight::network_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TensorMap parameters_of(const NetworkSpec& spec) {
  Random random(1);
  TensorMap parameters;
  for (const ParameterSpec& p : parameter_specs(spec)) {
    Tensor& tensor = parameters[p.name];
    tensor.shape = p.shape;
    const bool one =
        p.role == ParameterSpec::Role::scale || p.role == ParameterSpec::Role::running_variance;
    for (std::int64_t i = 0; i < element_count(p.shape); ++i)
      tensor.values.push_back(one ? 1 : 0.1f * random.normal());
  }
  return parameters;
}

NetworkSpec small() {
  return vgg16_slim({.classes = 3, .width = 0.0625, .input = {1, 32, 32}});
}

TEST(Network, RefusesParametersThatDoNotFit) {
  Backend backend(1);
  const NetworkSpec spec = small();
  TensorMap missing = parameters_of(spec);
  missing.erase("predictions.bias");
  EXPECT_THAT([&] { InferenceNetwork(backend, spec, missing, {}); },
              ThrowsMessage<ModelError>(HasSubstr("'predictions.bias' (3) is missing")));
  TensorMap wrong = parameters_of(spec);
  wrong["predictions.bias"] = {{4}, {0, 0, 0, 0}};
  EXPECT_THAT([&] { TrainingNetwork(backend, spec, wrong, {}); },
              ThrowsMessage<ModelError>(HasSubstr("'predictions.bias' is 4, the network needs 3")));
  TensorMap extra = parameters_of(spec);
  extra["other"] = {{1}, {0}};
  EXPECT_THAT([&] { InferenceNetwork(backend, spec, extra, {}); },
              ThrowsMessage<ModelError>(HasSubstr("'other'")));
}

TEST(Network, RefusesWrongUse) {
  Backend backend(1);
  const NetworkSpec spec = small();
  EXPECT_THROW(InferenceNetwork(backend, spec, parameters_of(spec), {.batch_size = 0}),
               std::invalid_argument);
  InferenceNetwork inference(backend, spec, parameters_of(spec), {.batch_size = 2});
  std::vector<float> input(3UL * 32 * 32), output(9);
  EXPECT_THROW(inference.run(input, 3, output), std::invalid_argument);
  EXPECT_THROW(inference.run(input, 2, output), std::invalid_argument);
  EXPECT_THROW(inference.run(input, 0, output), std::invalid_argument);
  TrainingNetwork training(backend, spec, parameters_of(spec), {.batch_size = 2});
  EXPECT_THROW(training.backward(), std::logic_error);
  EXPECT_THROW(training.input_gradient(), std::logic_error);
  EXPECT_THROW(
      TrainingNetwork(backend, spec, parameters_of(spec), {.frozen_layers = {"no_such_layer"}}),
      ModelError);
  EXPECT_THROW(Backend(-1), BackendError);
}

// Batch norms are folded, ReLUs fused; tanh shrink is a loop of our own.
TEST(Network, TimesTheLayersThatAreLeft) {
  const auto conv = [](const char* name) {
    return LayerSpec{.type = LayerType::conv, .name = name, .out = 4, .kernel = 3, .pad = 1};
  };
  const NetworkSpec spec{
      .input = {2, 8, 8},
      .layers = {
          conv("first"),
          {.type = LayerType::batchnorm, .name = "norm"},
          {.type = LayerType::activation, .name = "relu"},
          conv("second"),
          {.type = LayerType::activation, .name = "shrunk", .function = Activation::tanh_shrink},
          {.type = LayerType::flatten, .name = "flat"},
          {.type = LayerType::dense, .name = "head", .out = 3}}};
  Backend backend(1);
  InferenceNetwork network(backend, spec, parameters_of(spec), {.batch_size = 2});
  std::vector<float> input(2UL * 2 * 8 * 8, 0.5f), output(2UL * 3);
  network.run(input, 2, output);
  std::vector<std::string> layers;
  double sum = 0;
  for (const LayerTime& time : network.run_timed()) {
    layers.push_back(time.layer);
    EXPECT_FALSE(time.kernel.empty()) << time.layer;
    EXPECT_GE(time.milliseconds, 0) << time.layer;
    sum += time.milliseconds;
  }
  EXPECT_THAT(layers, testing::ElementsAre("first", "second", "shrunk", "head", "output"));
  EXPECT_GT(sum, 0);
}

// For one image, dense layers read their weights in another layout than for several.
TEST(Network, GivesAnImageTheSameAloneAndAmongOthers) {
  const NetworkSpec spec{.input = {3, 5, 7},
                         .layers = {{.type = LayerType::flatten, .name = "flat"},
                                    {.type = LayerType::dense, .name = "hidden", .out = 37},
                                    {.type = LayerType::activation, .name = "relu"},
                                    {.type = LayerType::dense, .name = "head", .out = 5}}};
  constexpr std::size_t kImages = 8, kInputs = 3UL * 5 * 7, kOutputs = 5;
  Backend backend(1);
  InferenceNetwork alone(backend, spec, parameters_of(spec), {.batch_size = 1});
  InferenceNetwork together(backend, spec, parameters_of(spec), {.batch_size = kImages});
  Random random(2);
  std::vector<float> input(kImages * kInputs), all(kImages * kOutputs), one(kOutputs);
  for (float& value : input) value = random.normal();
  together.run(input, kImages, all);
  for (std::size_t i = 0; i < kImages; ++i) {
    alone.run(std::span(input).subspan(i * kInputs, kInputs), 1, one);
    for (std::size_t k = 0; k < kOutputs; ++k)
      EXPECT_NEAR(one[k], all[i * kOutputs + k], 1e-5f) << "image " << i << ", output " << k;
  }
}

TEST(Network, FrozenLayersGetNoGradientAndOthersTheSame) {
  Backend backend(1);
  const NetworkSpec spec = small();
  const auto gradients = [&](std::set<std::string> frozen) {
    TrainingNetwork network(backend, spec, parameters_of(spec),
                            {.batch_size = 2, .frozen_layers = std::move(frozen)});
    Random random(2);
    for (float& value : network.input()) value = random.normal();
    network.forward(Random(0));
    for (float& value : network.output_gradient()) value = random.normal();
    network.backward();
    return network.gradients();
  };
  const TensorMap all = gradients({});
  const TensorMap some = gradients({"block1_conv1", "block2_conv1"});
  EXPECT_EQ(all.size(), some.size() + 2);
  for (const auto& [name, gradient] : some) EXPECT_EQ(gradient.values, all.at(name).values) << name;
}

// Frozen, a batch norm is the affine function of inference: its output there, and a gradient of its
// input that is the same for every image and value.
TEST(Network, FrozenBatchNormUsesAndKeepsItsRunningStatistics) {
  Backend backend(1);
  const NetworkSpec spec{.input = {2, 3, 3},
                         .layers = {{.type = LayerType::batchnorm, .name = "bn"},
                                    {.type = LayerType::activation, .name = "relu"}}};
  TensorMap parameters{{"bn.weight", {{2}, {2, -1}}},
                       {"bn.bias", {{2}, {0.5f, 0.25f}}},
                       {"bn.running_mean", {{2}, {1, -2}}},
                       {"bn.running_var", {{2}, {4, 0.25f}}}};
  TrainingNetwork network(backend, spec, parameters,
                          {.batch_size = 4, .input_gradient = true, .frozen_layers = {"bn"}});
  EXPECT_TRUE(network.gradients().empty());
  Random random(2);
  for (float& value : network.input()) value = random.normal();
  const std::span<const float> output = network.forward(Random(0));
  std::ranges::fill(network.output_gradient(), 1.0f);
  network.backward();
  for (std::size_t i = 0; i < output.size(); ++i) {
    const std::size_t c = i / 9 % 2;
    const double deviation = std::sqrt((c == 0 ? 4 : 0.25) + 1e-5);
    const double factor = (c == 0 ? 2 : -1) / deviation;
    const double expected =
        factor * (network.input()[i] - (c == 0 ? 1 : -2)) + (c == 0 ? 0.5 : 0.25);
    EXPECT_NEAR(output[i], std::max(expected, 0.0), 1e-5) << i;
    EXPECT_NEAR(network.input_gradient()[i], expected > 0 ? factor : 0, 1e-5) << i;
  }
  EXPECT_EQ(network.parameters().at("bn.running_mean").values,
            parameters["bn.running_mean"].values);
  EXPECT_EQ(network.parameters().at("bn.running_var").values, parameters["bn.running_var"].values);
}

TEST(Network, DropoutDrawsItsShareAndScales) {
  Backend backend(1);
  const NetworkSpec spec{.input = {4096},
                         .layers = {{.type = LayerType::dropout, .name = "drop", .rate = 0.25f}}};
  TrainingNetwork network(backend, spec, {}, {.batch_size = 4, .input_gradient = true});
  std::ranges::fill(network.input(), 1.0f);
  const std::span<const float> output = network.forward(Random(9));
  const std::vector<float> first(output.begin(), output.end());
  const auto zeros = static_cast<double>(std::ranges::count(first, 0.0f));
  EXPECT_NEAR(zeros / static_cast<double>(first.size()), 0.25, 0.015);
  for (const float value : first) EXPECT_TRUE(value == 0 || value == 1 / 0.75f);
  // The gradient goes where the values went.
  std::ranges::fill(network.output_gradient(), 1.0f);
  network.backward();
  EXPECT_TRUE(std::ranges::equal(network.input_gradient(), first));
  // The same generator gives the same mask, another one another.
  EXPECT_TRUE(std::ranges::equal(network.forward(Random(9)), first));
  EXPECT_FALSE(std::ranges::equal(network.forward(Random(10)), first));
}

// If the whole of a network learns, it can learn one batch by heart.
TEST(Network, LearnsOneBatchByHeart) {
  Backend backend(2);
  const NetworkSpec spec = small();
  TrainingNetwork network(backend, spec, parameters_of(spec), {.batch_size = 6});
  const std::vector<int> labels{0, 1, 2, 2, 1, 0};
  std::vector<ParameterView> views;
  for (auto& [name, gradient] : network.gradients())
    views.push_back({name, network.parameters().at(name).values, gradient.values});
  Optimizer optimizer({.kind = OptimizerKind::adam}, views);
  Random random(5);
  for (float& value : network.input()) value = random.normal();
  LossResult result;
  for (int step = 0; step < 150; ++step) {
    result = compute_loss({}, network.forward(Random(0).child(static_cast<std::uint64_t>(step))),
                          labels, network.output_gradient());
    network.backward();
    optimizer.step(views, 3e-3);
  }
  EXPECT_LT(result.loss, 0.05);
  EXPECT_EQ(result.correct, 6);
}

TEST(Network, TheSameRunGivesTheSameBytes) {
  const NetworkSpec spec = small();
  const auto run = [&] {
    Backend backend(2);
    TrainingNetwork network(backend, spec, parameters_of(spec), {.batch_size = 4});
    Random random(2);
    for (float& value : network.input()) value = random.normal();
    network.forward(Random(0));
    for (float& value : network.output_gradient()) value = random.normal();
    network.backward();
    return network.gradients();
  };
  const TensorMap first = run(), second = run();
  for (const auto& [name, gradient] : first) EXPECT_EQ(gradient.values, second.at(name).values);
}

}  // namespace
}  // namespace steelsight::network_test
