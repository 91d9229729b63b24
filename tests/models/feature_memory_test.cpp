#include "models/feature_memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"
#include "models/error.hpp"
#include "models/half.hpp"
#include "models/network.hpp"
#include "models/zoo.hpp"

namespace steelsight {
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
  FeatureMemory memory{.layer = "pool", .dimension = 3};
  memory.add(std::vector<float>{1, 2, 3}, 0);
  memory.add(std::vector<float>{4, 5, 6}, 1);
  return memory;
}

TEST(MemoryLayer, IsWhatTheLastDenseLayerReads) {
  EXPECT_EQ(memory_layer(small_spec()), "pool");
  NetworkSpec spec = small_spec();
  spec.layers.erase(spec.layers.begin() + 4);
  EXPECT_EQ(memory_layer(spec), "pool");
  EXPECT_TRUE(memory_layer(vgg16_slim({.classes = 2, .input = {1, 32, 32}})));
}

TEST(MemoryLayer, IsNoneWithoutADenseLayerBehindAnother) {
  NetworkSpec spec = small_spec();
  spec.layers.push_back({.type = LayerType::activation, .name = "last"});
  EXPECT_FALSE(memory_layer(spec));
  EXPECT_FALSE(memory_layer({{5}, {{.type = LayerType::dense, .name = "logits", .out = 2}}}));
}

TEST(MemoryLayer, OneRunGivesLogitsAndFeatures) {
  NetworkSpec spec = small_spec();
  spec.layers.back().inputs = {"dropout"};
  spec.layers[0].name = "logits_and_features";  // the name is taken
  spec.layers[1].inputs = {"logits_and_features"};
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
  InferenceNetwork both(backend, with_features(spec, "pool"), parameters, {.batch_size = 2});
  InferenceNetwork logits(backend, spec, parameters, {.batch_size = 2});
  InferenceNetwork features(backend, trunk, trunk_parameters, {.batch_size = 2});
  EXPECT_EQ(both.output_shape(), Shape{5});
  std::vector<float> images(2 * 2 * 4 * 4), out(10), expected_logits(4), expected_features(6);
  for (float& value : images) value = random.normal();
  both.run(images, 2, out);
  logits.run(images, 2, expected_logits);
  features.run(images, 2, expected_features);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t k = 0; k < 2; ++k)
      EXPECT_NEAR(out[i * 5 + k], expected_logits[i * 2 + k], 1e-5);
    for (std::size_t d = 0; d < 3; ++d)
      EXPECT_NEAR(out[i * 5 + 2 + d], expected_features[i * 3 + d], 1e-5);
  }
}

TEST(FeatureMemory, RoundsToHalvesWithinTheirRange) {
  FeatureMemory memory{.layer = "pool", .dimension = 3};
  memory.add(std::vector<float>{1.0f / 3, 1e9f, -INFINITY}, 1);
  EXPECT_THAT(memory.row(0), ElementsAre(from_half(to_half(1.0f / 3)), 65504, -65504));
  EXPECT_THROW(memory.add(std::vector<float>{1, 2}, 0), std::invalid_argument);
  EXPECT_THROW(memory.add(std::vector<float>{1, 2, NAN}, 0), std::invalid_argument);
  EXPECT_EQ(memory.size(), 1u);
}

TEST(FeatureMemory, GoesThroughTensors) {
  TensorMap tensors = to_tensors(small_memory());
  tensors["conv.weight"] = {{1}, {7}};
  const FeatureMemory memory = take_memory(tensors);
  EXPECT_EQ(memory.layer, "pool");
  EXPECT_EQ(memory.dimension, 3);
  EXPECT_THAT(memory.features, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(memory.labels, ElementsAre(0, 1));
  EXPECT_EQ(tensors.size(), 1u);
  EXPECT_TRUE(take_memory(tensors).empty());
  EXPECT_TRUE(to_tensors({}).empty());
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
  refuses([](FeatureMemory& m) { m.layer = "relu"; }, "of layer 'relu'");
  refuses([](FeatureMemory& m) { m.layer = "nowhere"; }, "of layer 'nowhere'");
  refuses([](FeatureMemory& m) { m.dimension = 2; }, "vectors of 2");
  refuses([](FeatureMemory& m) { m.features.pop_back(); }, "5 values");
  refuses([](FeatureMemory& m) { m.labels[0] = 2; }, "label 2");
  refuses([](FeatureMemory& m) { m.labels[0] = -1; }, "label -1");
  refuses([](FeatureMemory& m) { m.features[0] = INFINITY; }, "not finite");
}

}  // namespace
}  // namespace steelsight
