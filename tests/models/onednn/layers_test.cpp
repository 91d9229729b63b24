// Every layer, forward and backward, over a table of shapes, against plain loops in double
// precision (naive_network.hpp) and their central differences.
#include <gtest/gtest.h>

#include <cmath>
#include <span>

#include "models/network.hpp"
#include "tests/models/naive_network.hpp"

namespace steelsight::layers_test {
namespace {

constexpr std::int64_t kBatch = 3;

struct Case {
  std::string name;
  NetworkSpec spec;
  float input_low = -1.5f, input_high = 1.5f;
};

LayerSpec conv(std::int64_t out, std::int64_t kernel, std::int64_t stride, std::int64_t pad,
               bool bias = true) {
  return {.type = LayerType::conv,
          .name = "conv",
          .out = out,
          .kernel = kernel,
          .stride = stride,
          .pad = pad,
          .bias = bias};
}

LayerSpec window(LayerType type, std::int64_t kernel, std::int64_t stride, std::int64_t pad) {
  return {.type = type, .name = "pool", .kernel = kernel, .stride = stride, .pad = pad};
}

LayerSpec simple(LayerType type, std::string name, std::vector<std::string> inputs = {}) {
  return {.type = type, .name = std::move(name), .inputs = std::move(inputs)};
}

LayerSpec activation(Activation function, float alpha = 0, float beta = 0) {
  return {.type = LayerType::activation,
          .name = "activation",
          .function = function,
          .alpha = alpha,
          .beta = beta};
}

LayerSpec dense(std::int64_t out, bool bias = true) {
  return {.type = LayerType::dense, .name = "dense", .out = out, .bias = bias};
}

// A unit with two ways through it, as in residual networks, and one with two ends put together.
NetworkSpec residual() {
  LayerSpec first = conv(16, 3, 1, 1, false);
  LayerSpec second = conv(16, 3, 1, 1);
  second.name = "conv2";
  LayerSpec relu = activation(Activation::relu);
  relu.name = "relu";
  LayerSpec end = activation(Activation::relu);
  end.name = "end";
  LayerSpec norm = simple(LayerType::batchnorm, "norm");
  LayerSpec norm_relu = activation(Activation::relu);
  norm_relu.name = "norm_relu";
  return {{3, 6, 5},
          {first, norm, norm_relu, second, relu,
           simple(LayerType::add, "sum", {"norm_relu", "relu", "norm_relu"}), end}};
}

NetworkSpec inception() {
  LayerSpec a = conv(5, 1, 1, 0);
  a.name = "a";
  LayerSpec b = conv(20, 3, 1, 1);
  b.name = "b";
  b.inputs = {"input"};
  LayerSpec c = window(LayerType::maxpool, 3, 1, 1);
  c.inputs = {"a"};
  return {{4, 5, 6}, {a, b, c, simple(LayerType::concat, "all", {"b", "pool", "input", "a"})}};
}

std::vector<Case> cases() {
  std::vector<Case> table{
      {"conv_3x3_pad_gray", {{1, 9, 8}, {conv(16, 3, 1, 1)}}},
      {"conv_3x3_pad_color", {{3, 8, 7}, {conv(32, 3, 1, 1, false)}}},
      {"conv_3x3_blocked", {{16, 10, 10}, {conv(32, 3, 1, 1)}}},
      {"conv_odd_channels", {{5, 7, 9}, {conv(7, 3, 1, 1)}}},
      {"conv_3x3_stride_2", {{16, 9, 8}, {conv(16, 3, 2, 1)}}},
      {"conv_1x1", {{16, 5, 5}, {conv(8, 1, 1, 0)}}},
      {"conv_1x1_stride_2", {{16, 6, 7}, {conv(32, 1, 2, 0)}}},
      {"conv_7x7_stride_2", {{3, 15, 14}, {conv(16, 7, 2, 3)}}},
      {"conv_5x5_no_pad", {{2, 8, 8}, {conv(3, 5, 1, 0)}}},
      {"conv_kernel_is_image", {{4, 3, 3}, {conv(6, 3, 1, 0)}}},
      {"dense", {{7}, {dense(5)}}},
      {"dense_no_bias", {{64}, {dense(33, false)}}},
      {"dense_one", {{1}, {dense(1)}}},
      {"batchnorm_image", {{16, 5, 4}, {simple(LayerType::batchnorm, "norm")}}},
      {"batchnorm_odd_channels", {{5, 3, 3}, {simple(LayerType::batchnorm, "norm")}}},
      {"batchnorm_vector", {{12}, {simple(LayerType::batchnorm, "norm")}}},
      {"batchnorm_relu",
       {{6, 4, 4}, {simple(LayerType::batchnorm, "norm"), activation(Activation::relu)}}},
      {"conv_batchnorm_relu",
       {{3, 6, 6},
        {conv(16, 3, 1, 1, false), simple(LayerType::batchnorm, "norm"),
         activation(Activation::relu)}}},
      {"dense_batchnorm_tanh",
       {{9}, {dense(8), simple(LayerType::batchnorm, "norm"), activation(Activation::tanh)}}},
      {"prelu_image", {{5, 4, 3}, {simple(LayerType::prelu, "prelu")}}},
      {"prelu_vector", {{7}, {simple(LayerType::prelu, "prelu")}}},
      {"conv_prelu", {{3, 6, 5}, {conv(20, 3, 1, 1), simple(LayerType::prelu, "prelu")}}},
      {"dense_prelu_softmax",
       {{9}, {dense(8), simple(LayerType::prelu, "prelu"), simple(LayerType::softmax, "end")}}},
      {"maxpool_2x2", {{16, 8, 6}, {window(LayerType::maxpool, 2, 2, 0)}}},
      {"maxpool_odd_size", {{3, 7, 5}, {window(LayerType::maxpool, 2, 2, 0)}}},
      {"maxpool_3x3_stride_2_pad", {{5, 9, 8}, {window(LayerType::maxpool, 3, 2, 1)}}},
      {"avgpool_2x2", {{16, 6, 6}, {window(LayerType::avgpool, 2, 2, 0)}}},
      {"avgpool_3x3_pad", {{3, 5, 6}, {window(LayerType::avgpool, 3, 2, 1)}}},
      {"pool_default_stride", {{3, 6, 6}, {window(LayerType::maxpool, 3, 0, 0)}}},
      {"global_avgpool", {{10, 5, 7}, {simple(LayerType::global_avgpool, "pool")}}},
      {"flatten_dense", {{16, 3, 2}, {simple(LayerType::flatten, "flatten"), dense(4)}}},
      {"conv_pool_flatten_dense",
       {{3, 8, 8},
        {conv(8, 3, 1, 1), activation(Activation::relu), window(LayerType::maxpool, 2, 2, 0),
         simple(LayerType::flatten, "flatten"), dense(5)}}},
      {"softmax", {{6}, {simple(LayerType::softmax, "softmax")}}},
      {"dense_softmax", {{6}, {dense(4), simple(LayerType::softmax, "softmax")}}},
      {"residual", residual()},
      {"inception", inception()},
      {"add_input_twice", {{4}, {simple(LayerType::add, "sum", {"input", "input"})}}},
  };
  struct Function {
    const char* name;
    Activation function;
    float alpha = 0, beta = 0;
  };
  const std::vector<Function> functions{{"relu", Activation::relu},
                                        {"leaky_relu", Activation::leaky_relu, 0.2f},
                                        {"elu", Activation::elu, 0.7f},
                                        {"tanh", Activation::tanh},
                                        {"logistic", Activation::logistic},
                                        {"softplus", Activation::softplus},
                                        {"log_sigmoid", Activation::log_sigmoid},
                                        {"gelu", Activation::gelu},
                                        {"gelu_tanh", Activation::gelu_tanh},
                                        {"swish", Activation::swish, 1.3f},
                                        {"hard_swish", Activation::hard_swish},
                                        {"mish", Activation::mish},
                                        {"clip", Activation::clip, -0.5f, 0.8f},
                                        {"linear", Activation::linear, 2, -1},
                                        {"abs", Activation::abs},
                                        {"square", Activation::square},
                                        {"exp", Activation::exp},
                                        {"identity", Activation::identity},
                                        {"selu", Activation::selu},
                                        {"softsign", Activation::softsign},
                                        {"arctan", Activation::arctan},
                                        {"hard_sigmoid", Activation::hard_sigmoid},
                                        {"hard_tanh", Activation::hard_tanh},
                                        {"tanh_shrink", Activation::tanh_shrink},
                                        {"soft_shrink", Activation::soft_shrink, 0.4f},
                                        {"hard_shrink", Activation::hard_shrink, 0.6f}};
  for (const Function& f : functions) {
    table.push_back({f.name, {{5, 4, 3}, {activation(f.function, f.alpha, f.beta)}}, -5, 5});
    table.push_back({std::string("conv_") + f.name,
                     {{3, 5, 5}, {conv(16, 3, 1, 1), activation(f.function, f.alpha, f.beta)}}});
  }
  table.push_back({"sqrt", {{9}, {activation(Activation::sqrt)}}, 0.1f, 4});
  return table;
}

void PrintTo(const Case& test, std::ostream* out) {
  *out << test.name;
}

class Layer : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    Random random(11);
    const NetworkSpec& spec = GetParam().spec;
    for (const ParameterSpec& p : parameter_specs(spec)) {
      const bool variance = p.role == ParameterSpec::Role::running_variance;
      Tensor tensor{p.shape, {}};
      for (std::int64_t i = 0; i < element_count(p.shape); ++i)
        tensor.values.push_back(variance ? random.uniform(0.5f, 2) : random.uniform(-0.8f, 0.8f));
      naive_.values[p.name] = widen(tensor.values);
      parameters_[p.name] = std::move(tensor);
    }
    input_.resize(static_cast<std::size_t>(kBatch * element_count(spec.input)));
    for (float& value : input_) value = random.uniform(GetParam().input_low, GetParam().input_high);
  }

