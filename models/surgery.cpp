#include "models/surgery.hpp"

#include <algorithm>
#include <set>

#include "models/error.hpp"

namespace steelsight {
namespace {

constexpr const char* kInput = "input";

// The inputs of each layer by name, also where the spec leaves them out.
std::vector<std::string> inputs_of(const NetworkSpec& spec, std::size_t layer) {
  if (!spec.layers[layer].inputs.empty()) return spec.layers[layer].inputs;
  return {layer == 0 ? kInput : spec.layers[layer - 1].name};
}

std::size_t position_of(const NetworkSpec& spec, const std::string& layer) {
  for (std::size_t i = 0; i < spec.layers.size(); ++i)
    if (spec.layers[i].name == layer) return i;
  throw ModelError("the network has no layer '" + layer + "'");
}

// Names of all layers that any of `wanted` depends on, themselves included.
std::set<std::string> needed_for(const NetworkSpec& spec, std::set<std::string> wanted) {
  for (std::size_t i = spec.layers.size(); i-- > 0;)
    if (wanted.contains(spec.layers[i].name))
      wanted.merge([&] {
        const std::vector<std::string> inputs = inputs_of(spec, i);
        return std::set<std::string>(inputs.begin(), inputs.end());
      }());
  return wanted;
}

NetworkSpec only(const NetworkSpec& spec, const std::set<std::string>& names) {
  NetworkSpec part{.input = spec.input, .layers = {}};
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    if (!names.contains(spec.layers[i].name)) continue;
    part.layers.push_back(spec.layers[i]);
    const std::string before = part.layers.size() == 1 ? kInput : (part.layers.end() - 2)->name;
    const std::vector<std::string> inputs = inputs_of(spec, i);
    part.layers.back().inputs = inputs == std::vector{before} ? std::vector<std::string>{} : inputs;
  }
  return part;
}

Shape output_shape(const NetworkSpec& spec, const std::string& layer) {
  return resolve(spec)[position_of(spec, layer)].output;
}

// Without what follows the last layer that gives a map, and what reads maps beside it.
NetworkSpec up_to_last_map(const NetworkSpec& spec) {
  const std::vector<LayerGraph> layers = resolve(spec);
  for (std::size_t i = layers.size(); i-- > 0;)
    if (layers[i].output.size() == 3) return only(spec, needed_for(spec, {spec.layers[i].name}));
  throw ModelError("the network has no layer that gives a map, expected one that reads images");
}

}  // namespace

bool has_layer(const NetworkSpec& spec, const std::string& name) {
  return std::ranges::any_of(spec.layers, [&](const LayerSpec& l) { return l.name == name; });
}

std::string find_layer(const NetworkSpec& spec, const std::string& name) {
  std::string found, all;
  for (const LayerSpec& layer : spec.layers) {
    if (layer.name == name) return name;
    if (layer.name.starts_with(name + ".") || layer.name.starts_with(name + "_"))
      found = layer.name;
    all += (all.empty() ? "" : ", ") + layer.name;
  }
  if (found.empty())
    throw ModelError("the network has no layer '" + name + "'; its layers are " + all);
  return found;
}

NetworkSpec trunk_of(const NetworkSpec& spec, const std::string& layer) {
  position_of(spec, layer);
  return only(spec, needed_for(spec, {layer}));
}

NetworkSpec rest_of(const NetworkSpec& spec, const std::string& layer) {
  const std::size_t cut = position_of(spec, layer);
  const std::set<std::string> trunk = needed_for(spec, {layer});
  NetworkSpec rest{.input = output_shape(spec, layer), .layers = {}};
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    if (trunk.contains(spec.layers[i].name)) continue;
    LayerSpec kept = spec.layers[i];
    kept.inputs = inputs_of(spec, i);
    for (std::string& input : kept.inputs) {
      if (input == layer)
        input = kInput;
      else if (input == kInput || trunk.contains(input))
        throw ModelError("the network can't be cut behind '" + layer + "': '" + kept.name +
                         "' also reads '" + input + "'");
    }
    rest.layers.push_back(std::move(kept));
  }
  if (rest.layers.empty() || cut + 1 == spec.layers.size())
    throw ModelError("there is nothing behind '" + layer + "', the network's last layer");
  std::set<std::string> all;
  for (const LayerSpec& kept : rest.layers) all.insert(kept.name);
  return only(rest, all);
}

bool can_be_cut(const NetworkSpec& spec, const std::string& layer) {
  const std::set<std::string> trunk = needed_for(spec, {layer});
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    if (trunk.contains(spec.layers[i].name)) continue;
    for (const std::string& input : inputs_of(spec, i))
      if (input != layer && (input == kInput || trunk.contains(input))) return false;
  }
  return position_of(spec, layer) + 1 < spec.layers.size();
}

