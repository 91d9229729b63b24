#include "models/fold.hpp"

#include <gtest/gtest.h>

#include "core/random.hpp"
#include "tests/models/naive_network.hpp"

namespace steelsight::fold_test {
namespace {

TensorMap random_parameters(const NetworkSpec& spec) {
  Random random(3);
  TensorMap parameters;
  for (const ParameterSpec& p : parameter_specs(spec)) {
    Tensor& tensor = parameters[p.name];
    tensor.shape = p.shape;
    const bool variance = p.role == ParameterSpec::Role::running_variance;
    for (std::int64_t i = 0; i < element_count(p.shape); ++i)
      tensor.values.push_back(variance ? random.uniform(0.5f, 2) : random.uniform(-1, 1));
  }
  return parameters;
}

std::vector<double> output(const NetworkSpec& spec, const TensorMap& parameters) {
  NaiveParameters naive;
  for (const auto& [name, tensor] : parameters)
    naive.values[name] = {tensor.values.begin(), tensor.values.end()};
  std::vector<double> input(static_cast<std::size_t>(2 * element_count(spec.input)));
  Random random(4);
  for (double& value : input) value = static_cast<double>(random.uniform(-1, 1));
  return naive_forward(spec, naive, input, 2, /*training=*/false);
}

std::size_t count(const NetworkSpec& spec, LayerType type) {
  std::size_t found = 0;
  for (const LayerSpec& layer : spec.layers) found += layer.type == type;
  return found;
}

struct Case {
  const char* name;
  const char* layers;
  std::size_t batchnorms_left;
};
void PrintTo(const Case& test, std::ostream* out) {
  *out << test.name;
}

class Fold : public testing::TestWithParam<Case> {};

TEST_P(Fold, KeepsTheOutput) {
  NetworkSpec spec = network_spec_from_json(
      parse_json(std::string(R"({"input":[3,5,4],"layers":[)") + GetParam().layers + "]}", "test"));
  TensorMap parameters = random_parameters(spec);
  const std::vector<double> expected = output(spec, parameters);
  simplify_for_inference(spec, parameters);
  EXPECT_EQ(count(spec, LayerType::batchnorm), GetParam().batchnorms_left);
  EXPECT_EQ(parameters.size(), parameter_specs(spec).size());
  const std::vector<double> got = output(spec, parameters);
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-5);
}

INSTANTIATE_TEST_SUITE_P(
    All, Fold,
    testing::Values(Case{"conv_with_bias", R"({"type":"conv","name":"c","out":4,"kernel":3},
                                  {"type":"batchnorm","name":"n"},{"type":"relu","name":"r"})",
                         0},
                    Case{"conv_without_bias",
                         R"({"type":"conv","name":"c","out":4,"kernel":3,"bias":false},
                                     {"type":"batchnorm","name":"n"})",
                         0},
                    Case{"dense",
                         R"({"type":"flatten","name":"f"},{"type":"dense","name":"d","out":4},
                         {"type":"batchnorm","name":"n"},{"type":"relu","name":"r"})",
                         0},
                    Case{"after_relu_stays", R"({"type":"conv","name":"c","out":4,"kernel":3},
                                    {"type":"relu","name":"r"},{"type":"batchnorm","name":"n"})",
                         1},
                    Case{"shared_conv_stays", R"({"type":"conv","name":"c","out":3,"kernel":1},
                                     {"type":"batchnorm","name":"n"},
                                     {"type":"add","name":"s","inputs":["n","c"]})",
                         1},
                    Case{"read_twice", R"({"type":"conv","name":"c","out":3,"kernel":1},
                              {"type":"batchnorm","name":"n"},
                              {"type":"add","name":"s","inputs":["n","n"]})",
                         0},
                    Case{"of_the_input_stays", R"({"type":"batchnorm","name":"n"})", 1},
                    Case{"dropout_between", R"({"type":"conv","name":"c","out":3,"kernel":1},
                                   {"type":"dropout","name":"o"},{"type":"batchnorm","name":"n"},
                                   {"type":"dropout","name":"p"})",
                         0},
                    Case{"dropout_alone", R"({"type":"dropout","name":"o"})", 0}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace steelsight::fold_test
