#pragma once
// Confidences that mean what they say: one temperature for all logits, fitted on images that the
// model did not learn from (Guo et al., "On calibration of modern neural networks", ICML 2017).
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/json_object.hpp"
#include "evaluation/reliability.hpp"

namespace steelsight {

// The temperature T for which softmax(logits / T) has the least cross-entropy, from 0.01 to 100; 1
// for no rows. Each target gives 1/(n+1) of its weight to all classes alike, as if one more image
// had been seen whose class is anyone's guess (Platt, "Probabilistic outputs for support vector
// machines", 1999): n images can't tell confidences above about 1 - 1/n apart, and separable ones
// don't drive T to 0. The sum is convex in 1/T, so the minimum is the one zero of its derivative.
// logits: n x K, row-major, finite; labels: n, in [0, K). Throws std::invalid_argument.
double fit_temperature(std::span<const float> logits, std::span<const int> labels);

// softmax(logits / temperature) of one row.
std::vector<float> calibrated(std::span<const float> logits, double temperature);

// What a model remembers of the validation images; thresholds for any rate follow from it.
struct Calibration {
  double temperature = 1;
  double ece_before = 0, ece_after = 0;  // without the temperature, and with it, on these images
  std::vector<Judged> judged;            // calibrated; the most confident first
  std::vector<float> distances;  // to what is known (pipeline/predict/novelty.hpp), ascending;
                                 // empty without a memory
};

// What a network says of images that it did not learn from.
struct Validated {
  std::vector<float> logits;     // n x K, row-major, without a temperature
  std::vector<int> labels;       // n, in [0, K)
  std::vector<float> distances;  // from these images or others; may be none
};

// Calibrates with the temperature that fits the images. Throws std::invalid_argument as
// fit_temperature(), and for no labels.
Calibration calibrate(Validated validated);

// An object for Model::calibration, which is empty if there is none. Reading is strict and throws
// ConfigError with the path.
Json to_json(const Calibration& calibration);
std::optional<Calibration> calibration_from_json(const Json& json);

}  // namespace steelsight
