#pragma once
// The one record of a training run on disk: what it is known by, where it stands after an epoch and
// the best that it has found. `train --resume` goes on from there to the same model, byte for byte.
#include <cstdint>
#include <optional>
#include <vector>

#include "core/filesystem.hpp"
#include "evaluation/training_log.hpp"
#include "models/kernel_choices.hpp"
#include "pipeline/train/learner.hpp"
#include "pipeline/train/run_identity.hpp"

namespace steelsight {

struct Checkpoint {
  RunIdentity identity = {};       // what must be the same to go on
  KernelTimings kernels = {};      // that the kernels of its networks were chosen by
  std::size_t phase = 0;           // from 0
  std::int64_t epoch = 0;          // epochs of the phase that are done
  std::vector<EpochLog> log = {};  // for all phases
  // The phase's learner; none before the run's first epoch.
  std::optional<Learner::State> learner = std::nullopt;
  TensorMap best = {};  // from the best epoch: all that was learned in this phase and before
};

// Whole or not at all. Throws FileError.
void save_checkpoint(const fs::path& file, const Checkpoint& checkpoint);

// Throws ModelError that names the file if it isn't a whole checkpoint.
Checkpoint load_checkpoint(const fs::path& file);

}  // namespace steelsight
