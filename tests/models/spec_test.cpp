#include "models/spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "models/error.hpp"
#include "models/zoo.hpp"

namespace steelsight::spec_test {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

NetworkSpec parse(const std::string& text) {
  return network_spec_from_json(parse_json(text, "test"));
}

TEST(Spec, JsonRoundTripIsLossless) {
  const std::string text =
      R"({"input":[3,9,9],"layers":[)"
      R"({"type":"conv","name":"a","out":8,"bias":false,"kernel":3,"stride":2,"pad":1},)"
      R"({"type":"batchnorm","name":"b","epsilon":0.5,"momentum":0.25},)"
      R"({"type":"leaky_relu","name":"c","alpha":0.25},)"
      R"({"type":"conv","name":"d","inputs":["input"],"out":8,"kernel":3,"stride":2,"pad":1},)"
      R"({"type":"add","name":"e","inputs":["c","d"]},)"
      R"({"type":"maxpool","name":"f","kernel":2,"stride":1,"pad":0},)"
      R"({"type":"global_avgpool","name":"g"},)"
      R"({"type":"dropout","name":"h","rate":0.5},)"
      R"({"type":"dense","name":"i","out":4},)"
      R"({"type":"softmax","name":"j"}]})";
  EXPECT_EQ(to_json(parse(text)).dump(), text);
}

TEST(Spec, KnowsActivationsByNameWithTheirUsualConstants) {
  for (const char* layer : {R"({"type":"identity","name":"a"})",
                            R"({"type":"logistic","name":"a"})",
                            R"({"type":"tanh","name":"a"})",
                            R"({"type":"relu","name":"a"})",
                            R"({"type":"leaky_relu","name":"a","alpha":0.009999999776482582})",
                            R"({"type":"prelu","name":"a"})",
                            R"({"type":"elu","name":"a","alpha":1.0})",
                            R"({"type":"selu","name":"a"})",
                            R"({"type":"gelu","name":"a"})",
                            R"({"type":"swish","name":"a","alpha":1.0})",
                            R"({"type":"softplus","name":"a"})",
                            R"({"type":"softsign","name":"a"})",
                            R"({"type":"arctan","name":"a"})",
                            R"({"type":"mish","name":"a"})",
                            R"({"type":"hard_swish","name":"a"})",
                            R"({"type":"hard_sigmoid","name":"a"})",
                            R"({"type":"hard_tanh","name":"a"})",
                            R"({"type":"tanh_shrink","name":"a"})",
                            R"({"type":"soft_shrink","name":"a","alpha":0.5})",
                            R"({"type":"hard_shrink","name":"a","alpha":0.5})"}) {
    const Json given = parse_json(layer, "test");
    const Json bare{{"type", given.at("type")}, {"name", "a"}};
    const Json spec{{"input", {3}}, {"layers", {bare}}};
    EXPECT_EQ(to_json(network_spec_from_json(spec)).at("layers").at(0), given);
  }
}

TEST(Spec, PreluLearnsASlopeForEachChannel) {
  const std::vector<ParameterSpec> parameters =
      parameter_specs(parse(R"({"input":[5,4,4],"layers":[{"type":"prelu","name":"a"}]})"));
  ASSERT_EQ(parameters.size(), 1u);
  EXPECT_EQ(parameters[0].name, "a.weight");
  EXPECT_EQ(parameters[0].shape, (Shape{5}));
  EXPECT_TRUE(parameters[0].trainable());
}

TEST(Spec, ShapesFollowTheDefinitions) {
  const NetworkSpec spec = parse(
      R"({"input":[3,9,10],"layers":[
          {"type":"conv","name":"a","out":8,"kernel":3,"stride":2,"pad":1},
          {"type":"maxpool","name":"b","kernel":2},
          {"type":"concat","name":"c","inputs":["b","b"]},
          {"type":"flatten","name":"d"},
          {"type":"dense","name":"e","out":7}]})");
  const std::vector<LayerGraph> graph = resolve(spec);
  EXPECT_EQ(graph[0].output, (Shape{8, 5, 5}));
  EXPECT_EQ(graph[1].output, (Shape{8, 2, 2}));
  EXPECT_EQ(graph[2].output, (Shape{16, 2, 2}));
  EXPECT_EQ(graph[2].inputs, (std::vector<std::size_t>{2, 2}));
  EXPECT_EQ(graph[3].output, (Shape{64}));
  EXPECT_EQ(graph[4].output, (Shape{7}));
  EXPECT_EQ(parameter_count(spec), 3 * 8 * 9 + 8 + 64 * 7 + 7);
}

TEST(Spec, RefusesUnknownTypesAndKeys) {
  EXPECT_THAT([] { parse(R"({"input":[1],"layers":[{"type":"con","name":"a"}]})"); },
              ThrowsMessage<ConfigError>(HasSubstr("/layers/0/type 'con'")));
  EXPECT_THAT([] { parse(R"({"input":[1],"layers":[{"type":"relu","name":"a","kernel":3}]})"); },
              ThrowsMessage<ConfigError>(HasSubstr("/layers/0/kernel")));
  EXPECT_THROW(parse(R"({"input":[1]})"), ConfigError);
  EXPECT_THROW(parse(R"({"input":[1],"layers":[{"type":"dense","name":"a"}]})"), ConfigError);
}

struct Broken {
  const char* what;  // the message must hold this
  const char* input;
  const char* layers;
};

class BrokenSpec : public testing::TestWithParam<Broken> {};

