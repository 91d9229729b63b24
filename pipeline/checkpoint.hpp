#pragma once
// Where a training run stands after an epoch, as a file: `train --resume` goes on from there to the
// same final weights, bit for bit.
#include <cstdint>
#include <optional>
#include <vector>

#include "core/filesystem.hpp"
#include "core/json_object.hpp"
#include "models/kernel_choices.hpp"
#include "pipeline/learner.hpp"
#include "pipeline/report/training_log.hpp"

namespace steelsight {

struct Checkpoint {
  Json identity;                          // of the run: what must be the same to go on
  KernelTimings kernels = {};             // by which its networks' kernels were chosen
  std::size_t stage = 0;                  // from 0
  std::int64_t epoch = 0;                 // of the stage, done
  std::vector<EpochLog> log;              // of all stages
  std::optional<Learner::State> learner;  // of the stage; none before the run's first epoch
};

// Whole or not at all. Throws FileError.
void save_checkpoint(const fs::path& file, const Checkpoint& checkpoint);

// Throws ModelError that names the file if it isn't a whole checkpoint.
Checkpoint load_checkpoint(const fs::path& file);

}  // namespace steelsight
