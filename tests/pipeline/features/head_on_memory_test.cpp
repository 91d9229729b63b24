#include "pipeline/features/head_on_memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "core/random.hpp"
#include "models/network.hpp"
#include "models/surgery.hpp"
#include "models/zoo.hpp"
#include "pipeline/train/learner.hpp"

namespace steelsight::head_on_memory_test {
namespace {

constexpr std::size_t kRemembered = 40;

// A small VGG with a memory of what it really says of random images.
class HeadOnMemory : public testing::Test {
 protected:
  void SetUp() override {
    model_.spec = vgg16_slim({.classes = 2, .width = 1.0 / 16, .input = {1, 32, 32}});
    model_.parameters = initial_parameters(model_.spec, 5);
    model_.class_names = {"a", "b"};
    Random random(7);
    images_.resize(kRemembered * 32 * 32);
    for (float& value : images_) value = random.normal();
    model_.memory.layers = memory_layers(model_.spec);
    const std::vector<float> rows =
        outputs(with_features(model_.spec, model_.memory.layers), model_.parameters);
    const std::size_t width = rows.size() / kRemembered;
    model_.memory.dimension = static_cast<std::int64_t>(width - 2);
    for (std::size_t i = 0; i < kRemembered; ++i)
      model_.memory.add(std::span(rows).subspan(i * width + 2, width - 2), static_cast<int>(i % 2));
  }
  std::vector<float> outputs(const NetworkSpec& spec, const TensorMap& parameters) {
    InferenceNetwork network(backend_, spec, parameters, {.batch_size = kRemembered});
    std::vector<float> values(kRemembered *
                              static_cast<std::size_t>(element_count(network.output_shape())));
    network.run(images_, kRemembered, values);
    return values;
  }

  Backend backend_{1};
  Model model_;
  std::vector<float> images_;
};

TEST_F(HeadOnMemory, ReadsTheMemoryStandardised) {
  const Model changed = with_head_on_memory(model_);
  EXPECT_THAT(changed.memory.layers, testing::ElementsAre(kFeaturesNorm));
  EXPECT_EQ(changed.memory.labels, model_.memory.labels);
  EXPECT_EQ(features_layer(changed.spec), kFeaturesNorm);
  EXPECT_NO_THROW(check_memory(changed.memory, changed.spec, 2));
  EXPECT_NO_THROW(check_parameters(changed.spec, changed.parameters));
  const auto columns = static_cast<std::size_t>(changed.memory.dimension);
  for (std::size_t c = 0; c < columns; ++c) {
    double mean = 0, squares = 0;
    for (std::size_t i = 0; i < kRemembered; ++i) {
      mean += changed.memory.row(i)[c] / double{kRemembered};
      squares += std::pow(changed.memory.row(i)[c], 2) / double{kRemembered};
    }
    EXPECT_NEAR(mean, 0, 1e-3) << c;
    // 0 for a feature that is the same for all images; less than 1 where the variance is near the
    // norm's epsilon.
    EXPECT_LT(squares, 1.001) << c;
  }
}

// What the new network computes from the images is what the memory of it says.
TEST_F(HeadOnMemory, ItsNetworkGivesWhatItRemembers) {
  const Model changed = with_head_on_memory(model_);
  const NetworkSpec trunk = trunk_of(changed.spec, kFeaturesNorm);
  const std::vector<float> rows = outputs(trunk, parameters_of(trunk, changed.parameters));
  ASSERT_EQ(rows.size(), changed.memory.features.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_NEAR(rows[i], changed.memory.features[i], 2e-2 * std::max(1.0f, std::abs(rows[i])));
  for (const float logit : outputs(changed.spec, changed.parameters)) EXPECT_EQ(logit, 0);
}

TEST_F(HeadOnMemory, StaysAsItIsOnceItIsOne) {
  const Model once = with_head_on_memory(model_), twice = with_head_on_memory(once);
  EXPECT_EQ(to_json(twice.spec), to_json(once.spec));
  EXPECT_EQ(twice.memory.features, once.memory.features);
}

TEST_F(HeadOnMemory, NeedsAMemory) {
  model_.memory = {};
  EXPECT_THROW(with_head_on_memory(model_), std::invalid_argument);
}

}  // namespace
}  // namespace steelsight::head_on_memory_test
