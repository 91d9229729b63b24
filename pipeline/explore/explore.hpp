#pragma once
// The stage `explore`: a look at images, or at a table, before any label is trusted. Labels are not
// needed; where they are, clusters and neighbours are compared with them.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/json_object.hpp"
#include "models/backend.hpp"
#include "pipeline/console.hpp"
#include "pipeline/explore/exploration.hpp"
#include "pipeline/extract.hpp"

namespace steelsight {

struct ExploreConfig {
  std::string dataset;
  std::string output;
  // Of images: "model", what a network gives (`network` says which); "pixels", of images shrunk to
  // 32 x 32; or the .npy or .csv file that `extract` wrote for the same data set.
  std::string features = "model";
  ExtractConfig network = {};  // its dataset and output are not used
  ExplorationOptions options = {};
};

// Strict. Throws ConfigError with the path of what is wrong.
ExploreConfig explore_config_from_json(const Json& json);
Json to_json(const ExploreConfig& config);

// Writes explore.html, explore.json, points.csv, config.json and figures (write_exploration) to
// config.output. Throws DatasetError, ModelError, BackendError, FileError, Interrupted.
Exploration explore(Backend& backend, const ExploreConfig& config, Console& console);

}  // namespace steelsight
