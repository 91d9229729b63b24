#include "models/feature_memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "core/random.hpp"
#include "models/error.hpp"
#include "models/half.hpp"
#include "models/network.hpp"
#include "models/surgery.hpp"
#include "models/zoo.hpp"

namespace steelsight::feature_memory_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

// 2x4x4 -> conv 3 -> relu -> pool 3 -> dropout -> dense 2
NetworkSpec small_spec() {
  return {.input = {2, 4, 4},
          .layers = {{.type = LayerType::conv, .name = "conv", .out = 3, .kernel = 3, .pad = 1},
                     {.type = LayerType::batchnorm, .name = "norm"},
                     {.type = LayerType::activation, .name = "relu"},
                     {.type = LayerType::global_avgpool, .name = "pool"},
                     {.type = LayerType::dropout, .name = "dropout"},
                     {.type = LayerType::dense, .name = "logits", .out = 2}}};
}

FeatureMemory small_memory() {
  FeatureMemory memory{.layers = {"pool"}, .dimension = 3};
  memory.add(std::vector<float>{1, 2, 3}, 0);
  memory.add(std::vector<float>{4, 5, 6}, 1);
  return memory;
}

TEST(MemoryLayers, EndInWhatTheLastDenseLayerReads) {
  EXPECT_THAT(memory_layers(small_spec()), ElementsAre("pool"));
  NetworkSpec spec = small_spec();
  spec.layers.erase(spec.layers.begin() + 4);
  EXPECT_THAT(memory_layers(spec), ElementsAre("pool"));
}

TEST(MemoryLayers, BeginWithThePoolingsBefore) {
  EXPECT_THAT(memory_layers(vgg16_slim({.classes = 2, .input = {1, 32, 32}})),
              ElementsAre("block2_pool", "block3_pool", "block4_pool", "global_pool"));
  EXPECT_THAT(memory_layers(vgg16({.classes = 2, .input = {3, 32, 32}})),
              ElementsAre("block3_pool", "block4_pool", "block5_pool", "fc2_relu"));
}

TEST(MemoryLayers, AreThoseOfAHeadOnPooledFeaturesAlone) {
  const NetworkSpec vgg = vgg16({.top = false, .input = {3, 32, 32}});
  EXPECT_THAT(memory_layers(classifier_on_features(vgg, {"block4_pool", "block5_pool"}, 2)),
              ElementsAre(kFeaturesNorm));
}

TEST(MemoryLayers, AreNoneWithoutADenseLayerBehindAnother) {
  NetworkSpec spec = small_spec();
  spec.layers.push_back({.type = LayerType::activation, .name = "last"});
  EXPECT_TRUE(memory_layers(spec).empty());
  EXPECT_TRUE(
      memory_layers({{5}, {{.type = LayerType::dense, .name = "logits", .out = 2}}}).empty());
}

TEST(WithFeatures, OneRunGivesLogitsAndFeatures) {
  NetworkSpec spec = small_spec();
  spec.layers.back().inputs = {"dropout"};
  spec.layers[0].name = "logits_and_features";  // the names are taken
  spec.layers[1].inputs = {"logits_and_features"};
  spec.layers[2].name = "norm_pooled";
  Random random(4);
  TensorMap parameters;
  for (const ParameterSpec& p : parameter_specs(spec)) {
    parameters[p.name].shape = p.shape;
    for (std::int64_t i = 0; i < element_count(p.shape); ++i)
      parameters[p.name].values.push_back(random.uniform(0.1f, 1.0f));
  }
  NetworkSpec trunk = spec;
  trunk.layers.resize(4);
  TensorMap trunk_parameters = parameters;
  for (const char* name : {"logits.weight", "logits.bias"}) trunk_parameters.erase(name);

  Backend backend(1);
  NetworkSpec norm = trunk;
  norm.layers.resize(2);
  InferenceNetwork both(backend, with_features(spec, {"norm", "pool"}), parameters,
                        {.batch_size = 2});
  InferenceNetwork logits(backend, spec, parameters, {.batch_size = 2});
  InferenceNetwork features(backend, trunk, trunk_parameters, {.batch_size = 2});
  InferenceNetwork maps(backend, norm, trunk_parameters, {.batch_size = 2});
  EXPECT_EQ(both.output_shape(), Shape{8});
  std::vector<float> images(2UL * 2 * 4 * 4), out(16), expected_logits(4), expected_features(6),
      expected_maps(2UL * 3 * 16);
  for (float& value : images) value = random.normal();
  both.run(images, 2, out);
  logits.run(images, 2, expected_logits);
  features.run(images, 2, expected_features);
  maps.run(images, 2, expected_maps);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t k = 0; k < 2; ++k)
      EXPECT_NEAR(out[i * 8 + k], expected_logits[i * 2 + k], 1e-5);
    for (std::size_t d = 0; d < 3; ++d) {
      const float* map = expected_maps.data() + (i * 3 + d) * 16;
      EXPECT_NEAR(out[i * 8 + 2 + d], std::accumulate(map, map + 16, 0.0) / 16, 1e-5);
      EXPECT_NEAR(out[i * 8 + 5 + d], expected_features[i * 3 + d], 1e-5);
    }
  }
}

