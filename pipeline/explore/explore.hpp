#pragma once
// The command `explore`: a look at images, or at a table, before any label is trusted. Labels are
// not needed; where they are, clusters and neighbours are compared with them.
#include "models/backend.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/explore/exploration.hpp"
#include "pipeline/explore/explore_config.hpp"

namespace steelsight {

// Writes explore.html, explore.json, points.csv, config.json and figures (write_exploration) to
// config.output. Throws DatasetError, ModelError, BackendError, FileError, Interrupted.
Exploration explore(Backend& backend, const ExploreConfig& config, Console& console);

}  // namespace steelsight
