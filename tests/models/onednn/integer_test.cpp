// Convolutions in 8-bit integers against plain loops over integers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/random.hpp"
#include "models/network.hpp"

namespace steelsight::integer_test {
namespace {

constexpr std::int64_t kBatch = 2;

struct Maps {
  std::int64_t channels = 0, height = 0, width = 0;
  std::vector<double> values;  // N,C,H,W

  double at(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) const {
    if (y < 0 || x < 0 || y >= height || x >= width) return 0;
    return values[static_cast<std::size_t>(((n * channels + c) * height + y) * width + x)];
  }
};

// In doubles, which hold every sum of integers exactly.
Maps to_integers(const Maps& maps, const IntegerRange& range) {
  const double low = range.is_signed ? -128 : 0, high = range.is_signed ? 127 : 255;
  Maps integers = maps;
  for (double& value : integers.values)
    value = std::clamp(std::nearbyint(value / static_cast<double>(range.step)), low, high);
  return integers;
}

// What reads signed integers runs in floats on a CPU without VNNI.
bool runs_in_integers(const IntegerRange& range) {
  return !range.is_signed || Backend::largest_integer_weight() == kLargestWeight;
}

// Weights as they are multiplied, and what a product of two ones stands for.
struct Weights {
  std::vector<double> values, units;
};

Weights weights_of(const Tensor& tensor, const IntegerRange& range) {
  if (!runs_in_integers(range))
    return {.values = {tensor.values.begin(), tensor.values.end()},
            .units = std::vector<double>(static_cast<std::size_t>(tensor.shape[0]), 1.0)};
  const IntegerWeights integers = to_integers(tensor, Backend::largest_integer_weight());
  Weights weights{.values = {integers.values.begin(), integers.values.end()},
                  .units = {integers.steps.begin(), integers.steps.end()}};
  for (double& unit : weights.units) unit *= static_cast<double>(range.step);
  return weights;
}

// relu(sum of products * units + bias), or without relu
Maps naive_conv(const Maps& src, const IntegerRange& range, const LayerSpec& layer,
                const TensorMap& parameters, bool has_relu = true) {
  const Weights weights = weights_of(parameters.at(layer.name + ".weight"), range);
  const Maps read = runs_in_integers(range) ? to_integers(src, range) : src;
  const auto size = [&](std::int64_t in) {
    return (in + 2 * layer.pad - layer.kernel) / layer.stride + 1;
  };
  Maps dst{
      .channels = layer.out, .height = size(src.height), .width = size(src.width), .values = {}};
  for (std::int64_t n = 0; n < kBatch; ++n)
    for (std::int64_t k = 0; k < layer.out; ++k)
      for (std::int64_t y = 0; y < dst.height; ++y)
        for (std::int64_t x = 0; x < dst.width; ++x) {
          double sum = 0;
          auto weight = weights.values.begin() + k * src.channels * layer.kernel * layer.kernel;
          for (std::int64_t c = 0; c < src.channels; ++c)
            for (std::int64_t i = 0; i < layer.kernel; ++i)
              for (std::int64_t j = 0; j < layer.kernel; ++j)
                sum += *weight++ * read.at(n, c, y * layer.stride + i - layer.pad,
                                           x * layer.stride + j - layer.pad);
          const auto channel = static_cast<std::size_t>(k);
          double value = sum * weights.units[channel];
          if (layer.bias)
            value += static_cast<double>(parameters.at(layer.name + ".bias").values[channel]);
          dst.values.push_back(has_relu ? std::max(value, 0.0) : value);
        }
  return dst;
}

Maps naive_max_pool(const Maps& src, const LayerSpec& layer) {
  const auto size = [&](std::int64_t in) {
    return (in + 2 * layer.pad - layer.kernel) / layer.stride + 1;
  };
  Maps dst{
      .channels = src.channels, .height = size(src.height), .width = size(src.width), .values = {}};
  for (std::int64_t n = 0; n < kBatch; ++n)
    for (std::int64_t c = 0; c < src.channels; ++c)
      for (std::int64_t y = 0; y < dst.height; ++y)
        for (std::int64_t x = 0; x < dst.width; ++x) {
          double largest = -std::numeric_limits<double>::infinity();
          for (std::int64_t i = y * layer.stride - layer.pad, k = 0; k < layer.kernel; ++i, ++k)
            for (std::int64_t j = x * layer.stride - layer.pad, l = 0; l < layer.kernel; ++j, ++l)
              if (i >= 0 && j >= 0 && i < src.height && j < src.width)
                largest = std::max(largest, src.at(n, c, i, j));
          dst.values.push_back(largest);
        }
  return dst;
}

std::vector<float> random_values(std::size_t count, bool is_signed, Random& random) {
  std::vector<float> values(count);
  for (float& value : values) value = is_signed ? random.normal() : std::abs(random.normal());
  return values;
}

TensorMap random_parameters(const NetworkSpec& spec, Random& random) {
  TensorMap parameters;
  for (const ParameterSpec& parameter : parameter_specs(spec))
    parameters[parameter.name] = {
        parameter.shape,
        random_values(static_cast<std::size_t>(element_count(parameter.shape)), true, random)};
  return parameters;
}

std::vector<float> run(const NetworkSpec& spec, const TensorMap& parameters,
                       const Quantization& quantization, const std::vector<float>& input) {
  Backend backend(1);
  InferenceNetwork network(backend, spec, parameters,
                           {.batch_size = kBatch, .quantization = quantization});
  std::vector<float> output(
      static_cast<std::size_t>(kBatch * element_count(network.output_shape())));
  network.run(input, kBatch, output);
  return output;
}

std::int64_t count(const Maps& maps) {
  return kBatch * maps.channels * maps.height * maps.width;
}

struct Case {
  std::int64_t channels, size, out, kernel, stride, pad;
  bool bias, is_signed;
};

class IntegerConv : public testing::TestWithParam<Case> {};

TEST_P(IntegerConv, SumsIntegersExactly) {
  const Case c = GetParam();
  Random random(11);
  const NetworkSpec spec{.input = {c.channels, c.size, c.size},
                         .layers = {{.type = LayerType::conv,
                                     .name = "conv",
                                     .out = c.out,
                                     .kernel = c.kernel,
                                     .stride = c.stride,
                                     .pad = c.pad,
                                     .bias = c.bias},
                                    {.type = LayerType::activation, .name = "relu"}}};
  const TensorMap parameters = random_parameters(spec, random);
  // Steps at which some values are clipped.
  const IntegerRange range{.step = c.is_signed ? 0.02f : 0.01f, .is_signed = c.is_signed};
  const Quantization quantization{.layers = {"conv"}, .values = {{"input", range}}};
  Maps src{.channels = c.channels, .height = c.size, .width = c.size, .values = {}};
  const std::vector<float> input =
      random_values(static_cast<std::size_t>(count(src)), c.is_signed, random);
  src.values.assign(input.begin(), input.end());

  const Maps expected = naive_conv(src, range, spec.layers[0], parameters);
  const std::vector<float> output = run(spec, parameters, quantization, input);
  ASSERT_EQ(output.size(), expected.values.size());
  const double tolerance = runs_in_integers(range) ? 1e-5 : 1e-4;  // floats round each of 800 sums
  for (std::size_t i = 0; i < output.size(); ++i)
    ASSERT_NEAR(output[i], expected.values[i], tolerance * std::max(1.0, expected.values[i])) << i;
}

INSTANTIATE_TEST_SUITE_P(Shapes, IntegerConv,
                         testing::Values(Case{16, 9, 16, 3, 1, 1, true, false},
                                         Case{3, 12, 32, 3, 1, 1, true, true},
                                         Case{1, 8, 5, 3, 1, 1, true, true},
                                         Case{7, 11, 13, 3, 2, 1, true, false},
                                         Case{64, 6, 70, 1, 1, 0, false, false},
                                         Case{32, 10, 16, 5, 2, 2, false, true}));

struct PoolCase {
  std::int64_t size, kernel, stride, pad;
  bool is_signed;  // what is pooled
};

class IntegerPool : public testing::TestWithParam<PoolCase> {};

// Integers from the first convolution through the pooling into the second; floats for the last.
TEST_P(IntegerPool, StaysInIntegersBetweenConvolutions) {
  const PoolCase c = GetParam();
  Random random(12);
  NetworkSpec spec{
      .input = {3, c.size, c.size},
      .layers = {{.type = LayerType::conv, .name = "first", .out = 20, .kernel = 3, .pad = 1},
                 {.type = LayerType::activation, .name = "first_relu"},
                 {.type = LayerType::maxpool,
                  .name = "pool",
                  .kernel = c.kernel,
                  .stride = c.stride,
                  .pad = c.pad},
                 {.type = LayerType::conv, .name = "second", .out = 8, .kernel = 3, .pad = 1},
                 {.type = LayerType::activation, .name = "second_relu"}}};
  const LayerSpec first = spec.layers[0], pool = spec.layers[2], second = spec.layers[3];
  if (c.is_signed) spec.layers.erase(spec.layers.begin() + 1);
  const TensorMap parameters = random_parameters(spec, random);
  const IntegerRange in{.step = 0.025f, .is_signed = true};
  const IntegerRange between{.step = 0.1f, .is_signed = c.is_signed};
  const Quantization quantization{
      .layers = {"first", "second"},
      .values = {{"input", in}, {c.is_signed ? "first" : "first_relu", between}}};
  Maps src{.channels = 3, .height = c.size, .width = c.size, .values = {}};
  const std::vector<float> input =
      random_values(static_cast<std::size_t>(count(src)), true, random);
  src.values.assign(input.begin(), input.end());

  const Maps pooled = naive_max_pool(naive_conv(src, in, first, parameters, !c.is_signed), pool);
  const Maps expected = naive_conv(pooled, between, second, parameters);
  const std::vector<float> output = run(spec, parameters, quantization, input);
  ASSERT_EQ(output.size(), expected.values.size());
  // A sum half-way between two integers can be rounded to either; one of those is seen by the nine
  // places around it.
  std::size_t differing = 0;
  for (std::size_t i = 0; i < output.size(); ++i)
    differing +=
        std::abs(output[i] - expected.values[i]) > 1e-4 * std::max(1.0, expected.values[i]);
  EXPECT_LE(differing, output.size() / 100);
}

INSTANTIATE_TEST_SUITE_P(Windows, IntegerPool,
                         testing::Values(PoolCase{12, 2, 2, 0, false}, PoolCase{13, 2, 2, 0, false},
                                         PoolCase{13, 3, 2, 1, false}, PoolCase{12, 3, 1, 1, false},
                                         PoolCase{12, 2, 2, 0, true}, PoolCase{11, 3, 2, 1, true}));

TEST(IntegerChain, OtherReadersGetFloats) {
  Random random(13);
  const NetworkSpec spec{
      .input = {4, 8, 8},
      .layers = {{.type = LayerType::conv, .name = "first", .out = 8, .kernel = 3, .pad = 1},
                 {.type = LayerType::activation, .name = "relu"},
                 {.type = LayerType::conv, .name = "second", .out = 8, .kernel = 3, .pad = 1},
                 {.type = LayerType::add, .name = "sum", .inputs = {"relu", "second"}},
                 {.type = LayerType::global_avgpool, .name = "pool"}}};
  const TensorMap parameters = random_parameters(spec, random);
  const Quantization quantization{
      .layers = {"first", "second"},
      .values = {{"input", {.step = 0.03f, .is_signed = true}}, {"relu", {.step = 0.1f}}}};
  const std::vector<float> input = random_values(kBatch * 4 * 8 * 8, true, random);
  const std::vector<float> floats = run(spec, parameters, {}, input);
  const std::vector<float> integers = run(spec, parameters, quantization, input);
  EXPECT_NE(integers, floats);
  for (std::size_t i = 0; i < floats.size(); ++i) EXPECT_NEAR(integers[i], floats[i], 1.0f) << i;
}

}  // namespace
}  // namespace steelsight::integer_test
