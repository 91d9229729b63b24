#include "models/feature_memory.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/error.hpp"
#include "models/half.hpp"
#include "models/surgery.hpp"

namespace steelsight {
namespace {

const std::string kMemoryLabels = "memory.labels";
const std::string kMemoryFeatures = "memory.features.";  // and the layer's name

std::size_t position_of(const NetworkSpec& spec, const std::string& name) {
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

std::optional<std::string> memory_layer(const NetworkSpec& spec) {
  if (head_of(spec).empty()) return std::nullopt;
  const std::string layer = features_layer(spec);
  return layer == "input" ? std::nullopt : std::optional(layer);
}

NetworkSpec with_features(NetworkSpec spec, const std::string& layer) {
  LayerSpec both{.type = LayerType::concat, .name = "logits_and_features"};
  while (position_of(spec, both.name) < spec.layers.size()) both.name += '_';
  both.inputs = {spec.layers.back().name, layer};
  spec.layers.push_back(std::move(both));
  return spec;
}

TensorMap to_tensors(const FeatureMemory& memory) {
  if (memory.empty()) return {};
  const auto n = static_cast<std::int64_t>(memory.size());
  return {{kMemoryFeatures + memory.layer, {{n, memory.dimension}, memory.features}},
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
                     "<layer>' one is missing");
  const auto& shape = features->second.shape;
  if (shape.size() != 2 || labels.mapped().shape != std::vector<std::int64_t>{shape[0]})
    throw ModelError("'" + features->first + "' is " + to_string(shape) + " and '" + kMemoryLabels +
                     "' " + to_string(labels.mapped().shape) + ", expected n x D and n");
  memory.layer = features->first.substr(kMemoryFeatures.size());
  memory.dimension = shape[1];
  memory.features = std::move(features->second.values);
  for (const float label : labels.mapped().values) memory.labels.push_back(label_from(label));
  tensors.erase(features);
  return memory;
}

void check_memory(const FeatureMemory& memory, const NetworkSpec& spec, std::size_t classes) {
  if (memory.empty()) return;
  if (memory_layer(spec) != memory.layer)
    throw ModelError("the memory is of layer '" + memory.layer +
                     "', expected the one that the last dense layer reads");
  const Shape output = resolve(spec)[position_of(spec, memory.layer)].output;
  if (output != Shape{memory.dimension})
    throw ModelError("the memory has vectors of " + std::to_string(memory.dimension) +
                     ", its layer '" + memory.layer + "' gives " + to_string(output));
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
