#pragma once
// The command `classify`: names every image of files, folders and globs, or every row of a table,
// with a class and a confidence.
#include <cstdint>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "models/backend.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/command/model_run.hpp"
#include "pipeline/predict/explain.hpp"
#include "pipeline/predict/unknown.hpp"

namespace steelsight {

struct ClassifyConfig {
  std::vector<std::string> inputs;  // files, folders, globs, or one table
  ModelRunConfig run;
  // One known image of twenty is called unknown, so that unknown things are not taken for known: a
  // second look costs less than a wrong name. Only the user knows what max_error may be.
  UnknownConfig unknown{.max_error = 1, .false_alarms = 0.05};
  ExplainConfig explain = {};
};

const Fields<ClassifyConfig>& classify_fields();

struct ClassifyResult {
  std::size_t images = 0;
  std::size_t errors = 0;   // images that could not be read: rows with an error
  std::size_t unknown = 0;  // rows with the prediction "unknown"
};

// Writes predictions.csv (evaluation/predictions.hpp) to config.output, a row an input image,
// in their order, streamed. With config.explain also explained/<row>_<file>.jpg, the image with
// where the model looked when it chose the most probable class. Throws DatasetError, ModelError,
// BackendError, FileError, Interrupted.
ClassifyResult classify(Backend& backend, const ClassifyConfig& config, Console& console);

}  // namespace steelsight
