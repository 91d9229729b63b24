#include "models/spec.hpp"

#include <array>
#include <set>
#include <utility>

#include "models/error.hpp"

namespace steelsight {
namespace {

// Bounds for specs from outside, far beyond any sensible network. Nothing that is computed from
// sizes within them overflows 64 bits.
constexpr std::int64_t kMaxSize = 1 << 20;      // a layer's channels, rows or columns
constexpr std::int64_t kMaxElements = 1 << 29;  // elements of one activation or weight
constexpr std::size_t kMaxLayers = 10000;

constexpr std::array<std::pair<LayerType, const char*>, 12> kTypes{{
    {LayerType::conv, "conv"},
    {LayerType::dense, "dense"},
    {LayerType::batchnorm, "batchnorm"},
    {LayerType::prelu, "prelu"},
    {LayerType::maxpool, "maxpool"},
    {LayerType::avgpool, "avgpool"},
    {LayerType::global_avgpool, "global_avgpool"},
    {LayerType::flatten, "flatten"},
    {LayerType::dropout, "dropout"},
    {LayerType::softmax, "softmax"},
    {LayerType::add, "add"},
    {LayerType::concat, "concat"},
}};

constexpr std::array<std::pair<Activation, const char*>, 27> kActivations{{
    {Activation::relu, "relu"},
    {Activation::leaky_relu, "leaky_relu"},
    {Activation::elu, "elu"},
    {Activation::tanh, "tanh"},
    {Activation::logistic, "logistic"},
    {Activation::softplus, "softplus"},
    {Activation::log_sigmoid, "log_sigmoid"},
    {Activation::gelu, "gelu"},
    {Activation::gelu_tanh, "gelu_tanh"},
    {Activation::swish, "swish"},
    {Activation::hard_swish, "hard_swish"},
    {Activation::mish, "mish"},
    {Activation::clip, "clip"},
    {Activation::linear, "linear"},
    {Activation::abs, "abs"},
    {Activation::square, "square"},
    {Activation::sqrt, "sqrt"},
    {Activation::exp, "exp"},
    {Activation::identity, "identity"},
    {Activation::selu, "selu"},
    {Activation::softsign, "softsign"},
    {Activation::arctan, "arctan"},
    {Activation::hard_sigmoid, "hard_sigmoid"},
    {Activation::hard_tanh, "hard_tanh"},
    {Activation::tanh_shrink, "tanh_shrink"},
    {Activation::soft_shrink, "soft_shrink"},
    {Activation::hard_shrink, "hard_shrink"},
}};

// What alpha and beta are where the spec does not say.
std::pair<float, float> default_parameters(Activation function) {
  switch (function) {
    case Activation::leaky_relu:
      return {0.01f, 0};
    case Activation::elu:
    case Activation::swish:
    case Activation::linear:
      return {1, 0};
    case Activation::clip:
      return {0, 6};
    case Activation::soft_shrink:
    case Activation::hard_shrink:
      return {0.5f, 0};
    default:
      return {0, 0};
  }
}

bool has_alpha(Activation f) {
  return f == Activation::leaky_relu || f == Activation::elu || f == Activation::swish ||
         f == Activation::linear || f == Activation::clip || f == Activation::soft_shrink ||
         f == Activation::hard_shrink;
}
bool has_beta(Activation f) {
  return f == Activation::linear || f == Activation::clip;
}

bool is_pool(LayerType type) {
  return type == LayerType::maxpool || type == LayerType::avgpool;
}
bool joins(LayerType type) {
  return type == LayerType::add || type == LayerType::concat;
}

[[noreturn]] void fail(const LayerSpec& layer, const std::string& what) {
  throw ModelError("layer '" + layer.name + "' (" + type_name(layer) + "): " + what);
}

void check_range(const LayerSpec& layer, const char* what, std::int64_t value, std::int64_t low,
                 std::int64_t high) {
  if (value < low || value > high)
    fail(layer, std::string(what) + " is " + std::to_string(value) + ", expected " +
                    std::to_string(low) + " to " + std::to_string(high));
}

void check_parameters(const LayerSpec& layer) {
  if (layer.type == LayerType::conv || layer.type == LayerType::dense)
    check_range(layer, "out", layer.out, 1, kMaxSize);
  if (layer.type == LayerType::conv || is_pool(layer.type)) {
    check_range(layer, "kernel", layer.kernel, 1, 1024);
    check_range(layer, "stride", layer.stride, is_pool(layer.type) ? 0 : 1, 1024);
    check_range(layer, "pad", layer.pad, 0, layer.kernel - 1);
  }
  if (layer.type == LayerType::batchnorm) {
    if (!(layer.epsilon > 0)) fail(layer, "epsilon must be positive");
    if (!(layer.momentum >= 0 && layer.momentum <= 1)) fail(layer, "momentum must be in 0..1");
  }
  if (layer.type == LayerType::dropout && !(layer.rate >= 0 && layer.rate < 1))
    fail(layer, "rate is " + std::to_string(layer.rate) + ", expected 0 or more and less than 1");
}

std::int64_t elements(const LayerSpec& layer, const Shape& shape) {
  const std::int64_t most = shape.size() == 1 ? kMaxElements : kMaxSize;  // flattened, or C,H,W
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 1 || size > most || count > kMaxElements / size)
      fail(layer, "output " + to_string(shape) + " is too large or empty");
    count *= size;
  }
  return count;
}

