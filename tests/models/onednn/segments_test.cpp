#include "models/onednn/segments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.hpp"
#include "models/network.hpp"
#include "models/zoo.hpp"

namespace steelsight::segments_test {
namespace {

using onednn::Segment;

std::vector<std::string> texts(const NetworkSpec& spec, std::int64_t batch_size,
                               std::size_t most_bytes) {
  const onednn::Graph graph = onednn::plan(spec, onednn::Mode::inference);
  std::vector<std::string> texts;
  for (const Segment& segment : onednn::plan_segments(graph, batch_size, most_bytes))
    texts.push_back(graph.nodes[segment.first].layer->name + " to " +
                    graph.nodes[segment.end - 1].layer->name + ": " +
                    std::to_string(segment.images));
  return texts;
}

// block1_conv2 reads and writes 24.5 MiB an image, block2_conv2 12.25, block3_conv2 6.1.
TEST(PlanSegments, LargeActivationsGoImageAfterImage) {
  EXPECT_THAT(
      texts(vgg16({.top = false}), 8, std::size_t{32} << 20),
      testing::ElementsAre("block1_conv1 to block1_pool: 1", "block2_conv1 to block2_pool: 2",
                           "block3_conv1 to block3_conv3: 4", "block3_pool to block5_pool: 8"));
  // Block 2 begins at 24.5 MiB for the batch, which is more.
  EXPECT_THAT(
      texts(vgg16({.top = false}), 8, std::size_t{16} << 20),
      testing::ElementsAre("block1_conv1 to block2_pool: 1", "block3_conv1 to block3_pool: 2",
                           "block4_conv1 to block4_conv3: 4", "block4_pool to block5_pool: 8"));
}

TEST(PlanSegments, ALargeBatchIsRunEightImagesAtATimeOrMore) {
  const auto at_once = [](const NetworkSpec& spec, std::int64_t batch_size) {
    return onednn::images_at_once(onednn::plan(spec, onednn::Mode::inference), batch_size,
                                  std::size_t{16} << 20);
  };
  EXPECT_EQ(at_once(vgg16({.top = false}), 64), 8);
  EXPECT_EQ(at_once(vgg16({.top = false}), 5), 5);
  EXPECT_EQ(at_once(vgg16_slim({.input = {1, 32, 32}}), 64), 64);
  EXPECT_EQ(at_once(mlp({.features = 4}), 1000), 1000);
}

TEST(PlanSegments, WhatIsSmallStaysWhole) {
  EXPECT_THAT(texts(vgg16_slim({}), 8, std::size_t{16} << 20),
              testing::ElementsAre("block1_conv1 to predictions: 8"));
}

LayerSpec conv(const char* name, std::int64_t out, const char* input) {
  return {
      .type = LayerType::conv, .name = name, .inputs = {input}, .out = out, .kernel = 3, .pad = 1};
}

// A residual block between two convolutions; its branch reads what the first one wrote. The head
// reads pooled features of two levels.
NetworkSpec residual() {
  return {
      .input = {2, 16, 16},
      .layers = {conv("first", 8, "input"),
                 {.type = LayerType::activation, .name = "relu"},
                 conv("branch1", 8, "relu"),
                 conv("branch2", 8, "branch1"),
                 {.type = LayerType::add, .name = "sum", .inputs = {"relu", "branch2"}},
                 {.type = LayerType::maxpool, .name = "pool", .kernel = 2, .stride = 2},
                 {.type = LayerType::global_avgpool, .name = "features1"},
                 conv("second", 16, "pool"),
                 {.type = LayerType::global_avgpool, .name = "features2"},
                 {.type = LayerType::concat, .name = "both", .inputs = {"features1", "features2"}},
                 {.type = LayerType::dense, .name = "head", .out = 5}}};
}

TEST(PlanSegments, TakeInEveryLayerInItsOrder) {
  for (const std::size_t most : {1u, 10'000u, 20'000u, 40'000u, 60'000u, 200'000u}) {
    const onednn::Graph graph = onednn::plan(residual(), onednn::Mode::inference);
    std::size_t next = 0;
    for (const Segment& segment : onednn::plan_segments(graph, 6, most)) {
      EXPECT_EQ(segment.first, next);
      EXPECT_EQ(6 % segment.images, 0);
      EXPECT_GT(segment.end, segment.first);
      next = segment.end;
    }
    EXPECT_EQ(next, graph.nodes.size());
  }
}

std::vector<float> random_values(std::int64_t count, Random& random) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = random.normal();
  return values;
}

TensorMap random_parameters(const NetworkSpec& spec) {
  Random random(3);
  TensorMap parameters;
  for (const ParameterSpec& parameter : parameter_specs(spec)) {
    Tensor& tensor = parameters[parameter.name];
    tensor = {parameter.shape, random_values(element_count(parameter.shape), random)};
    if (parameter.role == ParameterSpec::Role::running_variance)
      for (float& value : tensor.values) value = 1 + std::abs(value);
  }
  return parameters;
}

// The layouts between segments are oneDNN's choice: 1, 2, 4 and all images, in floats and in
// integers.
class FewImagesAtATime : public testing::TestWithParam<std::size_t> {
 protected:
  static constexpr std::int64_t kBatch = 20;

  static void expect_the_same(const NetworkSpec& spec, const Quantization& quantization) {
    Backend backend(2);
    Random random(4);
    const std::vector<float> input = random_values(kBatch * element_count(spec.input), random);
    InferenceNetwork whole(backend, spec, random_parameters(spec),
                           {.batch_size = kBatch, .quantization = quantization});
    InferenceNetwork parts(
        backend, spec, random_parameters(spec),
        {.batch_size = kBatch, .quantization = quantization, .bytes_at_a_time = GetParam()});
    EXPECT_LE(parts.activation_bytes(), whole.activation_bytes());
    for (const std::int64_t count : {1, 2, 3, 7, 8, 9, 16, 19, 20}) {
      const auto share = [&](std::int64_t image) {
        return static_cast<std::size_t>(image * count);
      };
      std::vector<float> expected(share(element_count(whole.output_shape()))), got = expected;
      const std::span<const float> some(input.data(), share(element_count(spec.input)));
      whole.run(some, count, expected);
      parts.run(some, count, got);
      for (std::size_t i = 0; i < got.size(); ++i)
        ASSERT_NEAR(got[i], expected[i], 1e-5f * std::max(1.0f, std::abs(expected[i])))
            << count << " images, at " << i;
    }
  }
};

TEST_P(FewImagesAtATime, ComputeTheSameAsABatch) {
  expect_the_same(residual(), {});
  expect_the_same(vgg16_slim({.classes = 3, .width = 0.125, .input = {1, 32, 32}}), {});
}

TEST_P(FewImagesAtATime, ComputeTheSameInIntegers) {
  const IntegerRange in{.step = 0.03f, .is_signed = true};
  expect_the_same(residual(), {.layers = {"first", "branch1", "branch2", "second"},
                               .values = {{"input", in},
                                          {"relu", {.step = 0.1f}},
                                          {"branch1", {.step = 2, .is_signed = true}},
                                          {"branch2", {.step = 20, .is_signed = true}},
                                          {"sum", {.step = 20, .is_signed = true}}}});
}

INSTANTIATE_TEST_SUITE_P(Bytes, FewImagesAtATime,
                         testing::Values(1, 8'000, 16'000, 30'000, 60'000, 100'000));

}  // namespace
}  // namespace steelsight::segments_test
