#pragma once
// How honest a model was on the scored images: whether its confidences were right, and what it
// would have accepted.
#include <cstddef>
#include <optional>

#include "core/json_object.hpp"

namespace steelsight {

// With thresholds of the model's validation images: images of its classes, and of others.
struct AcceptedReport {
  double max_error = 1, false_alarms = 0;  // what was asked for
  std::size_t n = 0;                       // images of the model's classes
  std::size_t accepted = 0;                // images that were named, not called unknown
  std::size_t wrong = 0;                   // of the accepted
  std::size_t n_other = 0;                 // images with a label that the model has no class for
  std::size_t other_unknown = 0;           // images of n_other called unknown, rightly
};

struct CalibrationReport {
  double temperature = 1;
  double ece_before = 0, ece_after = 0;  // expected calibration error (evaluation/calibration.hpp)
                                         // without the temperature, and with it
  std::size_t n = 0;                     // images that it was measured on
  std::optional<AcceptedReport> accepted = {};
};

// Shares of no images are null.
Json to_json(const CalibrationReport& report);

}  // namespace steelsight
