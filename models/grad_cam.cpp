#include "models/grad_cam.hpp"

#include <algorithm>
#include <stdexcept>

#include "models/error.hpp"
#include "models/fold.hpp"
#include "models/surgery.hpp"

namespace steelsight {
namespace {

bool has_places(const Shape& shape) {
  return shape.size() == 3 && shape[1] * shape[2] > 1;
}

bool is_pooling(LayerType type) {
  return type == LayerType::maxpool || type == LayerType::avgpool;
}

std::string resolve_layer(const NetworkSpec& spec, const std::string& name) {
  const std::string last = last_layer_with_places(spec);
  if (last.empty()) throw ModelError("the network has no layer with places (C,H,W) to look at");
  return name.empty() ? last : find_layer(spec, name);
}

Shape shape_at(const NetworkSpec& spec, const std::string& layer) {
  Shape shape = resolve(trunk_of(spec, layer)).back().output;
  if (!has_places(shape))
    throw ModelError("layer '" + layer + "' gives " + to_string(shape) +
                     ", expected a layer with places (C,H,W) to look at, as '" +
                     last_layer_with_places(spec) + "'");
  return shape;
}

// What follows the cut, to be run forward as in inference and then backward to its input.
TrainingNetwork make_rest(Backend& backend, const NetworkSpec& spec, const TensorMap& parameters,
                          const GradCam::Options& options) {
  NetworkSpec rest = rest_of(spec, options.layer);
  TensorMap rest_parameters = parameters_of(rest, parameters);
  simplify_for_inference(rest, rest_parameters);  // dropout would be drawn
  std::set<std::string> layers;
  for (const LayerSpec& layer : rest.layers) layers.insert(layer.name);
  return {backend,
          std::move(rest),
          std::move(rest_parameters),
          {.batch_size = options.batch_size, .input_gradient = true, .frozen_layers = layers}};
}

// Fills the map of one image. activations, gradients: C x places.
void weigh(std::span<const float> activations, std::span<const float> gradients,
           std::span<float> map) {
  const std::size_t places = map.size();
  std::ranges::fill(map, 0.0f);
  for (std::size_t at = 0; at < activations.size(); at += places) {
    float weight = 0;
    for (std::size_t i = 0; i < places; ++i) weight += gradients[at + i];
    weight /= static_cast<float>(places);
    for (std::size_t i = 0; i < places; ++i) map[i] += weight * activations[at + i];
  }
  for (float& value : map) value = std::max(value, 0.0f);
}

}  // namespace

std::string last_layer_with_places(const NetworkSpec& spec) {
  const std::vector<LayerGraph> graph = resolve(spec);
  for (std::size_t i = graph.size(); i-- > 0;)
    if (has_places(graph[i].output) && !is_pooling(spec.layers[i].type) &&
        can_be_cut(spec, spec.layers[i].name))
      return spec.layers[i].name;
  return "";
}

GradCam::GradCam(Backend& backend, const NetworkSpec& spec, const TensorMap& parameters,
                 const Options& options)
    : layer_(resolve_layer(spec, options.layer)),
      shape_(shape_at(spec, layer_)),
      trunk_(backend, trunk_of(spec, layer_), parameters_of(trunk_of(spec, layer_), parameters),
             {.batch_size = options.batch_size}),
      rest_(make_rest(backend, spec, parameters,
                      {.batch_size = options.batch_size, .layer = layer_})) {}

void GradCam::run(std::span<const float> images, std::span<const int> classes,
                  std::span<float> maps) {
  const std::size_t count = classes.size();
  const auto outputs = static_cast<std::size_t>(element_count(rest_.output_shape()));
  const auto places = static_cast<std::size_t>(height() * width());
  const std::size_t features = places * static_cast<std::size_t>(shape_[0]);
  if (maps.size() != count * places)
    throw std::invalid_argument("GradCam::run: maps has " + std::to_string(maps.size()) +
                                " numbers, expected " + std::to_string(count * places));
  for (const int k : classes)
    if (k < 0 || static_cast<std::size_t>(k) >= outputs)
      throw std::out_of_range("GradCam::run: class " + std::to_string(k) + ", the network has " +
                              std::to_string(outputs));

  std::ranges::fill(rest_.input(), 0.0f);
  const std::span<float> activations = rest_.input().first(count * features);
  trunk_.run(images, static_cast<std::int64_t>(count), activations);
  rest_.forward(Random(0));  // nothing is drawn
  std::ranges::fill(rest_.output_gradient(), 0.0f);
  for (std::size_t n = 0; n < count; ++n)
    rest_.output_gradient()[n * outputs + static_cast<std::size_t>(classes[n])] = 1;
  rest_.backward();
  for (std::size_t n = 0; n < count; ++n)
    weigh(activations.subspan(n * features, features),
          rest_.input_gradient().subspan(n * features, features), maps.subspan(n * places, places));
}

}  // namespace steelsight
