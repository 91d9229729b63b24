#pragma once
// Computes the features of images, or takes them from the cache where they were computed before:
// keyed by the image's content, its augmentation, its preprocessing, the network and its weights.
#include <cstdint>
#include <vector>

#include "core/filesystem.hpp"
#include "models/network.hpp"
#include "pipeline/console.hpp"
#include "pipeline/features.hpp"
#include "preprocessing/augmentation.hpp"
#include "preprocessing/preprocessing.hpp"

namespace steelsight {

// Where features are kept if nothing else is said: $XDG_CACHE_HOME/steelsight or
// ~/.cache/steelsight; without a home, steelsight-cache in the system's temporary folder.
fs::path default_cache();

struct FeatureNetwork {
  NetworkSpec spec;      // its output: the features
  TensorMap parameters;  // of the spec
  Preprocessing preprocessing;
};

struct ExtractionOptions {
  std::size_t views = 1;           // of each image: itself, and views - 1 augmented ones
  Augmentation augmentation = {};  // of the others
  std::uint64_t seed = 0;          // of the augmentation
  fs::path cache = {};             // folder; empty: default_cache()
  std::int64_t batch_size = 8;
  std::size_t loader_threads = 1;
};

// Rows in the order of the paths. The network's parameters are freed once the kernels have theirs:
// move them in where they are not needed any more. An image that can't be read is an error of the
// features. Throws Interrupted (what was computed stays in the cache), FileError, ModelError,
// BackendError.
Features extract_features(Backend& backend, FeatureNetwork network,
                          const std::vector<fs::path>& paths, const ExtractionOptions& options,
                          Console& console);

}  // namespace steelsight
