#include "models/feature_memory.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>

#include "models/error.hpp"
#include "models/half.hpp"
#include "models/surgery.hpp"

namespace steelsight {
namespace {

const std::string kMemoryLabels = "memory.labels";
const std::string kMemoryFeatures = "memory.features.";  // and the layers' names

std::size_t index_of_layer(const NetworkSpec& spec, const std::string& name) {
  const auto named = [&](const LayerSpec& layer) { return layer.name == name; };
  return static_cast<std::size_t>(std::ranges::find_if(spec.layers, named) - spec.layers.begin());
}

int label_from(float value) {
  if (!(value >= 0 && value < 1 << 20) || value != std::floor(value))
    throw ModelError("'" + kMemoryLabels + "' holds " + std::to_string(value) +
                     ", expected a class");
  return static_cast<int>(value);
}

}  // namespace

std::span<const float> FeatureMemory::row(std::size_t i) const {
  const auto d = static_cast<std::size_t>(dimension);
  return std::span(features).subspan(i * d, d);
}

FeatureMemory FeatureMemory::select(const std::vector<std::size_t>& positions) const {
  FeatureMemory chosen{.layers = layers, .dimension = dimension};
  for (const std::size_t position : positions) {
    const std::span<const float> vector = row(position);
    chosen.features.insert(chosen.features.end(), vector.begin(), vector.end());
    chosen.labels.push_back(labels[position]);
  }
  return chosen;
}

void FeatureMemory::add(std::span<const float> feature, int label) {
  if (!std::cmp_equal(feature.size(), dimension))
    throw std::invalid_argument("a feature of " + std::to_string(feature.size()) +
                                " values for a memory of " + std::to_string(dimension));
  if (std::ranges::any_of(feature, [](float value) { return std::isnan(value); }))
    throw std::invalid_argument("a feature that is not a number can't be remembered");
  for (const float value : feature)
    features.push_back(from_half(to_half(std::clamp(value, -kLargestHalf, kLargestHalf))));
  labels.push_back(label);
}

std::vector<std::string> memory_layers(const NetworkSpec& spec) {
  constexpr std::size_t kPoolings = 3;
  if (head_of(spec).empty()) return {};
  const std::string last = features_layer(spec);
  if (last == "input") return {};
  if (last == kFeaturesNorm) return {last};
  const NetworkSpec trunk = trunk_of(spec, last);
  std::vector<std::string> layers;
  for (const LayerSpec& layer : trunk.layers)
    if (layer.type == LayerType::maxpool || layer.type == LayerType::avgpool)
      layers.push_back(layer.name);
  // The global average of the last pooling says the same as the last pooling.
  const std::size_t end = trunk.layers.size();
  const bool same = end > 1 && trunk.layers[end - 1].type == LayerType::global_avgpool &&
                    !layers.empty() && layers.back() == trunk.layers[end - 2].name;
  if (same) layers.pop_back();
  if (layers.size() > kPoolings)
    layers.erase(layers.begin(), layers.end() - static_cast<std::ptrdiff_t>(kPoolings));
  layers.push_back(last);
  return layers;
}

NetworkSpec with_features(NetworkSpec spec, const std::vector<std::string>& layers) {
  const auto unused = [&](std::string name) {
    while (index_of_layer(spec, name) < spec.layers.size()) name += '_';
    return name;
  };
  const std::vector<LayerGraph> graph = resolve(spec);
  std::vector<std::string> joined{spec.layers.back().name};
  for (const std::string& layer : layers) {
    joined.push_back(layer);
    if (graph[index_of_layer(spec, layer)].output.size() == 1) continue;
    joined.back() = unused(layer + "_pooled");
    spec.layers.push_back(
        {.type = LayerType::global_avgpool, .name = joined.back(), .inputs = {layer}});
  }
  spec.layers.push_back(
      {.type = LayerType::concat, .name = unused("logits_and_features"), .inputs = joined});
  return spec;
}

std::string to_string(const std::vector<std::string>& layers) {
  std::string text;
  for (const std::string& layer : layers) text += (text.empty() ? "" : ",") + layer;
  return text;
}

TensorMap to_tensors(const FeatureMemory& memory) {
  if (memory.empty()) return {};
  const auto n = static_cast<std::int64_t>(memory.size());
  return {{kMemoryFeatures + to_string(memory.layers), {{n, memory.dimension}, memory.features}},
          {kMemoryLabels, {{n}, std::vector<float>(memory.labels.begin(), memory.labels.end())}}};
}

FeatureMemory take_memory(TensorMap& tensors) {
  FeatureMemory memory;
  const auto labels = tensors.extract(kMemoryLabels);
  const auto features = tensors.lower_bound(kMemoryFeatures);
  const bool found = features != tensors.end() && features->first.starts_with(kMemoryFeatures);
  if (labels.empty() && !found) return memory;
  if (labels.empty() || !found)
    throw ModelError("of '" + kMemoryLabels + "' and '" + kMemoryFeatures +
                     "<layers>' one is missing");
  const auto& shape = features->second.shape;
  if (shape.size() != 2 || labels.mapped().shape != std::vector<std::int64_t>{shape[0]})
    throw ModelError("'" + features->first + "' is " + to_string(shape) + " and '" + kMemoryLabels +
                     "' " + to_string(labels.mapped().shape) + ", expected n x D and n");
  std::istringstream names(features->first.substr(kMemoryFeatures.size()));
  for (std::string name; std::getline(names, name, ',');) memory.layers.push_back(name);
  memory.dimension = shape[1];
  memory.features = std::move(features->second.values.own());
  for (const float label : labels.mapped().values) memory.labels.push_back(label_from(label));
  tensors.erase(features);
  return memory;
}

void check_memory(const FeatureMemory& memory, const NetworkSpec& spec, std::size_t classes) {
  if (memory.empty()) return;
  const std::vector<std::string> expected = memory_layers(spec);
  if (memory.layers != expected)
    throw ModelError("the memory is of '" + to_string(memory.layers) + "', expected '" +
                     to_string(expected) + "' of this network");
  const std::vector<LayerGraph> graph = resolve(spec);
  std::int64_t dimension = 0;
  for (const std::string& layer : expected)
    dimension += graph[index_of_layer(spec, layer)].output[0];
  if (memory.dimension != dimension)
    throw ModelError("the memory has vectors of " + std::to_string(memory.dimension) +
                     ", its layers '" + to_string(memory.layers) + "' give " +
                     std::to_string(dimension));
  if (memory.features.size() != memory.size() * static_cast<std::size_t>(memory.dimension))
    throw ModelError("the memory has " + std::to_string(memory.features.size()) +
                     " values, expected " + std::to_string(memory.size()) + " vectors of " +
                     std::to_string(memory.dimension));
  for (const int label : memory.labels)
    if (label < 0 || !std::cmp_less(label, classes))
      throw ModelError("the memory has label " + std::to_string(label) + ", expected 0 to " +
                       std::to_string(classes - 1));
  if (!std::ranges::all_of(memory.features, [](float value) { return std::isfinite(value); }))
    throw ModelError("the memory holds values that are not finite");
}

}  // namespace steelsight
