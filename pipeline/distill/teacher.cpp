#include "pipeline/distill/teacher.hpp"

#include "core/content_hash.hpp"
#include "models/model_file.hpp"
#include "models/surgery.hpp"
#include "pipeline/features/architecture.hpp"
#include "pipeline/features/preparation.hpp"

namespace steelsight {
namespace {

constexpr std::size_t kTeacherStages = 3;

FeatureNetwork from_model(const DistillConfig& config, Console& console) {
  if (!fs::exists(config.teacher) && !config.teacher.ends_with(".safetensors"))
    throw ConfigError("/distill/teacher is '" + config.teacher +
                      "' without weights, expected a model file, or an architecture with "
                      "--teacher-weights FILE");
  Model model = load_model(config.teacher, console.stop());
  const Preparation preparation = preparation_of(model);
  return {.spec = std::move(model.spec),
          .parameters = std::move(model.parameters),
          .preprocessing = image_preparation(preparation)};
}

FeatureNetwork from_weights(const DistillConfig& config, Console& console) {
  Architecture architecture = make_architecture(
      config.teacher,
      {.classes = 0, .input_size = config.teacher_input_size, .weights = config.teacher_weights});
  WeightsForArchitecture weights =
      weights_for(architecture, config.teacher_weights, "without weights");
  console.line(weights.note);
  return {.spec = std::move(architecture.spec),
          .parameters = std::move(weights.parameters),
          .preprocessing = weights.preprocessing};
}

std::vector<std::string> layers_of(const DistillConfig& config, const NetworkSpec& spec) {
  if (config.teacher_layers.empty()) return stage_ends(spec, kTeacherStages);
  std::vector<std::string> layers;
  for (const std::string& layer : config.teacher_layers) layers.push_back(find_layer(spec, layer));
  return layers;
}

}  // namespace

Teacher load_teacher(const DistillConfig& config, Console& console) {
  FeatureNetwork network =
      config.teacher_weights.empty() ? from_model(config, console) : from_weights(config, console);
  const std::vector<std::string> layers = layers_of(config, network.spec);
  network.spec = pooled_features(network.spec, layers);
  network.parameters = parameters_of(network.spec, network.parameters);
  check_parameters(network.spec, network.parameters);
  const std::string digest = digest_of(network);
  const std::string file = config.teacher_weights.empty() ? config.teacher : config.teacher_weights;
  return {.network = std::move(network),
          .origin = {{"file", fs::path(file).filename().string()},
                     {"layers", layers},
                     {"digest", digest}},
          .digest = digest};
}

std::string digest_of(const FeatureNetwork& network) {
  const std::string all = to_json(network.spec).dump() + to_json(network.preprocessing).dump() +
                          fingerprint(network.parameters);
  return to_hex(content_hash(all.data(), all.size()));
}

}  // namespace steelsight
