#pragma once
// data/calibration.json: values of PyTorch, SciPy and scikit-learn, written by
// scripts/reference/export_calibration.py.
#include <string>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/json_object.hpp"
#include "evaluation/calibration.hpp"

namespace steelsight {

inline Json calibration_reference(const std::string& key) {
  const std::string file = STEELSIGHT_SOURCE_DIR "/tests/evaluation/data/calibration.json";
  return parse_json(read_file(file), file).at(key);
}

inline std::vector<Judged> judged_images(const Json& item) {
  std::vector<Judged> images;
  for (std::size_t i = 0; i < item.at("correct").size(); ++i)
    images.push_back({item.at("confidences")[i].get<float>(), item.at("correct")[i].get<bool>()});
  return images;
}

}  // namespace steelsight
