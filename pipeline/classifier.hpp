#pragma once
// Images in, probabilities out: the one way in which a model meets images, in `classify`,
// `evaluate` and the validation of a training run, so that all of them give the same figures.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/filesystem.hpp"
#include "models/model_file.hpp"
#include "models/network.hpp"
#include "pipeline/report/predictions.hpp"
#include "preprocessing/loader.hpp"

namespace steelsight {

struct Classification {
  std::size_t item = 0;              // position in the paths
  std::string error;                 // empty: the image was read
  std::uint64_t hash = 0;            // content hash of the file, 0 if it could not be read
  std::vector<float> probabilities;  // one for each class, sum 1; empty with an error

  // Position of the largest probability, the first of equals. Not for one with an error.
  std::size_t best() const;
};

// A classification as a row of predictions.csv.
struct RowContext {
  std::string path;
  std::string label = {};  // empty: unknown
  const std::vector<std::string>& class_names;
};
Prediction prediction_row(const Classification& classification, const RowContext& context);

class Classifier {
 public:
  struct Options {
    std::int64_t batch_size = 8;  // images computed at once
    std::size_t loader_threads = 1;
    ImageLimits limits = {};
  };

  // Throws ModelError if the model's preprocessing does not give what its network reads.
  Classifier(Backend& backend, Model model, Options options);

  // Calls `use` for each path, in their order, in constant memory. A broken image is a
  // classification with an error. Throws Interrupted, and what `use` throws.
  void run(const std::vector<fs::path>& paths,
           const std::function<void(const Classification&)>& use);

 private:
  Preprocessing preprocessing_;
  Options options_;
  InferenceNetwork network_;
};

}  // namespace steelsight