void check_weight(const LayerSpec& layer, const Shape& input) {
  if (layer.type != LayerType::conv && layer.type != LayerType::dense) return;
  const std::int64_t window = layer.type == LayerType::conv ? layer.kernel * layer.kernel : 1;
  if (layer.out > kMaxElements / (input[0] * window))
    fail(layer, "has " + std::to_string(layer.out) + " outputs of " +
                    std::to_string(input[0] * window) + " weights each, expected at most " +
                    std::to_string(kMaxElements) + " weights");
}

}  // namespace

std::int64_t stride_of(const LayerSpec& layer) {
  return layer.stride == 0 ? layer.kernel : layer.stride;
}

std::int64_t window_output(const LayerSpec& layer, std::int64_t size) {
  const std::int64_t room = size + 2 * layer.pad - layer.kernel;
  if (room < 0)
    fail(layer, "kernel " + std::to_string(layer.kernel) + " does not fit in an input of " +
                    std::to_string(size) + " with pad " + std::to_string(layer.pad) +
                    "; use a larger input or fewer pools");
  return room / stride_of(layer) + 1;
}

namespace {

void require_rank(const LayerSpec& layer, const Shape& input, std::size_t rank) {
  if (input.size() == rank) return;
  fail(layer, "input is " + to_string(input) + ", expected " +
                  (rank == 3 ? "an image (C,H,W)" : "a vector (C): put a flatten before it"));
}

Shape concat_shape(const LayerSpec& layer, const std::vector<Shape>& inputs) {
  Shape sum = inputs[0];
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    Shape other = inputs[i];
    if (other.size() == sum.size()) other[0] = sum[0];
    if (other != sum)
      fail(layer, "inputs " + to_string(inputs[0]) + " and " + to_string(inputs[i]) +
                      " differ in more than their channels");
    sum[0] += inputs[i][0];
  }
  return sum;
}

Shape output_shape(const LayerSpec& layer, const std::vector<Shape>& inputs) {
  const Shape& in = inputs[0];
  switch (layer.type) {
    case LayerType::conv:
      require_rank(layer, in, 3);
      return {layer.out, window_output(layer, in[1]), window_output(layer, in[2])};
    case LayerType::maxpool:
    case LayerType::avgpool:
      require_rank(layer, in, 3);
      return {in[0], window_output(layer, in[1]), window_output(layer, in[2])};
    case LayerType::global_avgpool:
      require_rank(layer, in, 3);
      return {in[0]};
    case LayerType::flatten:
      return {elements(layer, in)};
    case LayerType::dense:
      require_rank(layer, in, 1);
      return {layer.out};
    case LayerType::softmax:
      require_rank(layer, in, 1);
      return in;
    case LayerType::add:
      for (const Shape& other : inputs)
        if (other != in)
          fail(layer, "inputs " + to_string(in) + " and " + to_string(other) + " differ");
      return in;
    case LayerType::concat:
      return concat_shape(layer, inputs);
    case LayerType::batchnorm:
    case LayerType::activation:
    case LayerType::prelu:
    case LayerType::dropout:
      return in;
  }
  fail(layer, "unknown type");
}

}  // namespace

