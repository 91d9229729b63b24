// A whole small VGG16, with and without batch norm, against PyTorch: logits, loss, every gradient,
// and ten steps of two optimisers. The values come from scripts/reference/export_vgg.py.
#include <gtest/gtest.h>

#include <cmath>

#include "core/atomic_file.hpp"
#include "core/json_object.hpp"
#include "models/grad_cam.hpp"
#include "models/loss.hpp"
#include "models/network.hpp"
#include "models/optimizer.hpp"
#include "models/safetensors.hpp"
#include "models/zoo.hpp"

namespace steelsight::vgg_golden_test {
namespace {

constexpr std::int64_t kBatch = 6;
constexpr std::int64_t kClasses = 5;

class VggGolden : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    golden_ = read_safetensors(fs::path(STEELSIGHT_TEST_DATA_DIR) /
                               (std::string("vgg_") + GetParam() + ".safetensors"))
                  .tensors;
    batch_norm_ = std::string(GetParam()) == "bn";
    for (const float label : golden_.at("labels").values)
      labels_.push_back(static_cast<int>(label));
  }

  // The published network with a sixteenth of its channels, 16 in the dense layers, no dropout.
  NetworkSpec spec() const {
    NetworkSpec spec =
        vgg16({.classes = kClasses, .batch_norm = batch_norm_, .input = {3, 32, 32}});
    for (LayerSpec& layer : spec.layers) {
      if (layer.type == LayerType::conv) layer.out /= 16;
      if (layer.type == LayerType::dense && layer.name != "predictions") layer.out = 16;
      if (layer.type == LayerType::dropout) layer.rate = 0;
    }
    return spec;
  }

  TensorMap tensors(const std::string& prefix) const {
    TensorMap found;
    for (const auto& [name, tensor] : golden_)
      if (name.starts_with(prefix)) found[name.substr(prefix.size())] = tensor;
    return found;
  }

  // rms of the difference, relative to the rms of the expected values.
  static double deviation(std::span<const float> got, std::span<const float> expected) {
    EXPECT_EQ(got.size(), expected.size());
    double difference = 0, norm = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      difference += std::pow(static_cast<double>(got[i]) - static_cast<double>(expected[i]), 2);
      norm += std::pow(static_cast<double>(expected[i]), 2);
    }
    return std::sqrt(difference / std::max(norm, 1e-30));
  }

  std::vector<float> logits(const TensorMap& parameters) {
    InferenceNetwork network(backend_, spec(), parameters, {.batch_size = kBatch});
    std::vector<float> output(kBatch * kClasses);
    network.run(golden_.at("input").values, kBatch, output);
    return output;
  }

  LossResult forward_and_backward(TrainingNetwork& network) {
    std::ranges::copy(golden_.at("input").values, network.input().begin());
    const LossResult result =
        compute_loss({}, network.forward(Random(0)), labels_, network.output_gradient());
    network.backward();
    return result;
  }

  void follow(const std::string& name, const OptimizerConfig& config, double learning_rate) {
    TrainingNetwork network(backend_, spec(), tensors("param/"), {.batch_size = kBatch});
    std::vector<ParameterView> views;
    for (auto& [parameter, gradient] : network.gradients())
      views.push_back({parameter, network.parameters().at(parameter).values, gradient.values});
    Optimizer optimizer(config, views);
    const Values& losses = golden_.at(name + "_loss").values;
    ASSERT_EQ(losses.size(), 10u);
    for (const float expected : losses) {
      EXPECT_NEAR(forward_and_backward(network).loss, static_cast<double>(expected),
                  5e-5 * static_cast<double>(expected));
      optimizer.step(views, learning_rate);
    }
    for (const auto& [parameter, expected] : tensors(name + "_final/"))
      EXPECT_LT(deviation(network.parameters().at(parameter).values, expected.values), 5e-5)
          << parameter;
    EXPECT_LT(deviation(logits(network.parameters()), golden_.at(name + "_logits").values), 5e-5);
  }

  Backend backend_{2};
  TensorMap golden_;
  bool batch_norm_ = false;
  std::vector<int> labels_;
};

TEST_P(VggGolden, LogitsOfInference) {
  EXPECT_LT(deviation(logits(tensors("param/")), golden_.at("logits_eval").values), 1e-5);
}

TEST_P(VggGolden, LogitsLossAndGradientsOfTraining) {
  TrainingNetwork network(backend_, spec(), tensors("param/"), {.batch_size = kBatch});
  std::ranges::copy(golden_.at("input").values, network.input().begin());
  const std::span<const float> got = network.forward(Random(0));
  EXPECT_LT(deviation(got, golden_.at("logits_train").values), 1e-5);
  const LossResult result = compute_loss({}, got, labels_, network.output_gradient());
  EXPECT_NEAR(result.loss, static_cast<double>(golden_.at("loss").values[0]), 1e-5);
  network.backward();
  const TensorMap gradients = tensors("grad/");
  EXPECT_EQ(gradients.size(), network.gradients().size());
  for (const auto& [name, expected] : gradients)
    EXPECT_LT(deviation(network.gradients().at(name).values, expected.values), 1e-4) << name;
  for (const auto& [name, expected] : tensors("running/"))
    EXPECT_LT(deviation(network.parameters().at(name).values, expected.values), 1e-5) << name;
}

// At raw convolutions, behind batch norm and activation, and at a pooling. The values come from
// scripts/reference/export_grad_cam.py.
TEST_P(VggGolden, GradCamMaps) {
  const fs::path file = fs::path(STEELSIGHT_TEST_DATA_DIR) / "grad_cam.json";
  const Json layers = parse_json(read_file(file), file.string()).at(GetParam());
  ASSERT_EQ(layers.size(), 5u);
  for (const auto& [layer, expected] : layers.items()) {
    GradCam cam(backend_, spec(), tensors("param/"), {.batch_size = kBatch, .layer = layer});
    std::vector<float> maps(kBatch * static_cast<std::size_t>(cam.height() * cam.width()));
    cam.run(golden_.at("input").values, labels_, maps);
    EXPECT_LT(deviation(maps, expected.get<std::vector<float>>()), 1e-4) << layer;
  }
}

TEST_P(VggGolden, TenStepsOfSgd) {
  follow("sgd", {.kind = OptimizerKind::sgd, .momentum = 0.9, .weight_decay = 5e-4}, 0.01);
}

TEST_P(VggGolden, TenStepsOfAdam) {
  follow("adam", {.kind = OptimizerKind::adam}, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Networks, VggGolden, testing::Values("plain", "bn"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace steelsight::vgg_golden_test
