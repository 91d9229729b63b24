#include "pipeline/train/starting_point.hpp"

#include <algorithm>

#include "models/error.hpp"
#include "models/feature_memory.hpp"
#include "models/model_file.hpp"
#include "models/surgery.hpp"
#include "models/weights.hpp"
#include "pipeline/features/architecture.hpp"
#include "pipeline/train/learner.hpp"
#include "pipeline/train/phase.hpp"

namespace steelsight {
namespace {

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Each class's place among the model's classes; -1 for a new class.
std::vector<int> places_in(const std::vector<std::string>& known,
                           const std::vector<std::string>& classes) {
  std::vector<int> places;
  for (const std::string& name : classes) {
    const auto found = std::ranges::find(known, name);
    places.push_back(found == known.end() ? -1 : static_cast<int>(found - known.begin()));
  }
  return places;
}

void note_classes(StartingPoint& point, const std::vector<std::string>& known,
                  const std::vector<std::string>& classes) {
  std::vector<std::string> added, dropped;
  for (const std::string& name : classes)
    if (std::ranges::find(known, name) == known.end()) added.push_back(name);
  for (const std::string& name : known)
    if (std::ranges::find(classes, name) == classes.end()) dropped.push_back(name);
  if (!added.empty()) point.notes.push_back("classes new to the model: " + join(added));
  if (!dropped.empty())
    point.notes.push_back("classes of the model that the data set does not have are dropped: " +
                          join(dropped));
}

// The model's own head, with rows for these classes.
void keep_head(StartingPoint& point, Model& model, const TrainConfig& config,
               const std::vector<std::string>& classes) {
  point.spec = with_outputs(model.spec, static_cast<std::int64_t>(classes.size()));
  const std::string head = head_of(point.spec);
  const std::vector<int> places = places_in(model.class_names, classes);
  const TensorMap fresh = initial_parameters(point.spec, config.seed);
  point.parameters = std::move(model.parameters);
  for (const char* suffix : {".weight", ".bias"})
    if (const auto rows = point.parameters.find(head + suffix); rows != point.parameters.end())
      rows->second = reordered_rows(rows->second, fresh.at(head + suffix), places);
  note_classes(point, model.class_names, classes);
}

std::vector<std::string> find_layers(const NetworkSpec& spec,
                                     const std::vector<std::string>& names) {
  std::vector<std::string> layers;
  for (const std::string& name : names) layers.push_back(find_layer(spec, name));
  return layers;
}

// Where least squares finds most without further words: the last poolings, as many as can learn
// later (transfer_cut()). Nothing for a model whose head reads pooled layers already.
std::vector<std::string> last_poolings(const NetworkSpec& spec) {
  std::vector<std::string> layers = memory_layers(spec);
  if (layers.size() < 2) return {};
  const std::string cut = transfer_cut(spec);
  const auto first = std::ranges::find(layers, cut);
  if (first != layers.end()) layers.erase(layers.begin(), first);
  return layers;
}

std::vector<std::string> layers_of_new_head(const TrainConfig& config, const Model& model) {
  const bool left_open = config.layers.empty() && config.freeze.empty() && config.phases.empty();
  if (left_open && config.head == HeadMethod::least_squares) return last_poolings(model.spec);
  return find_layers(model.spec, config.layers);
}

// A new head on pooled layers of the model.
void new_head(StartingPoint& point, const Model& model, const TrainConfig& config,
              const std::vector<std::string>& classes) {
  image_preparation(point.preprocessing);  // throws for a model that reads a table
  point.spec =
      classifier_on_features(model.spec, point.layers, static_cast<std::int64_t>(classes.size()));
  point.parameters = initial_parameters(
      point.spec, config.seed,
      parameters_of(pooled_features(model.spec, point.layers), model.parameters));
}

StartingPoint from_model(const TrainConfig& config, const std::vector<std::string>& classes) {
  Model model = load_model(config.from);
  StartingPoint point;
  point.preprocessing = preparation_of(model);
  point.layers = layers_of_new_head(config, model);
  if (point.layers.empty())
    keep_head(point, model, config, classes);
  else
    new_head(point, model, config, classes);
  point.origin = {{"from", fs::path(config.from).filename().string()},
                  {"arch", model.training.value("arch", "")}};
  point.trained_images = std::move(model.trained_images);
  point.validated_images = std::move(model.validated_images);
  return point;
}

// What the file has nothing for is initialised later.
void take_weights(StartingPoint& point, const std::string& file) {
  WeightsForArchitecture weights = weights_for({point.spec, image_preparation(point.preprocessing)},
                                               file, "freshly initialised");
  point.notes.push_back(std::move(weights.note));
  point.parameters = std::move(weights.parameters);
  point.preprocessing = weights.preprocessing;
  point.origin["weights"] = fs::path(file).filename().string();
}

Architecture architecture_of(const TrainConfig& config, std::int64_t classes) {
  return make_architecture(config.arch, {.classes = classes,
                                         .input_size = config.input_size,
                                         .width = config.width,
                                         .dropout = config.dropout,
                                         .weights = config.weights});
}

StartingPoint from_architecture(const TrainConfig& config, std::int64_t classes) {
  Architecture architecture = architecture_of(config, classes);
  StartingPoint point;
  point.preprocessing = architecture.preprocessing;
  point.spec = std::move(architecture.spec);
  if (!config.layers.empty())
    point.spec =
        classifier_on_features(point.spec, find_layers(point.spec, config.layers), classes);
  point.origin = {{"arch", fs::path(config.arch).filename().string()}};
  if (!config.weights.empty()) take_weights(point, config.weights);
  point.parameters = initial_parameters(point.spec, config.seed, std::move(point.parameters));
  return point;
}

}  // namespace

StartingPoint make_starting_point(const TrainConfig& config,
                                  const std::vector<std::string>& class_names) {
  if (config.arch.empty()) return from_model(config, class_names);
  return from_architecture(config, static_cast<std::int64_t>(class_names.size()));
}

StartingPoint make_table_starting_point(const TrainConfig& config,
                                        const std::vector<std::string>& class_names,
                                        const TableScaling& scaling) {
  if (config.arch.empty()) return from_model(config, class_names);
  if (!config.weights.empty() || !config.layers.empty())
    throw ConfigError(
        "/train/weights and /train/layers are of networks that read images, expected none for a "
        "table");
  StartingPoint point;
  point.preprocessing = scaling;
  point.spec = make_table_network(config.arch,
                                  {.features = static_cast<std::int64_t>(scaling.features.size()),
                                   .classes = static_cast<std::int64_t>(class_names.size()),
                                   .hidden = config.hidden,
                                   .activation = config.activation});
  point.parameters = initial_parameters(point.spec, config.seed);
  point.origin = {{"arch", fs::path(config.arch).filename().string()}};
  return point;
}

}  // namespace steelsight
