#pragma once
// What `classify` and `evaluate` are told alike: which model to run, how, and where to write.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/fields.hpp"
#include "core/value_checks.hpp"
#include "pipeline/command/pretrained.hpp"

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

inline constexpr std::int64_t kMostImagesAtOnce = 4096;

// Rows of the tables of commands that read images or take a model.
template <class C>
Field<C> batch_size_field(KeyOption option = {"--batch-size", "", "Images computed at once"}) {
  return {"batch_size", &C::batch_size, option, between(std::int64_t{1}, kMostImagesAtOnce)};
}
template <class C>
Field<C> loader_threads_field() {
  return {"loader_threads",
          &C::loader_threads,
          {"", "", "Threads that read images"},
          between(1u, 256u)};
}
template <class C>
void default_to_shipped_model(C& config, const std::string&) {
  if (config.model.empty()) config.model = pretrained_model().string();
}

}  // namespace steelsight
