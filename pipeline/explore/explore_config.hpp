#pragma once
// What `explore` is told.
#include <string>

#include "core/fields.hpp"
#include "pipeline/explore/exploration.hpp"
#include "pipeline/extract/extract.hpp"

namespace steelsight {

struct ExploreConfig {
  std::string dataset;
  std::string output;
  // For images. "model": what a network gives (`network` says which). "pixels": the pixels of
  // images shrunk to 32 x 32. Or the .npy or .csv file that `extract` wrote for the same data set.
  std::string features = "model";
  ExtractConfig network = {};  // its dataset and output are not used
  ExplorationOptions options = {};
};

const Fields<ExploreConfig>& explore_fields();

}  // namespace steelsight
