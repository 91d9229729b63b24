#pragma once
// The command `extend`: teaches a model new classes from images of these classes alone. The
// model carries what is needed of its old classes: the memory (models/feature_memory.hpp). The
// network up to the memory's layer stays as it is; the last dense layer is trained again, on old
// and new features.
#include <cstdint>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "evaluation/metrics.hpp"
#include "models/backend.hpp"
#include "pipeline/command/console.hpp"
#include "preprocessing/augmentation.hpp"

namespace steelsight {

struct ExtendConfig {
  std::string dataset;      // images of the new classes; more of old ones are welcome
  std::string model;        // what `train` or `extend` wrote
  std::string output;       // the model file
  std::string old;          // a data set to measure the old classes' recall on; empty: the memory
  double max_forget = 2;    // percentage points of the old classes' mean recall that may be lost
  double validation = 0.2;  // share of new images and remembered vectors to calibrate on
  std::int64_t epochs = 60;
  double learning_rate = 3e-3;
  std::int64_t views = 8;               // for each new image
  std::int64_t memory_per_class = 100;  // features kept of each new class
  Augmentation augmentation;
  std::string cache;  // folder; empty: default_cache()
  std::uint64_t seed = 0;
  std::size_t loader_threads = 1;
};

const Fields<ExtendConfig>& extend_fields();

struct ExtendResult {
  std::vector<std::string> new_classes;
  double recall_before = 0, recall_after = 0;  // mean over the old classes; 0 to 1
  Accuracy validation;                         // on the new images that were kept for it
};

// More of an old class would be lost than was allowed; nothing was written. Exit code 3.
struct ForgetError : Error {
  using Error::Error;
};

// Writes OUTPUT and OUTPUT's .config.json. Throws ForgetError; ModelError for a model without a
// memory; DatasetError, BackendError, FileError, Interrupted.
ExtendResult extend(Backend& backend, const ExtendConfig& config, Console& console);

}  // namespace steelsight
