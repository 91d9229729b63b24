#pragma once
// The phases of a training run, resolved: what learns in each, for how long and how. Decided once,
// before the first step.
#include <cstdint>
#include <string>
#include <vector>

#include "models/spec.hpp"
#include "pipeline/train/learner.hpp"
#include "pipeline/train/train_config.hpp"

namespace steelsight {

struct Phase {
  std::string freeze;  // the last layer of the spec that doesn't learn; empty: everything learns
  std::int64_t epochs = 1;
  std::int64_t patience = 0;               // 0: off
  HeadMethod head = HeadMethod::gradient;  // least_squares: all that learns, in one epoch
  double ridge = 0;                        // for least squares; 0: by leave-one-out
  LearnerConfig learner = {};
};

// The phases of transfer from a model: a head on frozen features, at the run's epochs and learning
// rate; then, in networks with three poolings or more, what follows the third-last of them (VGG16's
// blocks 4 and 5) for half the epochs at a quarter of the rate, as long as validation improves.
std::vector<PhaseConfig> transfer_phases(const TrainConfig& config, const NetworkSpec& spec);

// config.phases, or the one phase that the run's own keys describe. `loss` is the run's, with its
// class weights. Throws ModelError for a layer that there isn't, or behind which nothing can learn.
std::vector<Phase> resolve_phases(const TrainConfig& config, const NetworkSpec& spec,
                                  const LossConfig& loss);

// The phases as configuration: layer names in full, rates, epochs.
std::vector<PhaseConfig> configs_of(const std::vector<Phase>& phases);

}  // namespace steelsight
