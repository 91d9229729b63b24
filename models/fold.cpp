#include "models/fold.hpp"

#include <cmath>

namespace steelsight {
namespace {

// Every layer names its inputs, so that layers can be taken out.
void name_inputs(NetworkSpec& spec) {
  std::string previous = "input";
  for (LayerSpec& layer : spec.layers) {
    if (layer.inputs.empty()) layer.inputs = {previous};
    previous = layer.name;
  }
}

std::size_t count_readers(const NetworkSpec& spec, const std::string& name) {
  std::size_t readers = 0;
  for (const LayerSpec& layer : spec.layers)
    for (const std::string& input : layer.inputs) readers += input == name;
  return readers;
}

LayerSpec* find_layer(NetworkSpec& spec, const std::string& name) {
  for (LayerSpec& layer : spec.layers)
    if (layer.name == name) return &layer;
  return nullptr;
}

void replace_input(NetworkSpec& spec, const std::string& from, const std::string& to) {
  for (LayerSpec& layer : spec.layers)
    for (std::string& input : layer.inputs)
      if (input == from) input = to;
}

// y = scale * (Wx + b - mean) / sqrt(variance + epsilon) + shift, as one W and b.
void fold_into(LayerSpec& linear, const LayerSpec& norm, TensorMap& parameters) {
  Tensor& weight = parameters.at(linear.name + ".weight");
  const auto take = [&](const char* suffix) {
    return std::move(parameters.extract(norm.name + suffix).mapped().values.own());
  };
  const std::vector<float> scale = take(".weight"), shift = take(".bias");
  const std::vector<float> mean = take(".running_mean"), variance = take(".running_var");
  Tensor& bias = parameters[linear.name + ".bias"];
  if (!linear.bias) bias = {{linear.out}, std::vector<float>(scale.size(), 0.0f)};
  linear.bias = true;

  const std::size_t fan_in = weight.values.size() / scale.size();
  for (std::size_t o = 0; o < scale.size(); ++o) {
    const float factor = scale[o] / std::sqrt(variance[o] + norm.epsilon);
    for (std::size_t i = 0; i < fan_in; ++i) weight.values[o * fan_in + i] *= factor;
    bias.values[o] = (bias.values[o] - mean[o]) * factor + shift[o];
  }
}

// True if `layer` can be left out: what read it reads its input then.
bool absorb(NetworkSpec& spec, TensorMap& parameters, const LayerSpec& layer) {
  if (layer.type == LayerType::dropout) return true;
  if (layer.type != LayerType::batchnorm) return false;
  LayerSpec* linear = find_layer(spec, layer.inputs[0]);
  if (linear == nullptr || count_readers(spec, linear->name) != 1) return false;
  if (linear->type != LayerType::conv && linear->type != LayerType::dense) return false;
  fold_into(*linear, layer, parameters);
  return true;
}

}  // namespace

void simplify_for_inference(NetworkSpec& spec, TensorMap& parameters) {
  name_inputs(spec);
  for (std::size_t i = 0; i < spec.layers.size();) {
    const LayerSpec layer = spec.layers[i];
    // The last layer of the network must stay the last of the list.
    const bool removable =
        spec.layers.size() > 1 &&
        (i + 1 < spec.layers.size() || (i > 0 && layer.inputs[0] == spec.layers[i - 1].name));
    if (removable && absorb(spec, parameters, layer)) {
      spec.layers.erase(spec.layers.begin() + static_cast<std::ptrdiff_t>(i));
      replace_input(spec, layer.name, layer.inputs[0]);
    } else {
      ++i;
    }
  }
}

}  // namespace steelsight
