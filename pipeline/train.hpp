#pragma once
// The stage `train`: from a data set to a model file, a log and a report of the test part.
//
// Beside MODEL.safetensors it writes MODEL.config.json (the resolved configuration),
// MODEL.split.json (which image was in which part), MODEL.log.csv (a row an epoch) and
// MODEL.last.safetensors (the last epoch; MODEL.safetensors is the one chosen on the validation
// part).
#include <cstdint>
#include <string>

#include "core/json_object.hpp"
#include "models/loss.hpp"
#include "models/network.hpp"
#include "models/optimizer.hpp"
#include "models/schedule.hpp"
#include "pipeline/console.hpp"
#include "pipeline/report/metrics.hpp"
#include "preprocessing/augmentation.hpp"

namespace steelsight {

// The defaults are argued in docs/design.md.
struct TrainConfig {
  std::string dataset;
  std::string output;  // the model file
  std::string report;  // folder for the test part's report; empty: none
  std::string split;   // split.json to use; empty: divide by the two shares, or by folds
  double validation = 0.1;
  double test = 0.2;
  std::int64_t folds = 0;  // k: test on fold `fold` (0 to k-1) of k; 0: off
  std::int64_t fold = 0;

  std::string arch = "vgg16-slim";
  int input_size = 0;  // 0: the architecture's own
  double width = 0.25;
  double dropout = 0.2;

  std::int64_t epochs = 30;
  std::int64_t batch_size = 16;
  std::int64_t patience = 0;  // stop after so many epochs without a better one; 0: off
  OptimizerConfig optimizer{.kind = OptimizerKind::adamw, .weight_decay = 0.01};
  ScheduleConfig schedule{.kind = ScheduleKind::one_cycle, .learning_rate = 2e-3};
  LossConfig loss;
  Augmentation augmentation;
  std::uint64_t seed = 0;
  std::size_t loader_threads = 1;
};

// Strict. Throws ConfigError with the path of what is wrong.
TrainConfig train_config_from_json(const Json& json);
Json to_json(const TrainConfig& config);

struct TrainResult {
  std::int64_t epochs = 0;      // that were run
  std::int64_t best_epoch = 0;  // from 1
  Accuracy validation, test;    // of the model that was kept; n is 0 without such a part
  bool stopped = false;         // by Ctrl-C: the model so far is saved
};

// Throws ConfigError, DatasetError, ModelError, BackendError, FileError; ModelError too if the loss
// stops being a number.
TrainResult train(Backend& backend, const TrainConfig& config, Console& console);

}  // namespace steelsight
