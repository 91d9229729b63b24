#include "models/zoo.hpp"

#include <array>
#include <cmath>

#include "models/error.hpp"

namespace steelsight {
namespace {

struct Block {
  int convolutions;
  int channels;
};
constexpr std::array<Block, 5> kVggBlocks{{{2, 64}, {2, 128}, {3, 256}, {3, 512}, {3, 512}}};

void add_relu(NetworkSpec& spec, const std::string& of) {
  spec.layers.push_back({.type = LayerType::activation, .name = of + "_relu"});
}

void add_trunk(NetworkSpec& spec, double width, bool batch_norm) {
  for (std::size_t b = 0; b < kVggBlocks.size(); ++b) {
    const std::string block = "block" + std::to_string(b + 1);
    const std::int64_t channels =
        std::max<std::int64_t>(1, std::llround(kVggBlocks[b].channels * width));
    for (int c = 1; c <= kVggBlocks[b].convolutions; ++c) {
      const std::string name = block + "_conv" + std::to_string(c);
      spec.layers.push_back({.type = LayerType::conv,
                             .name = name,
                             .out = channels,
                             .kernel = 3,
                             .pad = 1,
                             .bias = !batch_norm});
      if (batch_norm) spec.layers.push_back({.type = LayerType::batchnorm, .name = name + "_bn"});
      add_relu(spec, name);
    }
    spec.layers.push_back(
        {.type = LayerType::maxpool, .name = block + "_pool", .kernel = 2, .stride = 2});
  }
}

void add_dense(NetworkSpec& spec, const std::string& name, std::int64_t out) {
  spec.layers.push_back({.type = LayerType::dense, .name = name, .out = out});
}

void add_dropout(NetworkSpec& spec, const std::string& name, float rate) {
  spec.layers.push_back({.type = LayerType::dropout, .name = name, .rate = rate});
}

void require_classes(std::int64_t classes) {
  if (classes < 2)
    throw ModelError("a classifier of " + std::to_string(classes) + " classes, expected 2 or more");
}

}  // namespace

NetworkSpec vgg16(const VggOptions& options) {
  NetworkSpec spec{.input = options.input, .layers = {}};
  add_trunk(spec, 1, options.batch_norm);
  if (!options.top) return spec;
  require_classes(options.classes);
  spec.layers.push_back({.type = LayerType::flatten, .name = "flatten"});
  for (const char* name : {"fc1", "fc2"}) {
    add_dense(spec, name, 4096);
    add_relu(spec, name);
    add_dropout(spec, std::string(name) + "_dropout", 0.5f);
  }
  add_dense(spec, "predictions", options.classes);
  return spec;
}

NetworkSpec vgg16_slim(const SlimOptions& options) {
  if (!(options.width > 0 && options.width <= 4))
    throw ModelError("width multiplier is " + std::to_string(options.width) +
                     ", expected more than 0 and at most 4");
  require_classes(options.classes);
  NetworkSpec spec{.input = options.input, .layers = {}};
  add_trunk(spec, options.width, true);
  spec.layers.push_back({.type = LayerType::global_avgpool, .name = "global_pool"});
  if (options.dropout > 0) add_dropout(spec, "dropout", options.dropout);
  add_dense(spec, "predictions", options.classes);
  return spec;
}

NetworkSpec mlp(const MlpOptions& options) {
  require_classes(options.classes);
  NetworkSpec spec{.input = {options.features}, .layers = {}};
  for (std::size_t i = 0; i < options.hidden.size(); ++i) {
    const std::string name = "hidden" + std::to_string(i + 1);
    add_dense(spec, name, options.hidden[i]);
    spec.layers.push_back(
        layer_of_type(options.activation, name + "_" + options.activation, "activation"));
    const LayerType type = spec.layers.back().type;
    if (type != LayerType::activation && type != LayerType::prelu)
      throw ConfigError("activation '" + options.activation + "' is a layer, but no activation");
  }
  add_dense(spec, "predictions", options.classes);
  resolve(spec);
  return spec;
}

}  // namespace steelsight
