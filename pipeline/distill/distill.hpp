#pragma once
// The command `distill`: trains a small, fast network to give what a large one sees in images, most
// of which need no label (Hinton, Vinyals and Dean 2015, arXiv:1503.02531; Romero et al.,
// "FitNets", ICLR 2015). What it writes is a backbone for `train --from`.
//
// Beside MODEL.safetensors it writes MODEL.config.json, MODEL.log.csv (a row an epoch) and, until
// the run is complete, MODEL.checkpoint.safetensors, from which it can be resumed.
#include "evaluation/metrics.hpp"
#include "models/backend.hpp"
#include "pipeline/command/console.hpp"
#include "pipeline/distill/distill_config.hpp"

namespace steelsight {

struct DistillResult {
  // On the images held out that have a label, of a linear head on the features of each; n is 0
  // without such images. `before`: the student as it began.
  Accuracy teacher, before, student;
  double unexplained = 0;  // share of the teacher's variance on the images held out; NaN without
  bool stopped = false;    // by Ctrl-C: --resume goes on
};

// With labels the model names their classes, by a head that is solved on its features by least
// squares, and has memory and calibration as `train` gives them. Without, it is a backbone without
// classes (models/model_file.hpp), whose outputs are the teacher's components.
//
// Throws ConfigError, DatasetError, ModelError, BackendError, FileError; ModelError too if the loss
// stops being a number.
DistillResult distill(Backend& backend, const DistillConfig& config, Console& console);

}  // namespace steelsight
