#include "models/surgery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/error.hpp"
#include "models/network.hpp"
#include "models/resnet.hpp"
#include "models/zoo.hpp"

namespace steelsight::surgery_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

TensorMap random_parameters(const NetworkSpec& spec) {
  Random random(1);
  TensorMap parameters;
  for (const ParameterSpec& p : parameter_specs(spec)) {
    Tensor& tensor = parameters[p.name];
    tensor.shape = p.shape;
    const bool positive = p.role == ParameterSpec::Role::running_variance;
    for (std::int64_t i = 0; i < element_count(p.shape); ++i)
      tensor.values.push_back(positive ? 0.5f + random.uniform() : 0.3f * random.normal());
  }
  return parameters;
}

std::vector<float> run(const NetworkSpec& spec, const TensorMap& parameters,
                       const std::vector<float>& input) {
  Backend backend(1);
  InferenceNetwork network(backend, spec, parameters_of(spec, parameters), {.batch_size = 2});
  std::vector<float> output(2 * static_cast<std::size_t>(element_count(network.output_shape())));
  network.run(input, 2, output);
  return output;
}

std::vector<float> random_input(std::size_t size) {
  Random random(3);
  std::vector<float> input(size);
  for (float& value : input) value = random.normal();
  return input;
}

// conv a -> relu b -> conv c; d = b + c; pooled, dropped out, dense, softmax
NetworkSpec residual() {
  return {.input = {3, 8, 8},
          .layers = {{.type = LayerType::conv, .name = "a", .out = 4, .kernel = 3, .pad = 1},
                     {.type = LayerType::activation, .name = "b"},
                     {.type = LayerType::conv, .name = "c", .out = 4, .kernel = 3, .pad = 1},
                     {.type = LayerType::add, .name = "d", .inputs = {"b", "c"}},
                     {.type = LayerType::global_avgpool, .name = "e"},
                     {.type = LayerType::dropout, .name = "f"},
                     {.type = LayerType::dense, .name = "g", .out = 5},
                     {.type = LayerType::softmax, .name = "h"}}};
}

TEST(Surgery, TrunkAndRestInARowAreTheNetwork) {
  const NetworkSpec spec = vgg16_slim({.classes = 3, .width = 0.0625, .input = {1, 32, 32}});
  const TensorMap parameters = random_parameters(spec);
  const std::vector<float> input = random_input(2UL * 32 * 32);
  const std::vector<float> whole = run(spec, parameters, input);
  for (const char* cut : {"block1_conv1", "block3_conv2_bn", "block4_pool", "global_pool"}) {
    const std::vector<float> middle = run(trunk_of(spec, cut), parameters, input);
    const std::vector<float> output = run(rest_of(spec, cut), parameters, middle);
    for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(output[i], whole[i], 1e-5) << cut;
  }
}

TEST(Surgery, CutsResidualNetworksOnlyWhereOnePathLeadsOn) {
  const NetworkSpec spec = residual();
  const TensorMap parameters = random_parameters(spec);
  const std::vector<float> input = random_input(2UL * 3 * 8 * 8);
  const std::vector<float> whole = run(spec, parameters, input);
  for (const char* cut : {"b", "d"})
    EXPECT_EQ(run(rest_of(spec, cut), parameters, run(trunk_of(spec, cut), parameters, input)),
              whole);
  EXPECT_THAT([&] { rest_of(spec, "c"); },
              ThrowsMessage<ModelError>(HasSubstr("can't be cut behind 'c': 'd' also reads 'b'")));
  EXPECT_THROW(rest_of(spec, "h"), ModelError);
  EXPECT_THROW(rest_of(spec, "x"), ModelError);
  EXPECT_THROW(trunk_of(spec, "x"), ModelError);
}

