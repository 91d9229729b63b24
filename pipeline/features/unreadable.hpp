#pragma once
// Training goes on without images that can't be read. They are found before the first step, by
// decoding each once: so that the parts, the number of steps and the random numbers are those of
// the images that there are, and a run that goes on another day finds the same.
#include <cstddef>

#include "datasets/split.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/features/preparation.hpp"

namespace steelsight {

struct ReadOptions {
  std::size_t threads = 1;
};

// Moves training and validation images that can't be read (of a table: rows with a cell that is no
// number) to split.left_out, with a warning that names them. Throws Interrupted; ResourceError
// where it is no image's fault.
void leave_out_unreadable(Split& split, const Dataset& dataset, const Preparation& preparation,
                          const ReadOptions& options, Console& console);

}  // namespace steelsight
