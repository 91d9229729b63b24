#pragma once
// What `classify` and `evaluate` are told alike: which model to run, how, and where to write.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/json_object.hpp"

namespace steelsight {

struct ModelRunConfig {
  std::string output;           // folder
  std::string model;            // what `train` wrote; empty: pretrained_model()
  std::int64_t batch_size = 8;  // images computed at once
  std::size_t loader_threads = 1;
  bool strict = false;  // an unreadable image or folder is an error in the end
};

// The keys of the struct. Throws ConfigError for values that are wrong or missing.
ModelRunConfig read_model_run(JsonObject& section);
// Adds the keys to a section.
void add_model_run(Json& section, const ModelRunConfig& config);

// For the end of a run: throws DatasetError if folders could not be read and the run is strict.
void require_all_folders(const ModelRunConfig& config, std::size_t unreadable_folders);

// Throws ConfigError, with the section's path, for values out of range.
void check_loading(std::int64_t batch_size, std::size_t loader_threads, const std::string& path);

}  // namespace steelsight
