#pragma once
// When a prediction is not given but "unknown": its confidence is too low for a stated rate of
// errors, or the image is too far from all that the model knows for a stated rate of false alarms.
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "evaluation/rejection.hpp"
#include "models/model_file.hpp"
#include "pipeline/predict/classifier.hpp"

namespace steelsight {

struct UnknownConfig {
  double max_error = 1;  // among accepted validation images, in [0, 1]; 1: any confidence will do
  double false_alarms = 0;  // share of images of known classes, in [0, 1); 0: any distance will do

  bool asked() const { return max_error < 1 || false_alarms > 0; }
};

const Fields<UnknownConfig>& unknown_fields();

struct UnknownRule {
  float least_confidence = 0;
  float largest_distance = std::numeric_limits<float>::infinity();
  std::vector<std::string> notes =
      {};  // sentences for the user: what is promised, and what can't be

  bool calls_unknown(const Classification& c) const;
};

// Thresholds from the model's validation images. A rate of false alarms that they can't promise, or
// a model without memory, leaves every distance known, and the notes say so. Throws ConfigError for
// a rate of errors that no confidence reaches, or where there is no calibration to choose one by;
// ModelError.
UnknownRule make_unknown_rule(const Model& model, const UnknownConfig& config);

}  // namespace steelsight
