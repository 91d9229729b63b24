#pragma once
// The last step of a training run: the model gets its memory and its calibration.
#include <cstdint>
#include <string>
#include <vector>

#include "evaluation/calibration.hpp"
#include "models/backend.hpp"
#include "models/model_file.hpp"
#include "pipeline/features/example_source.hpp"
#include "pipeline/features/image_network.hpp"

namespace steelsight {

struct FinishOptions {
  std::size_t per_class = 100;  // training images of each class that are remembered
  std::uint64_t seed = 0;       // which ones
  ImageRunOptions run = {};
};

struct FinishImages {
  const LabelledExamples& train;
  const LabelledExamples& validation;
  Validated left_out = {};  // what the model's head says of training images that it left out
};

// Sets model.memory from training images and model.calibration from validation images. Both replace
// what was there. Nothing else is changed. Labels are positions in the model's class names. Images
// that can't be read are left out. Without validation images that can be read, training images that
// were left out take their place; without both there is no calibration; where memory_layers() finds
// none there is no memory. Gives sentences for the user: what was found, or why there is none.
// Throws ModelError, BackendError, Interrupted.
std::vector<std::string> finish_model(Backend& backend, Model& model, const FinishImages& images,
                                      const FinishOptions& options);

}  // namespace steelsight
