#include "pipeline/classifier.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "models/error.hpp"
#include "models/loss.hpp"
#include "pipeline/interrupt.hpp"

namespace steelsight {
namespace {

Preprocessing read_preprocessing(const Model& model) {
  Preprocessing preprocessing;
  try {
    preprocessing = preprocessing_from_json(model.preprocessing);
  } catch (const ConfigError& error) {
    throw ModelError(std::string("the model's metadata: ") + error.what());
  }
  const Shape gives{preprocessing.channels(), preprocessing.height, preprocessing.width};
  if (gives != model.spec.input)
    throw ModelError("the model's preprocessing gives " + to_string(gives) +
                     ", its network reads " + to_string(model.spec.input));
  return preprocessing;
}

void require_finite(std::span<const float> logits) {
  if (!std::ranges::all_of(logits, [](float value) { return std::isfinite(value); }))
    throw ModelError(
        "the network's output is not a number: the model's weights are damaged, or "
        "its training diverged");
}

}  // namespace

std::size_t Classification::best() const {
  return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

Prediction prediction_row(const Classification& classification, const RowContext& context) {
  Prediction row{.path = context.path, .label = context.label, .prediction = {}};
  row.error = classification.error;
  if (!row.error.empty()) return row;
  const std::size_t best = classification.best();
  row.prediction = context.class_names[best];
  row.confidence = classification.probabilities[best];
  row.probabilities = classification.probabilities;
  return row;
}

Classifier::Classifier(Backend& backend, Model model, Options options)
    : preprocessing_(read_preprocessing(model)),
      options_(options),
      network_(backend, std::move(model.spec), std::move(model.parameters),
               {.batch_size = options.batch_size}) {}

void Classifier::run(const std::vector<fs::path>& paths,
                     const std::function<void(const Classification&)>& use) {
  Loader loader(paths, preprocessing_,
                {.batch_size = static_cast<std::size_t>(options_.batch_size),
                 .threads = options_.loader_threads,
                 .limits = options_.limits});
  std::vector<std::size_t> order(paths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  loader.start(std::move(order), Random(0));

  const auto classes = static_cast<std::size_t>(network_.output_shape()[0]);
  std::vector<float> logits;
  while (const std::optional<Batch> batch = loader.next()) {
    if (interrupted()) throw Interrupted("interrupted");
    const std::size_t count = batch->items.size();
    logits.resize(count * classes);
    network_.run(batch->planes, static_cast<std::int64_t>(count), logits);
    require_finite(logits);
    softmax(logits, classes, logits);
    for (std::size_t i = 0; i < count; ++i) {
      Classification result{batch->items[i], batch->errors[i], batch->hashes[i], {}};
      if (result.error.empty())
        result.probabilities.assign(
            logits.begin() + static_cast<std::ptrdiff_t>(i * classes),
            logits.begin() + static_cast<std::ptrdiff_t>((i + 1) * classes));
      use(result);
    }
  }
}

}  // namespace steelsight
