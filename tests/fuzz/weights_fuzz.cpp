// Weights of other programs, as safetensors, for a small VGG16 with batch norm.
#include "models/error.hpp"
#include "models/weights.hpp"
#include "models/zoo.hpp"
#include "tests/fuzz/fuzzing.hpp"

using namespace steelsight;

namespace {

NetworkSpec small_network() {
  NetworkSpec spec{.input = {3, 8, 8}};
  spec.layers = {
      {.type = LayerType::conv,
       .name = "block1_conv1",
       .out = 2,
       .kernel = 3,
       .pad = 1,
       .bias = false},
      {.type = LayerType::batchnorm, .name = "block1_bn1"},
      {.type = LayerType::activation, .name = "block1_relu1"},
      {.type = LayerType::maxpool, .name = "block1_pool", .kernel = 4},
      {.type = LayerType::flatten, .name = "flatten"},
      {.type = LayerType::dense, .name = "fc1", .out = 3},
      {.type = LayerType::dense, .name = "predictions", .out = 2},
  };
  return spec;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzzing::InputFile file("given.safetensors");
  static const NetworkSpec spec = small_network();
  file.fill(fuzzing::text_of(data, size));
  fuzzing::read_or_refuse<ModelError>([&] { return resnet_variant(file.path()); });
  const auto weights =
      fuzzing::read_or_refuse<ModelError>([&] { return import_weights(file.path(), spec); });
  if (!weights) return 0;
  fuzzing::require(weights->matched.size() == weights->parameters.size(), "names of what matched");
  for (const ParameterSpec& parameter : parameter_specs(spec))
    if (const auto found = weights->parameters.find(parameter.name);
        found != weights->parameters.end())
      fuzzing::require(found->second.shape == parameter.shape, "the network's shapes");
  return 0;
}
