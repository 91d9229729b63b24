#pragma once
// All that a training run decides before its first step: which images are in which part, what it
// starts from, in which phases it learns. A plan depends on the content of its inputs alone, so
// that the same inputs give the same plan on the day a stopped run goes on.
#include <cstdint>
#include <vector>

#include "datasets/split.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/features/examples.hpp"
#include "pipeline/features/preparation.hpp"
#include "pipeline/train/phase.hpp"
#include "pipeline/train/run_identity.hpp"
#include "pipeline/train/train_config.hpp"

namespace steelsight {

struct TrainPlan {
  TrainConfig config;  // as asked; what it left open is filled in
  Dataset dataset;
  Split split;  // without the training and validation images that can't be read
  LabelledExamples train, validation, test;
  Preparation preparation;
  std::vector<Phase> phases;
  // Complete but for what is learned and what is found at the end. Its parameters are the ones that
  // the run begins with.
  Model model;
  RunIdentity identity;
};

// The keys that a run's result depends on: not its paths, whose content counts.
Json settings_of(const TrainConfig& config);

// Says on the console what was found and decided. Throws ConfigError, DatasetError (a class that
// nothing can be learned of), ModelError, FileError, Interrupted.
TrainPlan make_plan(const Backend& backend, const TrainConfig& config, Console& console);

}  // namespace steelsight
