#pragma once
// How well a network does on labelled examples: what an epoch is chosen by.
#include <vector>

#include "evaluation/metrics.hpp"
#include "evaluation/training_log.hpp"
#include "models/model_file.hpp"
#include "models/network.hpp"
#include "pipeline/features/example_source.hpp"
#include "pipeline/features/features.hpp"
#include "pipeline/features/image_network.hpp"

namespace steelsight {

// Over the examples that can be read; the loss is the mean cross-entropy, with the natural
// logarithm.
struct Validation {
  Accuracy accuracy;
  double loss = EpochLog::kNotMeasured;
};

Validation validate(Backend& backend, const Model& model, const LabelledExamples& examples,
                    const ImageRunOptions& options = {});

// View 0 of each example. `spec` reads the features and gives a logit for each class.
Validation validate(Backend& backend, const NetworkSpec& spec, const TensorMap& parameters,
                    const Features& features, const std::vector<int>& labels);

}  // namespace steelsight