  static std::vector<double> widen(std::span<const float> values) {
    return {values.begin(), values.end()};
  }

  static void expect_close(std::span<const float> got, const std::vector<double>& expected,
                           const std::string& what) {
    ASSERT_EQ(got.size(), expected.size()) << what;
    double largest = 0;
    for (const double value : expected) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < got.size(); ++i)
      ASSERT_NEAR(static_cast<double>(got[i]), expected[i], 1e-5 * std::max(1.0, largest))
          << what << " at " << i;
  }

  Backend backend_{2};
  TensorMap parameters_;
  NaiveParameters naive_;
  std::vector<float> input_;
};

TEST_P(Layer, InferenceAgreesWithPlainLoops) {
  const NetworkSpec& spec = GetParam().spec;
  InferenceNetwork network(backend_, spec, parameters_, {.batch_size = kBatch});
  const std::vector<double> expected =
      naive_forward(spec, naive_, widen(input_), kBatch, /*training=*/false);
  std::vector<float> output(expected.size());
  network.run(input_, kBatch, output);
  expect_close(output, expected, "output");

  // A short batch gives the same rows.
  const std::span<const float> first(input_.data(), input_.size() / kBatch);
  std::vector<float> row(output.size() / kBatch);
  network.run(first, 1, row);
  EXPECT_EQ(row, std::vector<float>(output.begin(),
                                    output.begin() + static_cast<std::ptrdiff_t>(row.size())));
}

