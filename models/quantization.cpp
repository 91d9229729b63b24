#include "models/quantization.hpp"

#include <algorithm>
#include <cmath>

#include "models/error.hpp"

namespace steelsight {
namespace {

std::size_t index_in(const NetworkSpec& spec, const std::string& name) {
  const auto found = std::ranges::find(spec.layers, name, &LayerSpec::name);
  if (found == spec.layers.end())
    throw ModelError("the quantisation names layer '" + name + "', which the network has not");
  return static_cast<std::size_t>(found - spec.layers.begin());
}

}  // namespace

std::vector<std::string> quantizable_layers(const NetworkSpec& spec) {
  std::vector<std::string> layers;
  for (const LayerSpec& layer : spec.layers)
    if (layer.type == LayerType::conv) layers.push_back(layer.name);
  return layers;
}

std::string value_read(const NetworkSpec& spec, const std::string& layer) {
  const std::vector<LayerGraph> graph = resolve(spec);
  std::size_t value = graph[index_in(spec, layer)].inputs[0];
  while (value > 0 && spec.layers[value - 1].type == LayerType::maxpool)
    value = graph[value - 1].inputs[0];
  return value == 0 ? "input" : spec.layers[value - 1].name;
}

void check_quantization(const Quantization& quantization, const NetworkSpec& spec) {
  for (const std::string& layer : quantization.layers) {
    if (spec.layers[index_in(spec, layer)].type != LayerType::conv)
      throw ModelError("the quantisation names layer '" + layer + "', which is no convolution");
    const std::string value = value_read(spec, layer);
    if (!quantization.values.contains(value))
      throw ModelError("the quantisation has no range for '" + value + "', which '" + layer +
                       "' reads");
  }
  for (const auto& [value, range] : quantization.values)
    if (!(range.step > 0) || !std::isfinite(range.step))
      throw ModelError("the quantisation's step of '" + value + "' is " +
                       std::to_string(range.step) + ", expected more than 0");
}

Json to_json(const Quantization& quantization) {
  Json values = Json::object();
  for (const auto& [name, range] : quantization.values)
    values[name] = {{"step", range.step}, {"signed", range.is_signed}};
  return {{"layers", quantization.layers}, {"values", values}, {"figures", quantization.figures}};
}

Quantization quantization_from_json(const Json& json) {
  JsonObject object(json, "/quantization");
  Quantization quantization;
  for (const std::string& layer : object.require<std::vector<std::string>>("layers"))
    quantization.layers.insert(layer);
  const Json values = object.require<Json>("values");
  if (!values.is_object()) throw ConfigError("/quantization/values is not an object");
  for (const auto& [name, entry] : values.items()) {
    JsonObject range(entry, "/quantization/values/" + name);
    quantization.values[name] = {.step = range.require<float>("step"),
                                 .is_signed = range.require<bool>("signed")};
    range.finish();
  }
  quantization.figures = object.require<Json>("figures");
  object.finish();
  return quantization;
}

IntegerWeights to_integers(const Tensor& weight, int largest) {
  const auto channels = static_cast<std::size_t>(weight.shape[0]);
  const std::size_t fan_in = channels == 0 ? 0 : weight.values.size() / channels;
  IntegerWeights result{.values = std::vector<std::int8_t>(weight.values.size()),
                        .steps = std::vector<float>(channels, 1.0f)};
  for (std::size_t c = 0; c < channels; ++c) {
    const float* row = weight.values.data() + c * fan_in;
    float magnitude = 0;
    for (std::size_t i = 0; i < fan_in; ++i) magnitude = std::max(magnitude, std::abs(row[i]));
    if (magnitude > 0) result.steps[c] = magnitude / static_cast<float>(largest);
    for (std::size_t i = 0; i < fan_in; ++i)
      result.values[c * fan_in + i] =
          static_cast<std::int8_t>(std::lround(row[i] / result.steps[c]));
  }
  return result;
}

}  // namespace steelsight
