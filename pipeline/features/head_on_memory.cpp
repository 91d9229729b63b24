#include "pipeline/features/head_on_memory.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

#include "models/network.hpp"
#include "models/surgery.hpp"
#include "pipeline/features/features_norm.hpp"

namespace steelsight {
namespace {

// The trunk's parameters as they are. The norm's scales are 1, all others of norm and head are 0.
TensorMap parameters_on(const NetworkSpec& spec, const TensorMap& trunk) {
  TensorMap parameters;
  for (const ParameterSpec& parameter : parameter_specs(spec)) {
    const auto known = trunk.find(parameter.name);
    if (known != trunk.end() && known->second.shape == parameter.shape &&
        layer_of_parameter(parameter.name) != head_of(spec)) {
      parameters.insert(*known);
      continue;
    }
    const float value = parameter.role == ParameterSpec::Role::scale ? 1.0f : 0.0f;
    const auto count = static_cast<std::size_t>(element_count(parameter.shape));
    parameters[parameter.name] = {parameter.shape, std::vector<float>(count, value)};
  }
  return parameters;
}

}  // namespace

Model with_head_on_memory(Model model) {
  if (model.memory.empty()) throw std::invalid_argument("the model has no memory");
  if (model.memory.layers.size() == 1) return model;
  model.spec = classifier_on_features(model.spec, model.memory.layers,
                                      static_cast<std::int64_t>(model.class_names.size()));
  model.parameters = parameters_on(model.spec, model.parameters);
  const Features raw = make_features({model.memory.dimension}, model.memory.features);
  fit_features_norm(raw, model.parameters);
  const auto norm = std::ranges::find_if(model.spec.layers, is_features_norm);
  const Features standardised = normalised(raw, *norm, model.parameters);
  FeatureMemory memory{.layers = {kFeaturesNorm}, .dimension = model.memory.dimension};
  for (std::size_t i = 0; i < model.memory.size(); ++i)
    memory.add(standardised.row(i), model.memory.labels[i]);
  model.memory = std::move(memory);
  return model;
}

std::vector<float> logits_of(Backend& backend, const Model& model, const FeatureMemory& memory) {
  const NetworkSpec rest = rest_of(model.spec, features_layer(model.spec));
  const auto read = static_cast<std::size_t>(element_count(rest.input));
  InferenceNetwork head(backend, rest, parameters_of(rest, model.parameters), {.batch_size = 1});
  const std::size_t classes = model.class_names.size();
  std::vector<float> logits(memory.size() * classes);
  for (std::size_t i = 0; i < memory.size(); ++i)
    head.run(memory.row(i).last(read), 1, std::span(logits).subspan(i * classes, classes));
  return logits;
}

}  // namespace steelsight