TEST_P(Layer, TrainingForwardAgreesWithPlainLoops) {
  TrainingNetwork network(backend_, GetParam().spec, parameters_, {.batch_size = kBatch});
  std::ranges::copy(input_, network.input().begin());
  const std::vector<double> expected =
      naive_forward(GetParam().spec, naive_, widen(input_), kBatch, /*training=*/true);
  expect_close(network.forward(Random(0)), expected, "output");
}

TEST_P(Layer, GradientsAgreeWithCentralDifferences) {
  const NetworkSpec& spec = GetParam().spec;
  TrainingNetwork network(backend_, spec, parameters_,
                          {.batch_size = kBatch, .input_gradient = true});
  std::ranges::copy(input_, network.input().begin());
  network.forward(Random(0));
  Random random(5);
  std::vector<double> direction;  // the loss is the output times this
  for (float& value : network.output_gradient()) {
    value = random.uniform(-1, 1);
    direction.push_back(static_cast<double>(value));
  }
  network.backward();

  const auto loss = [&](const NaiveParameters& parameters, const std::vector<double>& input) {
    const std::vector<double> output = naive_forward(spec, parameters, input, kBatch, true);
    double sum = 0;
    for (std::size_t i = 0; i < output.size(); ++i) sum += output[i] * direction[i];
    return sum;
  };
  std::vector<double> wide = widen(input_);
  // Checks a sample of entries of `values`, which `loss` reads, against `gradient`.
  const auto check = [&](std::vector<double>& values, std::span<const float> gradient,
                         const std::string& what) {
    ASSERT_EQ(values.size(), gradient.size()) << what;
    constexpr double kStep = 1e-7;  // small: a step must not cross the kink of a ReLU
    constexpr std::size_t kSample = 40;
    double scale = 1;
    for (const float g : gradient) scale = std::max(scale, std::abs(static_cast<double>(g)));
    for (std::size_t s = 0; s < std::min(kSample, values.size()); ++s) {
      const std::size_t i = values.size() <= kSample ? s : random.below(values.size());
      const double middle = values[i];
      values[i] = middle + kStep;
      const double above = loss(naive_, wide);
      values[i] = middle - kStep;
      const double below = loss(naive_, wide);
      values[i] = middle;
      EXPECT_NEAR(static_cast<double>(gradient[i]), (above - below) / (2 * kStep), 1e-4 * scale)
          << what << " at " << i;
    }
  };
  check(wide, network.input_gradient(), "input");
  for (auto& [name, gradient] : network.gradients())
    check(naive_.values.at(name), gradient.values, name);
}

INSTANTIATE_TEST_SUITE_P(All, Layer, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace steelsight::layers_test
