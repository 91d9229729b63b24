#include "pipeline/train/finish_model.hpp"

#include <algorithm>
#include <optional>

#include "evaluation/number_text.hpp"
#include "pipeline/predict/novelty.hpp"

namespace steelsight {
namespace {

FeatureMemory remember(ImageNetwork& network, std::vector<std::string> layers,
                       const LabelledExamples& train, const FinishOptions& options) {
  const std::vector<std::size_t> chosen =
      select_per_class(train.labels, options.per_class, options.seed);
  FeatureMemory memory{.layers = std::move(layers)};
  network.run(train.examples.select(chosen), [&](const ImageOutput& output) {
    if (!output.error.empty()) return;
    memory.dimension = static_cast<std::int64_t>(output.features.size());
    memory.add(output.features, train.labels[chosen[output.item]]);
  });
  return memory.empty() ? FeatureMemory{} : memory;
}

Validated look_at(ImageNetwork& network, const FeatureMemory& memory,
                  const LabelledExamples& validation) {
  const std::optional<Novelty> novelty =
      memory.empty() ? std::nullopt : std::optional<Novelty>(memory);
  Validated result;
  network.run(validation.examples, [&](const ImageOutput& output) {
    if (!output.error.empty()) return;
    result.logits.insert(result.logits.end(), output.logits.begin(), output.logits.end());
    result.labels.push_back(validation.labels[output.item]);
    if (novelty) result.distances.push_back(novelty->distance(output.features));
  });
  return result;
}

std::string memory_text(const FeatureMemory& memory, bool has_layers) {
  if (memory.empty())
    return std::string("no memory, so that images of something else can't be told: ") +
           (has_layers ? "none of the training images can be read"
                       : "the network does not end in a dense layer behind another layer");
  return "memory: " + std::to_string(memory.size()) + " images, " +
         std::to_string(memory.dimension) + " features each, of '" + to_string(memory.layers) + "'";
}

std::string calibration_text(const Calibration& calibration, const std::string& images) {
  return "calibration: temperature " + fixed_text(calibration.temperature, 3) +
         ", expected calibration error " + percent_text(calibration.ece_before, 2) + " before, " +
         percent_text(calibration.ece_after, 2) + " after, on " +
         std::to_string(calibration.judged.size()) + " " + images +
         (std::ranges::all_of(calibration.judged, &Judged::correct)
              ? ", all of them right: the temperature is a cautious guess"
              : "");
}

}  // namespace

std::vector<std::string> finish_model(Backend& backend, Model& model, const FinishImages& images,
                                      const FinishOptions& options) {
  const std::vector<std::string> layers = memory_layers(model.spec);
  ImageNetwork network(backend, model, /*features=*/true, options.run);
  model.memory =
      layers.empty() ? FeatureMemory{} : remember(network, layers, images.train, options);
  model.calibration = Json::object();
  std::vector<std::string> notes{memory_text(model.memory, !layers.empty())};
  Validated validated = look_at(network, model.memory, images.validation);
  const char* images_seen = "validation images";
  if (validated.labels.empty() && !images.left_out.labels.empty()) {
    validated = images.left_out;
    if (!model.memory.empty()) validated.distances = distances_within(model.memory);
    images_seen = "training images, each left out";
  }
  if (validated.labels.empty()) {
    notes.push_back(
        "no calibration: there are no validation images; confidences are the softmax as it is");
    return notes;
  }
  const Calibration calibration = calibrate(std::move(validated));
  model.calibration = to_json(calibration);
  notes.push_back(calibration_text(calibration, images_seen));
  return notes;
}

}  // namespace steelsight
