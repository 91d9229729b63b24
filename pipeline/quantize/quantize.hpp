#pragma once
// The command `quantize`: makes a model run in 8-bit integers after training, and measures what is
// lost by it.
#include <cstdint>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "evaluation/metrics.hpp"
#include "models/backend.hpp"
#include "pipeline/command/console.hpp"

namespace steelsight {

struct QuantizeConfig {
  std::string model;      // what `train` wrote; empty: pretrained_model()
  std::string calibrate;  // a data set like the images to come; labels may be missing
  std::string output;     // the model file
  // The largest integer stands for the magnitude that this percentage of a value's numbers on the
  // images does not exceed. 100: the largest magnitude (min-max).
  double percentile = 99.99;
  std::int64_t images = 120;  // images of `calibrate` that ranges and layers are judged by
  // A layer stays in f32 if it alone in integers changes the logits by more than this share of
  // their spread (root mean squares).
  double max_layer_error = 0.1;
  std::int64_t batch_size = 8;
  std::uint64_t seed = 0;  // which images
  std::size_t loader_threads = 1;
};

const Fields<QuantizeConfig>& quantize_fields();

struct QuantizeResult {
  std::vector<std::string> integer_layers, float_layers;  // convolutions
  Accuracy in_floats, in_integers;  // on all labelled images of `calibrate`; n is 0 without labels
  std::size_t images = 0, agreeing = 0;  // readable ones of `calibrate`; given the same class
};

// Writes OUTPUT, whose batch norms are folded, and OUTPUT's .config.json. Throws ModelError for a
// model that is quantised already, reads a table or has no convolution; DatasetError, BackendError,
// FileError, Interrupted.
QuantizeResult quantize(Backend& backend, const QuantizeConfig& config, Console& console);

}  // namespace steelsight