NetworkSpec pooled_features(const NetworkSpec& spec, const std::vector<std::string>& layers) {
  if (layers.empty()) throw ModelError("no layer was named to take features from");
  std::set<std::string> wanted;
  for (const std::string& layer : layers)
    if (!wanted.insert(layer).second)
      throw ModelError("layer '" + layer + "' was named twice to take features from");
  NetworkSpec features = only(spec, needed_for(spec, wanted));
  std::vector<std::string> vectors;
  for (const std::string& layer : layers) {
    vectors.push_back(layer);
    if (output_shape(spec, layer).size() == 1) continue;
    vectors.back() += "_pooled";
    features.layers.push_back(
        {.type = LayerType::global_avgpool, .name = vectors.back(), .inputs = {layer}});
  }
  if (layers.size() > 1)
    features.layers.push_back(
        {.type = LayerType::concat, .name = kFeaturesLayer, .inputs = vectors});
  else if (vectors[0] != layers[0])
    features.layers.back().name = kFeaturesLayer;
  resolve(features);
  return features;
}

std::vector<std::string> stage_ends(const NetworkSpec& spec, std::size_t most) {
  const NetworkSpec maps = up_to_last_map(spec);
  const std::vector<LayerGraph> layers = resolve(maps);
  std::vector<std::pair<Shape, std::string>> stages;  // size of the map, last layer so far
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerSpec& layer = maps.layers[i];
    if (i + 1 < layers.size() && !can_be_cut(maps, layer.name)) continue;
    const bool pools = layer.type == LayerType::maxpool || layer.type == LayerType::avgpool;
    const std::size_t value = pools ? layers[i].inputs[0] : i + 1;
    const Shape& shape = value == 0 ? maps.input : layers[value - 1].output;
    const Shape map(shape.begin() + 1, shape.end());
    if (stages.empty() || stages.back().first != map) stages.emplace_back(map, "");
    stages.back().second = layer.name;
  }
  std::vector<std::string> ends;
  for (std::size_t i = stages.size() - std::min(most, stages.size()); i < stages.size(); ++i)
    ends.push_back(stages[i].second);
  return ends;
}

NetworkSpec classifier_on_features(const NetworkSpec& spec, const std::vector<std::string>& layers,
                                   std::int64_t classes) {
  NetworkSpec classifier = pooled_features(spec, layers);
  classifier.layers.push_back({.type = LayerType::batchnorm, .name = kFeaturesNorm});
  classifier.layers.push_back({.type = LayerType::dense, .name = "predictions", .out = classes});
  resolve(classifier);
  return classifier;
}

std::string head_of(const NetworkSpec& spec) {
  for (std::size_t i = spec.layers.size(); i-- > 0;) {
    if (spec.layers[i].type == LayerType::dense) return spec.layers[i].name;
    const bool passes = spec.layers[i].type == LayerType::softmax && i > 0 &&
                        inputs_of(spec, i) == std::vector{spec.layers[i - 1].name};
    if (!passes) break;
  }
  return "";
}

std::string features_layer(const NetworkSpec& spec) {
  const std::string head = head_of(spec);
  if (head.empty())
    throw ModelError("the network's last layer is '" + spec.layers.back().name +
                     "', expected a dense layer that tells the classes apart");
  std::string features = inputs_of(spec, position_of(spec, head))[0];
  while (features != kInput) {
    const std::size_t at = position_of(spec, features);
    if (spec.layers[at].type != LayerType::dropout) break;
    features = inputs_of(spec, at)[0];
  }
  return features;
}

NetworkSpec with_outputs(NetworkSpec spec, std::int64_t outputs) {
  features_layer(spec);  // throws without a head
  spec.layers[position_of(spec, head_of(spec))].out = outputs;
  resolve(spec);
  return spec;
}

TensorMap parameters_of(const NetworkSpec& spec, const TensorMap& parameters) {
  TensorMap found;
  for (const ParameterSpec& parameter : parameter_specs(spec))
    if (const auto at = parameters.find(parameter.name); at != parameters.end()) found.insert(*at);
  return found;
}

std::string layer_of_parameter(const std::string& parameter) {
  return parameter.substr(0, parameter.rfind('.'));
}

Tensor reordered_rows(const Tensor& old_rows, Tensor fresh, const std::vector<int>& from) {
  const auto row = fresh.values.size() / from.size();
  for (std::size_t i = 0; i < from.size(); ++i)
    if (from[i] >= 0)
      std::copy_n(old_rows.values.begin() +
                      static_cast<std::ptrdiff_t>(static_cast<std::size_t>(from[i]) * row),
                  row, fresh.values.begin() + static_cast<std::ptrdiff_t>(i * row));
  return fresh;
}

}  // namespace steelsight
