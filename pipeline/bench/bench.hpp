#pragma once
// The command `bench`: how fast a network runs on this machine, and where its time goes.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/fields.hpp"
#include "models/backend.hpp"
#include "models/model_file.hpp"
#include "pipeline/command/console.hpp"

namespace steelsight {

struct BenchConfig {
  std::string model = {};  // what `train` wrote
  std::string arch = {};  // or a network as in `train`, random weights; neither: pretrained_model()
  int input_size = 0;     // for arch: side in pixels; 0: the architecture's own
  std::string layer = {};  // the last layer to run; empty: the whole network
  std::vector<std::int64_t> batch_sizes = {1, 8};
  bool training = false;    // also time a step of training: forward, backward, update
  bool int8 = false;        // for arch: all convolutions in 8-bit integers
  double seconds = 2;       // each measurement takes at least so long
  std::string output = {};  // JSON file; empty: none
};

const Fields<BenchConfig>& bench_fields();

struct LayerSpeed {
  std::string layer, type, kernel;  // kernel: oneDNN's name
  double milliseconds = 0;          // per image, median
  // Nothing for layers that multiply nothing. Winograd counts as what it replaces, so it may exceed
  // the peak, which is that of integers where the layer multiplies them.
  std::optional<double> gflops;  // a second
  std::optional<double> share_of_peak;
};

struct BatchSpeed {
  std::int64_t batch_size = 0;
  double milliseconds = 0;                      // per image, median
  std::size_t activation_bytes = 0;             // for the batch, with the kernels' scratchpads
  std::optional<double> training_milliseconds;  // per image, median
  std::vector<LayerSpeed> layers;
};

// In billions of operations a second (models/peak.hpp).
struct Peaks {
  double floats = 0;
  std::optional<double> integers = {};  // for a network in 8-bit integers
};

struct BenchResult {
  std::string machine, network;
  Peaks peaks;
  std::vector<BatchSpeed> batches;
};
Json to_json(const BenchResult& result);

// Times the network for each batch size after a warm-up, three runs at least, prints it, and writes
// config.output.
// Throws ConfigError, ModelError, BackendError, FileError, Interrupted.
BenchResult bench(Backend& backend, const BenchConfig& config, Console& console);

}  // namespace steelsight
