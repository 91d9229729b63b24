#pragma once
// The command `evaluate`: classifies a labelled data set and reports how good the model is on it,
// apart for the images that it has seen in training.
#include <cstdint>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "datasets/dataset.hpp"
#include "models/backend.hpp"
#include "models/model_file.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/command/model_run.hpp"
#include "pipeline/features/image_network.hpp"
#include "pipeline/predict/explain.hpp"
#include "pipeline/predict/unknown.hpp"
#include "pipeline/report/report.hpp"

namespace steelsight {

struct EvaluateConfig {
  std::string dataset;
  ModelRunConfig run;
  UnknownConfig unknown;  // asked: reports how many images it would let through, and how many of
                          // these are wrong. The other figures are without it.
  ExplainConfig explain{.method = ExplainMethod::grad_cam};  // for the errors that the page shows
};

const Fields<EvaluateConfig>& evaluate_fields();

// Writes predictions.csv and the report's files (pipeline/report/report.hpp) to config.output.
// Throws DatasetError, ModelError, BackendError, FileError, Interrupted.
Report evaluate(Backend& backend, const EvaluateConfig& config, Console& console);

struct EvaluateSamplesOptions {
  fs::path output;
  std::string title;
  fs::path model_file;             // its name stands in the report
  std::vector<EpochLog> log = {};  // for learning curves
  UnknownConfig unknown = {};
  ExplainConfig explain{.method = ExplainMethod::grad_cam};
  ImageRunOptions run = {};
};

// The same for some samples of an open data set, with a model at hand.
Report evaluate_samples(Backend& backend, const Model& model, const Dataset& dataset,
                        const std::vector<std::size_t>& samples,
                        const EvaluateSamplesOptions& options, Console& console);

}  // namespace steelsight
