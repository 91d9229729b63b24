#pragma once
// Computes the features of images, or takes them from the cache where they were computed before:
// keyed by the image's content, its augmentation, its preprocessing, the network and its weights.
#include <cstdint>
#include <vector>

#include "core/filesystem.hpp"
#include "models/network.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/features/feature_cache.hpp"
#include "pipeline/features/features.hpp"
#include "preprocessing/augmentation.hpp"
#include "preprocessing/loader.hpp"
#include "preprocessing/preprocessing.hpp"

namespace steelsight {

struct FeatureNetwork {
  NetworkSpec spec;      // its output: the features
  TensorMap parameters;  // all of the spec's
  Preprocessing preprocessing;
};

struct ExtractionOptions {
  std::size_t views = 1;           // rows per image: itself, and views - 1 augmented ones
  Augmentation augmentation = {};  // of the augmented views
  std::uint64_t seed = 0;          // for the augmentation
  fs::path cache = {};             // folder; empty: default_cache()
  std::string cache_option = "/train/cache";  // what sets it, for the warning that it can't be used
  std::int64_t batch_size = 8;
  std::size_t loader_threads = 1;
};

// How an image is shown in one of its views.
View view_of(const Augmentation& augmentation, std::uint64_t seed, std::size_t view);

// Rows in the order of the paths. The network's parameters are freed once the kernels have theirs:
// move them in where they are not needed any more. An image that can't be read is an error of the
// features; a cache that can't be written is a warning, and they are held in memory. Throws
// Interrupted (what was computed stays in the cache), ResourceError, ModelError, BackendError.
Features extract_features(Backend& backend, FeatureNetwork network,
                          const std::vector<fs::path>& paths, const ExtractionOptions& options,
                          Console& console);

}  // namespace steelsight
