#pragma once
// The command `train`: from a data set to a model file, a log and a report of the test part.
//
// Beside MODEL.safetensors, the epoch that was chosen on the validation part, it writes
// MODEL.config.json (the resolved configuration), MODEL.split.json (which image was in which part),
// MODEL.log.csv (a row an epoch) and, until the run is complete, MODEL.checkpoint.safetensors, from
// which it can be resumed.
#include <cstdint>

#include "evaluation/metrics.hpp"
#include "models/backend.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/train/train_config.hpp"

namespace steelsight {

struct TrainResult {
  std::int64_t epochs = 0;      // epochs that were run
  std::int64_t best_epoch = 0;  // from 1
  // In the kept epoch, on augmented images while it learned; of least squares on left-out ones.
  Accuracy train;
  // By the model that was kept; n is 0 without such a part. Where few images all learn by least
  // squares alone, those left out take the validation part's place.
  Accuracy validation, test;
  bool stopped = false;  // by Ctrl-C: the model so far is saved
};

// Throws ConfigError, DatasetError, ModelError, BackendError, FileError; ModelError too if the loss
// stops being a number.
TrainResult train(Backend& backend, const TrainConfig& config, Console& console);

}  // namespace steelsight