TEST(FeatureMemory, RoundsToHalvesWithinTheirRange) {
  FeatureMemory memory{.layers = {"pool"}, .dimension = 3};
  memory.add(std::vector<float>{1.0f / 3, 1e9f, -INFINITY}, 1);
  EXPECT_THAT(memory.row(0), ElementsAre(from_half(to_half(1.0f / 3)), 65504, -65504));
  EXPECT_THROW(memory.add(std::vector<float>{1, 2}, 0), std::invalid_argument);
  EXPECT_THROW(memory.add(std::vector<float>{1, 2, NAN}, 0), std::invalid_argument);
  EXPECT_EQ(memory.size(), 1u);
}

TEST(FeatureMemory, SelectsVectorsWithTheirLabels) {
  const FeatureMemory chosen = small_memory().select({1});
  EXPECT_EQ(chosen.layers, small_memory().layers);
  EXPECT_THAT(chosen.row(0), ElementsAre(4, 5, 6));
  EXPECT_THAT(chosen.labels, ElementsAre(1));
  EXPECT_TRUE(small_memory().select({}).empty());
}

TEST(FeatureMemory, GoesThroughTensors) {
  TensorMap tensors = to_tensors(small_memory());
  tensors["conv.weight"] = {{1}, {7}};
  const FeatureMemory memory = take_memory(tensors);
  EXPECT_THAT(memory.layers, ElementsAre("pool"));
  EXPECT_EQ(memory.dimension, 3);
  EXPECT_THAT(memory.features, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(memory.labels, ElementsAre(0, 1));
  EXPECT_EQ(tensors.size(), 1u);
  EXPECT_TRUE(take_memory(tensors).empty());
  EXPECT_TRUE(to_tensors({}).empty());

  FeatureMemory two = small_memory();
  two.layers = {"relu", "pool"};
  tensors = to_tensors(two);
  EXPECT_TRUE(tensors.contains("memory.features.relu,pool"));
  EXPECT_EQ(take_memory(tensors).layers, two.layers);
}

TEST(FeatureMemory, RefusesTensorsThatAreNoWholeMemory) {
  const auto refuses = [](auto change) {
    TensorMap tensors = to_tensors(small_memory());
    change(tensors);
    EXPECT_THROW(take_memory(tensors), ModelError);
  };
  const std::string features = "memory.features.pool", labels = "memory.labels";
  refuses([&](TensorMap& t) { t.erase(labels); });
  refuses([&](TensorMap& t) { t.erase(features); });
  refuses([&](TensorMap& t) { t[labels] = {{3}, {0, 1, 1}}; });
  refuses([&](TensorMap& t) { t[features].shape = {6}; });
  for (const float label : {-1.0f, 0.5f, NAN, 1e30f})
    refuses([&](TensorMap& t) { t[labels].values[1] = label; });
}

TEST(FeatureMemory, IsCheckedAgainstItsNetwork) {
  EXPECT_NO_THROW(check_memory(small_memory(), small_spec(), 2));
  EXPECT_NO_THROW(check_memory({}, small_spec(), 2));
  const auto refuses = [](auto change, const char* message) {
    FeatureMemory memory = small_memory();
    change(memory);
    EXPECT_THAT([&] { check_memory(memory, small_spec(), 2); },
                ThrowsMessage<ModelError>(HasSubstr(message)));
  };
  refuses([](FeatureMemory& m) { m.layers = {"relu"}; }, "of 'relu', expected 'pool'");
  refuses([](FeatureMemory& m) { m.layers = {"relu", "pool"}; }, "of 'relu,pool'");
  refuses([](FeatureMemory& m) { m.dimension = 2; }, "vectors of 2");
  refuses([](FeatureMemory& m) { m.features.pop_back(); }, "5 values");
  refuses([](FeatureMemory& m) { m.labels[0] = 2; }, "label 2");
  refuses([](FeatureMemory& m) { m.labels[0] = -1; }, "label -1");
  refuses([](FeatureMemory& m) { m.features[0] = INFINITY; }, "not finite");
}

}  // namespace
}  // namespace steelsight::feature_memory_test