TEST(Surgery, JoinsPooledFeaturesInTheOrderAskedFor) {
  const NetworkSpec spec = residual();
  const TensorMap parameters = random_parameters(spec);
  const std::vector<float> input = random_input(2UL * 3 * 8 * 8);
  const NetworkSpec joined = pooled_features(spec, {"d", "a"});
  EXPECT_EQ(joined.layers.back().name, kFeaturesLayer);
  const std::vector<float> output = run(joined, parameters, input);
  const std::vector<float> d = run(trunk_of(spec, "d"), parameters, input);
  const std::vector<float> a = run(trunk_of(spec, "a"), parameters, input);
  ASSERT_EQ(output.size(), 16u);
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t c = 0; c < 8; ++c) {
      double mean = 0;
      for (std::size_t i = 0; i < 64; ++i) mean += (c < 4 ? d : a)[(n * 4 + c % 4) * 64 + i] / 64;
      EXPECT_NEAR(output[n * 8 + c], mean, 1e-6);
    }
  EXPECT_EQ(pooled_features(spec, {"e"}).layers.back().name, "e");
  EXPECT_EQ(pooled_features(spec, {"d"}).layers.back().name, kFeaturesLayer);
  EXPECT_THROW(pooled_features(spec, {}), ModelError);
  EXPECT_THROW(pooled_features(spec, {"d", "d"}), ModelError);
}

TEST(Surgery, FindsLayersByNameAndByStage) {
  const NetworkSpec spec = vgg16({.classes = 2});
  EXPECT_EQ(find_layer(spec, "block5"), "block5_pool");
  EXPECT_EQ(find_layer(spec, "block5_conv3"), "block5_conv3");
  EXPECT_EQ(find_layer(spec, "fc1"), "fc1");
  EXPECT_THAT(
      [&] { find_layer(spec, "layer3"); },
      ThrowsMessage<ModelError>(HasSubstr("no layer 'layer3'; its layers are block1_conv1")));
}

TEST(Surgery, KnowsHeadAndFeatures) {
  EXPECT_EQ(head_of(residual()), "g");
  EXPECT_EQ(features_layer(residual()), "e");
  EXPECT_EQ(resolve(with_outputs(residual(), 9)).back().output, Shape{9});
  const NetworkSpec bare{.input = {4},
                         .layers = {{.type = LayerType::dense, .name = "x", .out = 2}}};
  EXPECT_EQ(features_layer(bare), "input");
  const NetworkSpec none = trunk_of(residual(), "e");
  EXPECT_EQ(head_of(none), "");
  EXPECT_THROW(features_layer(none), ModelError);
  EXPECT_THROW(with_outputs(none, 2), ModelError);
}

TEST(Surgery, TakesRowsOverByPlace) {
  const Tensor old_rows{{2, 2}, {1, 2, 3, 4}}, fresh{{3, 2}, {9, 9, 8, 8, 7, 7}};
  EXPECT_THAT(reordered_rows(old_rows, fresh, {1, -1, 0}).values, ElementsAre(3, 4, 8, 8, 1, 2));
  EXPECT_EQ(layer_of_parameter("layer1.0.conv1.weight"), "layer1.0.conv1");
}

TEST(Surgery, FindsTheEndsOfStages) {
  const NetworkSpec resnet = resnet50({.classes = 2, .input = {3, 64, 64}});
  EXPECT_THAT(stage_ends(resnet, 3),
              ElementsAre(find_layer(resnet, "layer2"), find_layer(resnet, "layer3"),
                          find_layer(resnet, "layer4")));
  EXPECT_THAT(stage_ends(vgg16_slim({.classes = 2}), 4),
              ElementsAre("block2_pool", "block3_pool", "block4_pool", "block5_pool"));
  EXPECT_THAT(
      stage_ends(
          classifier_on_features(vgg16_slim({.classes = 2}), {"block2_pool", "block5_pool"}, 2), 2),
      ElementsAre("block4_pool", "block5_pool"));
  EXPECT_THAT(stage_ends(residual(), 9), ElementsAre("d"));
  EXPECT_THAT(stage_ends(residual(), 0), ElementsAre());
  EXPECT_THROW(stage_ends(mlp({}), 1), ModelError);
}

}  // namespace
}  // namespace steelsight::surgery_test