std::vector<LayerGraph> resolve(const NetworkSpec& spec) {
  if (spec.input.size() != 1 && spec.input.size() != 3)
    throw ModelError("the network's input is " + to_string(spec.input) +
                     ", expected C,H,W or one number of features");
  if (spec.layers.empty() || spec.layers.size() > kMaxLayers)
    throw ModelError("the network has " + std::to_string(spec.layers.size()) +
                     " layers, expected 1 to " + std::to_string(kMaxLayers));
  elements(LayerSpec{.name = "input"}, spec.input);

  std::map<std::string, std::size_t> value_of{{"input", 0}};
  std::vector<Shape> shapes{spec.input};
  std::vector<LayerGraph> graph;
  for (const LayerSpec& layer : spec.layers) {
    check_parameters(layer);
    LayerGraph node;
    if (layer.inputs.empty()) node.inputs = {shapes.size() - 1};
    for (const std::string& input : layer.inputs) {
      const auto found = value_of.find(input);
      if (found == value_of.end()) fail(layer, "input '" + input + "' is not a layer before it");
      node.inputs.push_back(found->second);
    }
    if (joins(layer.type) ? node.inputs.size() < 2 : node.inputs.size() != 1)
      fail(layer, "has " + std::to_string(node.inputs.size()) + " inputs, expected " +
                      (joins(layer.type) ? "two or more" : "one"));
    std::vector<Shape> inputs;
    for (const std::size_t value : node.inputs) inputs.push_back(shapes[value]);
    node.output = output_shape(layer, inputs);
    elements(layer, node.output);
    check_weight(layer, inputs[0]);
    if (layer.name.empty() || !value_of.emplace(layer.name, shapes.size()).second)
      fail(layer, layer.name.empty() ? "has no name" : "the name is used twice");
    shapes.push_back(node.output);
    graph.push_back(std::move(node));
  }
  return graph;
}

std::vector<ParameterSpec> parameter_specs(const NetworkSpec& spec) {
  using Role = ParameterSpec::Role;
  const std::vector<LayerGraph> graph = resolve(spec);
  std::vector<ParameterSpec> parameters;
  for (std::size_t i = 0; i < graph.size(); ++i) {
    const LayerSpec& layer = spec.layers[i];
    const std::size_t input = graph[i].inputs[0];
    const std::int64_t channels = input == 0 ? spec.input[0] : graph[input - 1].output[0];
    const auto add = [&](const char* suffix, Shape shape, Role role) {
      parameters.push_back({layer.name + suffix, std::move(shape), role});
    };
    switch (layer.type) {
      case LayerType::conv:
        add(".weight", {layer.out, channels, layer.kernel, layer.kernel}, Role::weight);
        if (layer.bias) add(".bias", {layer.out}, Role::bias);
        break;
      case LayerType::dense:
        add(".weight", {layer.out, channels}, Role::weight);
        if (layer.bias) add(".bias", {layer.out}, Role::bias);
        break;
      case LayerType::batchnorm:
        add(".weight", {channels}, Role::scale);
        add(".bias", {channels}, Role::shift);
        add(".running_mean", {channels}, Role::running_mean);
        add(".running_var", {channels}, Role::running_variance);
        break;
      case LayerType::prelu:
        add(".weight", {channels}, Role::slope);
        break;
      default:
        break;
    }
  }
  return parameters;
}

std::int64_t parameter_count(const NetworkSpec& spec) {
  std::int64_t count = 0;
  for (const ParameterSpec& parameter : parameter_specs(spec))
    if (parameter.trainable()) count += element_count(parameter.shape);
  return count;
}

std::vector<std::int64_t> multiply_adds(const NetworkSpec& spec) {
  const std::vector<LayerGraph> graph = resolve(spec);
  std::vector<std::int64_t> counts;
  for (std::size_t i = 0; i < graph.size(); ++i) {
    const LayerSpec& layer = spec.layers[i];
    const std::size_t input = graph[i].inputs[0];
    const std::int64_t channels = input == 0 ? spec.input[0] : graph[input - 1].output[0];
    const std::int64_t outputs = element_count(graph[i].output);
    if (layer.type == LayerType::conv)
      counts.push_back(outputs * channels * layer.kernel * layer.kernel);
    else
      counts.push_back(layer.type == LayerType::dense ? outputs * channels : 0);
  }
  return counts;
}

