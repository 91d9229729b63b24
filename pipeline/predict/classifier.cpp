#include "pipeline/predict/classifier.hpp"

#include <algorithm>

#include "models/error.hpp"

namespace steelsight {
namespace {

double temperature_of(const Model& model) {
  const std::optional<Calibration> calibration = calibration_of(model);
  return calibration ? calibration->temperature : 1;
}

std::optional<Novelty> novelty_of(const Model& model) {
  return model.memory.empty() ? std::nullopt : std::optional<Novelty>(model.memory);
}

}  // namespace

std::optional<Calibration> calibration_of(const Model& model) {
  try {
    return calibration_from_json(model.calibration);
  } catch (const ConfigError& error) {
    throw ModelError(std::string("the model's metadata: ") + error.what());
  }
}

std::size_t Classification::best() const {
  return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

Prediction prediction_row(const Classification& classification, const RowContext& context) {
  Prediction row{.path = context.path, .label = context.label, .prediction = {}};
  row.error = classification.error;
  if (!row.error.empty()) return row;
  row.prediction = context.class_names[classification.best()];
  row.confidence = classification.confidence();
  row.probabilities = classification.probabilities;
  row.distance = classification.distance;
  return row;
}

Classifier::Classifier(Backend& backend, Model model, const Options& options)
    : temperature_(temperature_of(model)),
      novelty_(novelty_of(model)),
      network_(backend, std::move(model), novelty_.has_value(), options) {}

void Classifier::run(const Examples& examples,
                     const std::function<void(const Classification&)>& use) {
  network_.run(examples, [&](const ImageOutput& output) {
    Classification result{.item = output.item, .error = output.error, .hash = output.hash};
    if (result.error.empty()) {
      result.uncalibrated = std::ranges::max(calibrated(output.logits, 1));
      result.probabilities = calibrated(output.logits, temperature_);
      if (novelty_) result.distance = novelty_->distance(output.features);
    }
    use(result);
  });
}

}  // namespace steelsight
