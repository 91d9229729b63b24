#pragma once
// The command `extract`: what a network gives at one of its layers, for every image of a data set.
#include <cstdint>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "models/backend.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/features/extraction.hpp"

namespace steelsight {

struct ExtractConfig {
  std::string dataset;
  std::string output;                              // OUTPUT.npy and OUTPUT.csv are written
  std::string model;                               // what `train` wrote
  std::string arch;                                // instead of model: a network as in `train`
  std::string weights;                             // the weights of arch
  std::vector<std::string> layers = {"features"};  // several are pooled and joined; "features":
                                                   // what the last dense layer reads
  bool pooled = true;  // maps of C,H,W are averaged to C; false: one layer's maps are kept
  std::string cache;   // folder; empty: default_cache()
  std::int64_t batch_size = 8;
  std::size_t loader_threads = 1;
};

const Fields<ExtractConfig>& extract_fields();

// The network that gives the features of a configuration, from `model` or `arch` and `weights`.
// Throws ModelError.
FeatureNetwork feature_network(const ExtractConfig& config, Console& console);

struct ExtractResult {
  std::size_t images = 0;
  std::size_t errors = 0;  // images that could not be read
};

// OUTPUT.npy: images x D f32 (images x C x H x W unless pooled), in the data set's order; a row of
// NaN for an image that can't be read. OUTPUT.csv, for vectors: path,label,error,f0,f1,... with the
// same numbers. Throws DatasetError, ModelError, BackendError, FileError, Interrupted.
ExtractResult extract(Backend& backend, const ExtractConfig& config, Console& console);

}  // namespace steelsight
