#pragma once
// The stage `classify`: names every image of files, folders and globs with a class and a
// confidence.
#include <cstdint>
#include <string>
#include <vector>

#include "core/json_object.hpp"
#include "models/backend.hpp"
#include "pipeline/console.hpp"
#include "pipeline/model_run.hpp"

namespace steelsight {

struct ClassifyConfig {
  std::vector<std::string> inputs;  // files, folders, globs
  ModelRunConfig run;
};

ClassifyConfig classify_config_from_json(const Json& json);
Json to_json(const ClassifyConfig& config);

struct ClassifyResult {
  std::size_t images = 0;
  std::size_t errors = 0;  // images that could not be read: rows with an error
};

// Writes predictions.csv (pipeline/report/predictions.hpp) to config.output, a row an input image,
// in their order, streamed. Throws DatasetError, ModelError, BackendError, FileError, Interrupted.
ClassifyResult classify(Backend& backend, const ClassifyConfig& config, Console& console);

}  // namespace steelsight
