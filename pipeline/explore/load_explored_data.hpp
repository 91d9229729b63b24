#pragma once
// Where the rows that `explore` looks at come from.
#include "models/backend.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/explore/explore_config.hpp"
#include "pipeline/explore/explored_data.hpp"

namespace steelsight {

// A table's columns, or what config.features says of images. Throws DatasetError for a file of
// features that is not of this data set, or less than 4 rows that can be read; ModelError,
// BackendError, FileError, Interrupted.
ExploredData load_explored_data(Backend& backend, const ExploreConfig& config, Console& console);

}  // namespace steelsight
