#pragma once
// Images, or rows of a table, in, probabilities out: the one way in which a model meets them, in
// `classify`, `evaluate` and the validation of a training run, so that all of them give the same
// figures.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "evaluation/calibration.hpp"
#include "evaluation/predictions.hpp"
#include "models/model_file.hpp"
#include "pipeline/features/image_network.hpp"
#include "pipeline/predict/novelty.hpp"

namespace steelsight {

struct Classification {
  std::size_t item = 0;    // position in the examples
  std::string error = {};  // empty: the image was read
  std::uint64_t hash = 0;  // hash of the file's or row's content, 0 if it could not be read
  float uncalibrated = 0;  // confidence without the model's temperature
  std::vector<float> probabilities = {};  // one for each class, calibrated, sum 1; empty with an
                                          // error
  std::optional<float> distance = {};     // to what the model knows; nothing without a memory

  // Position of the largest probability, the first of equals. Not for one with an error.
  std::size_t best() const;
  float confidence() const { return probabilities[best()]; }
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
  using Options = ImageRunOptions;

  // Throws ModelError if the model's preprocessing does not give what its network reads, or its
  // calibration can't be read.
  Classifier(Backend& backend, Model model, const Options& options);

  // Calls `use` for each example, in their order, images in constant memory. A broken image or row
  // is a classification with an error. Throws as ImageNetwork::run().
  void run(const Examples& examples, const std::function<void(const Classification&)>& use);

 private:
  const double temperature_;
  const std::optional<Novelty> novelty_;
  ImageNetwork network_;
};

// The model's calibration, or nothing if it has none. Throws ModelError.
std::optional<Calibration> calibration_of(const Model& model);

}  // namespace steelsight
