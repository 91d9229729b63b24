#pragma once
// The last step of a training run: what a model carries besides its network.
#include "models/model_file.hpp"
#include "models/network.hpp"
#include "pipeline/console.hpp"
#include "pipeline/example_source.hpp"

namespace steelsight {

struct FinishOptions {
  std::size_t per_class = 100;  // features remembered of each class
  std::uint64_t seed = 0;       // of their choice
};

// Fills the model's memory from the training images. A network whose last layer is not dense gets
// none.
void finish_model(Backend& backend, Model& model, const LabelledImages& train,
                  const FinishOptions& options, Console& console);

}  // namespace steelsight
