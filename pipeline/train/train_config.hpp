#pragma once
// What `train` is told.
#include <cstdint>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "models/loss.hpp"
#include "models/optimizer.hpp"
#include "models/schedule.hpp"
#include "preprocessing/augmentation.hpp"

namespace steelsight {

enum class HeadMethod { automatic, gradient, least_squares };  // "auto", ...

// A phase of a run: what follows one layer learns.
struct PhaseConfig {
  std::string freeze = {};    // the last layer that doesn't learn; "features": what the head reads;
                              // empty: everything learns
  std::int64_t epochs = 0;    // 0: the run's
  std::int64_t patience = 0;  // end the phase after so many epochs without a better one; 0: off
  double learning_rate = 0;   // in the place of schedule.learning_rate; 0: that one
  // Behind a head by least squares: begin only if so many validation images would be named wrong at
  // the rate of the training images that it left out. With less, validation can't tell whether the
  // phase helps. 0: always begin.
  double least_errors = 0;

  bool operator==(const PhaseConfig&) const = default;
};

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

  std::string arch;     // with random weights, or `weights`; empty: transfer from a model
  std::string weights;  // weights file for arch (models/weights.hpp)
  std::string from;     // the model; empty without arch: pretrained_model()
  std::vector<std::string> layers;  // pooled and joined as features, on which a new head is trained
  int input_size = 0;               // 0: the architecture's own
  double width = 0.25;
  double dropout = 0.2;
  // For a table of numbers. Its arch is "mlp" (models/zoo.hpp) or a spec with one number of
  // inputs.
  std::vector<std::int64_t> hidden = {16};  // mlp: units of each hidden layer
  std::string activation = "relu";          // mlp: behind each of them, by its name in a spec
  std::string scaling = "standard";  // for the features: "standard", "minmax" or "none"; by arch

  // One phase: what follows `freeze` learns for `epochs`. If `phases` lists phases, they take its
  // place. Each goes on from the best epoch so far. What begins to learn in the second phase learns
  // at lower_rate times the phase's learning rate, in the third at lower_rate squared times it.
  // Without `freeze` and `phases`, transfer has the phases of transfer_phases() (phase.hpp): a head
  // on frozen features, then the last blocks as well.
  std::string freeze;
  std::vector<PhaseConfig> phases;
  double lower_rate = 1;
  // How the first phase finds the head: as all other layers, or, behind a frozen layer, by
  // pipeline/train/least_squares.hpp (better with few examples).
  // automatic: least squares in transfer without --freeze, phases and --layer, otherwise gradient.
  HeadMethod head = HeadMethod::automatic;
  double ridge = 0;        // for least squares; 0: chosen by leave-one-out
  std::int64_t views = 4;  // views per training image that are cached at a frozen layer
  std::string cache;       // folder for features at frozen layers; empty: default_cache()

  std::int64_t epochs = 30;
  std::int64_t batch_size = 16;
  std::int64_t patience = 0;  // stop after so many epochs without a better one; 0: off
  // Ends a phase whose training loss has converged: the lowest of the last kConvergenceEpochs is
  // not lower by this than the lowest before. 0: off.
  double tolerance = 0;
  OptimizerConfig optimizer{.kind = OptimizerKind::adamw, .weight_decay = 0.01};
  ScheduleConfig schedule{.kind = ScheduleKind::one_cycle, .learning_rate = 2e-3};
  LossConfig loss;
  // For classes of unequal size: "none", "weights" (the loss of a class counts by the inverse of
  // its images), "sampler" (each class is shown equally often), "auto" (weights where least squares
  // finds the head, and there are no class weights already; otherwise none).
  std::string balance = "auto";
  Augmentation augmentation;
  std::uint64_t seed = 0;
  std::size_t loader_threads = 1;
  bool resume = false;  // go on where a run with the same configuration was stopped
};

inline constexpr std::int64_t kConvergenceEpochs = 10;

const Fields<TrainConfig>& train_fields();

}  // namespace steelsight