std::int64_t activation_count(const NetworkSpec& spec) {
  std::int64_t count = element_count(spec.input);
  for (const LayerGraph& node : resolve(spec)) count += element_count(node.output);
  return count;
}

std::string type_name(const LayerSpec& layer) {
  if (layer.type == LayerType::activation) {
    for (const auto& [function, name] : kActivations)
      if (function == layer.function) return name;
  }
  for (const auto& [type, name] : kTypes)
    if (type == layer.type) return name;
  return "unknown";
}

LayerSpec layer_of_type(const std::string& text, const std::string& layer_name,
                        const std::string& path) {
  LayerSpec layer{.name = layer_name};
  for (const auto& [type, name] : kTypes) {
    if (text != name) continue;
    layer.type = type;
    return layer;
  }
  for (const auto& [function, name] : kActivations) {
    if (text != name) continue;
    layer.type = LayerType::activation;
    layer.function = function;
    std::tie(layer.alpha, layer.beta) = default_parameters(function);
    return layer;
  }
  std::string known;
  for (const auto& entry : kTypes) known += std::string(" ") + entry.second;
  for (const auto& entry : kActivations) known += std::string(" ") + entry.second;
  throw ConfigError(path + " '" + text + "' is not known; known are" + known);
}

namespace {

LayerSpec layer_from_json(const Json& json, const std::string& path) {
  JsonObject object(json, path);
  const auto type = object.require<std::string>("type");
  LayerSpec layer = layer_of_type(type, object.require<std::string>("name"), path + "/type");
  object.read("inputs", layer.inputs);
  if (layer.type == LayerType::conv || layer.type == LayerType::dense) {
    layer.out = object.require<std::int64_t>("out");
    object.read("bias", layer.bias);
  }
  if (layer.type == LayerType::conv || is_pool(layer.type)) {
    layer.kernel = object.require<std::int64_t>("kernel");
    layer.stride = is_pool(layer.type) ? layer.kernel : 1;
    object.read("stride", layer.stride);
    object.read("pad", layer.pad);
  }
  if (layer.type == LayerType::batchnorm) {
    object.read("epsilon", layer.epsilon);
    object.read("momentum", layer.momentum);
  }
  if (layer.type == LayerType::dropout) object.read("rate", layer.rate);
  if (layer.type == LayerType::activation) {
    if (has_alpha(layer.function)) object.read("alpha", layer.alpha);
    if (has_beta(layer.function)) object.read("beta", layer.beta);
  }
  object.finish();
  return layer;
}

Json to_json(const LayerSpec& layer) {
  Json json{{"type", type_name(layer)}, {"name", layer.name}};
  if (!layer.inputs.empty()) json["inputs"] = layer.inputs;
  if (layer.type == LayerType::conv || layer.type == LayerType::dense) {
    json["out"] = layer.out;
    if (!layer.bias) json["bias"] = false;
  }
  if (layer.type == LayerType::conv || is_pool(layer.type)) {
    json["kernel"] = layer.kernel;
    json["stride"] = layer.stride;
    json["pad"] = layer.pad;
  }
  if (layer.type == LayerType::batchnorm) {
    json["epsilon"] = layer.epsilon;
    json["momentum"] = layer.momentum;
  }
  if (layer.type == LayerType::dropout) json["rate"] = layer.rate;
  if (layer.type == LayerType::activation) {
    if (has_alpha(layer.function)) json["alpha"] = layer.alpha;
    if (has_beta(layer.function)) json["beta"] = layer.beta;
  }
  return json;
}

}  // namespace

NetworkSpec network_spec_from_json(const Json& json) {
  JsonObject object(json, "");
  NetworkSpec spec;
  spec.input = object.require<Shape>("input");
  const std::vector<Json> layers = object.require<std::vector<Json>>("layers");
  object.finish();
  for (std::size_t i = 0; i < layers.size(); ++i)
    spec.layers.push_back(layer_from_json(layers[i], "/layers/" + std::to_string(i)));
  return spec;
}

Json to_json(const NetworkSpec& spec) {
  Json layers = Json::array();
  for (const LayerSpec& layer : spec.layers) layers.push_back(to_json(layer));
  return Json{{"input", spec.input}, {"layers", std::move(layers)}};
}

}  // namespace steelsight