TEST_P(BrokenSpec, IsAModelErrorThatNamesTheReason) {
  const NetworkSpec spec = parse(std::string(R"({"input":)") + GetParam().input + R"(,"layers":[)" +
                                 GetParam().layers + "]}");
  EXPECT_THAT([&] { resolve(spec); }, ThrowsMessage<ModelError>(HasSubstr(GetParam().what)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenSpec,
    testing::Values(
        Broken{"0 layers", "[1]", ""},
        Broken{"network's input", "[1,2]", R"({"type":"relu","name":"a"})"},
        Broken{"too large or empty", "[0]", R"({"type":"relu","name":"a"})"},
        Broken{"too large or empty", "[-3]", R"({"type":"relu","name":"a"})"},
        Broken{"too large or empty", "[1000000,1000000,1000000]", R"({"type":"relu","name":"a"})"},
        Broken{"1099511627776 weights each", "[1048576,22,22]",
               R"({"type":"conv","name":"a","out":400,"kernel":1024,"pad":1023})"},
        Broken{"33554432 weights each", "[33554432]", R"({"type":"dense","name":"a","out":17})"},
        Broken{"used twice", "[1]", R"({"type":"relu","name":"a"},{"type":"relu","name":"a"})"},
        Broken{"used twice", "[1]", R"({"type":"relu","name":"input"})"},
        Broken{"has no name", "[1]", R"({"type":"relu","name":""})"},
        Broken{"not a layer before it", "[1]", R"({"type":"relu","name":"a","inputs":["b"]})"},
        Broken{"not a layer before it", "[1]", R"({"type":"relu","name":"a","inputs":["a"]})"},
        Broken{"expected one", "[1]", R"({"type":"relu","name":"a","inputs":["input","input"]})"},
        Broken{"expected two or more", "[1]", R"({"type":"add","name":"a"})"},
        Broken{"differ", "[2]",
               R"({"type":"dense","name":"a","out":3},
                  {"type":"add","name":"b","inputs":["a","input"]})"},
        Broken{"differ in more than their channels", "[2,4,4]",
               R"({"type":"maxpool","name":"a","kernel":2},
                  {"type":"concat","name":"b","inputs":["a","input"]})"},
        Broken{"expected a vector", "[2,4,4]", R"({"type":"dense","name":"a","out":3})"},
        Broken{"expected an image", "[2]", R"({"type":"conv","name":"a","out":3,"kernel":1})"},
        Broken{"does not fit", "[2,4,4]", R"({"type":"conv","name":"a","out":3,"kernel":5})"},
        Broken{"out is 0", "[2]", R"({"type":"dense","name":"a","out":0})"},
        Broken{"kernel is 0", "[2,4,4]", R"({"type":"conv","name":"a","out":3,"kernel":0})"},
        Broken{"stride is 0", "[2,4,4]",
               R"({"type":"conv","name":"a","out":3,"kernel":1,"stride":0})"},
        Broken{"pad is 3", "[2,4,4]", R"({"type":"conv","name":"a","out":3,"kernel":3,"pad":3})"},
        Broken{"rate is 1", "[2]", R"({"type":"dropout","name":"a","rate":1})"},
        Broken{"epsilon", "[2]", R"({"type":"batchnorm","name":"a","epsilon":0})"}));

TEST(Zoo, Vgg16HasThePublishedNumberOfParameters) {
  EXPECT_EQ(parameter_count(vgg16({})), 138357544);
  EXPECT_EQ(parameter_count(vgg16({.top = false})), 14714688);
  // Each of the 4224 channels has a scale and a shift instead of a bias.
  EXPECT_EQ(parameter_count(vgg16({.top = false, .batch_norm = true})), 14714688 + 4224);
}

// 15.47 billion multiplications of an image (Simonyan and Zisserman 2015, configuration D).
TEST(Zoo, Vgg16HasThePublishedNumberOfMultiplications) {
  const std::vector<std::int64_t> counts = multiply_adds(vgg16({}));
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}), 15'470'264'320);
}

TEST(Spec, MultiplicationsOfEachLayer) {
  const NetworkSpec spec = parse(R"({"input": [2, 5, 5], "layers": [
      {"type": "conv", "name": "a", "out": 4, "kernel": 3},
      {"type": "maxpool", "name": "b", "kernel": 3, "stride": 1},
      {"type": "flatten", "name": "c"},
      {"type": "dense", "name": "d", "out": 7}]})");
  EXPECT_THAT(multiply_adds(spec), testing::ElementsAre(4 * 3 * 3 * 2 * 3 * 3, 0, 0, 4 * 7));
}

TEST(Zoo, Vgg16HasThePublishedShapes) {
  const NetworkSpec spec = vgg16({});
  const std::vector<LayerGraph> graph = resolve(spec);
  const auto output = [&](const std::string& name) {
    for (std::size_t i = 0; i < graph.size(); ++i)
      if (spec.layers[i].name == name) return graph[i].output;
    return Shape{};
  };
  EXPECT_EQ(output("block1_conv2"), (Shape{64, 224, 224}));
  EXPECT_EQ(output("block3_pool"), (Shape{256, 28, 28}));
  EXPECT_EQ(output("block5_pool"), (Shape{512, 7, 7}));
  EXPECT_EQ(output("flatten"), (Shape{25088}));
  EXPECT_EQ(output("predictions"), (Shape{1000}));
}

TEST(Zoo, SlimScalesTheChannels) {
  const NetworkSpec spec = vgg16_slim({.classes = 6, .width = 0.25, .input = {1, 64, 64}});
  EXPECT_EQ(spec.layers[0].out, 16);
  EXPECT_EQ(resolve(spec).back().output, (Shape{6}));
  EXPECT_THROW(vgg16_slim({.width = 0}), ModelError);
  EXPECT_THROW(vgg16_slim({.classes = 1}), ModelError);
  EXPECT_THROW(resolve(vgg16_slim({.input = {1, 16, 64}})), ModelError);  // 5 pools need 32
}

}  // namespace
}  // namespace steelsight::spec_test
