#include "pipeline/predict/validation.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "models/loss.hpp"
#include "pipeline/predict/classifier.hpp"

namespace steelsight {
namespace {

class Tally {
 public:
  void add(std::span<const float> probabilities, int label) {
    constexpr double kSmallest = 1e-30;
    const double truth = probabilities[static_cast<std::size_t>(label)];
    loss_ -= std::log(std::max(truth, kSmallest));
    ++result_.accuracy.n;
    result_.accuracy.correct += argmax(probabilities) == label;
  }
  Validation result() const {
    Validation result = result_;
    if (result.accuracy.n > 0) result.loss = loss_ / static_cast<double>(result.accuracy.n);
    return result;
  }

 private:
  Validation result_;
  double loss_ = 0;
};

}  // namespace

Validation validate(Backend& backend, const Model& model, const LabelledExamples& given,
                    const ImageRunOptions& options) {
  Tally tally;
  if (given.examples.empty()) return tally.result();
  Classifier(backend, model, options).run(given.examples, [&](const Classification& c) {
    if (c.error.empty()) tally.add(c.probabilities, given.labels[c.item]);
  });
  return tally.result();
}

Validation validate(Backend& backend, const NetworkSpec& spec, const TensorMap& parameters,
                    const Features& features, const std::vector<int>& labels) {
  Tally tally;
  if (features.size() == 0) return tally.result();
  constexpr std::size_t kBatch = 32;
  InferenceNetwork network(backend, spec, parameters, {.batch_size = kBatch});
  const auto classes = static_cast<std::size_t>(network.output_shape()[0]);
  std::vector<float> rows, logits;
  for (std::size_t first = 0; first < features.size(); first += kBatch) {
    const std::size_t count = std::min(kBatch, features.size() - first);
    rows.assign(count * features.row_floats(), 0.0f);
    logits.resize(count * classes);
    for (std::size_t i = 0; i < count; ++i)
      std::ranges::copy(features.row(first + i),
                        rows.begin() + static_cast<std::ptrdiff_t>(i * features.row_floats()));
    network.run(rows, static_cast<std::int64_t>(count), logits);
    softmax(logits, classes, logits);
    for (std::size_t i = 0; i < count; ++i)
      if (!features.errors.contains(first + i))
        tally.add({logits.data() + i * classes, classes}, labels[first + i]);
  }
  return tally.result();
}

}  // namespace steelsight
