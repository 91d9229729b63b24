#pragma once
// What `classify` and `evaluate` are told alike: which model to run, how, and where to write.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/fields.hpp"

namespace steelsight {

struct ModelRunConfig {
  std::string output;           // folder
  std::string model;            // what `train` wrote; empty: pretrained_model()
  std::int64_t batch_size = 8;  // images computed at once
  std::size_t loader_threads = 1;
  bool strict = false;  // an unreadable image or folder is an error in the end
};

const Fields<ModelRunConfig>& model_run_fields();

// For the end of a run: throws DatasetError if folders could not be read and the run is strict.
void require_all_folders(const ModelRunConfig& config, std::size_t unreadable_folders);

// For the keys batch_size and loader_threads of every command that reads images.
inline constexpr std::int64_t kMostImagesAtOnce = 4096;
inline constexpr std::size_t kMostLoaderThreads = 256;

}  // namespace steelsight
