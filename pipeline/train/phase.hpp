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
  double least_errors = 0;                 // of the head before it; 0: always begin
  HeadMethod head = HeadMethod::gradient;  // how all that learns does; never automatic
  double ridge = 0;                        // for least squares; 0: by leave-one-out
  LearnerConfig learner = {};
};

// Where transfer cuts a network of three poolings or more: at the third-last of them (before
// VGG16's blocks 4 and 5). Empty if there are less, or something behind reads what is before.
std::string transfer_cut(const NetworkSpec& spec);

// The phases of transfer from a model: a head on frozen features; then what follows transfer_cut(),
// for half the epochs at a quarter of the rate. Behind a head by gradient the second ends when
// validation doesn't improve any more. Behind one by least squares it has all its epochs, but
// begins only where the validation part can tell whether it helps (kFewestToChooseBy,
// PhaseConfig::least_errors).
std::vector<PhaseConfig> transfer_phases(const TrainConfig& config, const NetworkSpec& spec,
                                         std::size_t validation_images);
inline constexpr std::size_t kFewestToChooseBy = 50;

// config.phases, or the one phase that the run's own keys describe. The loss is the run's,
// without the weights that follow from the number of images. Throws ModelError for a layer that
// there isn't, or behind which nothing can learn.
std::vector<Phase> resolve_phases(const TrainConfig& config, const NetworkSpec& spec);

// Then each example's class is known without having learned from it (least_squares.hpp), and
// nothing is chosen by validation images.
bool learns_by_least_squares_alone(const std::vector<Phase>& phases);

// The phases as configuration: layer names in full, rates, epochs.
std::vector<PhaseConfig> configs_of(const std::vector<Phase>& phases);

}  // namespace steelsight
