#include "pipeline/extend/class_recall.hpp"

#include <numeric>
#include <span>
#include <utility>

#include "models/loss.hpp"
#include "pipeline/features/head_on_memory.hpp"
#include "pipeline/predict/classifier.hpp"

namespace steelsight {

void ClassRecall::add(int label, bool right) {
  const auto c = static_cast<std::size_t>(label);
  ++count_[c];
  right_[c] += right;
}

double ClassRecall::of(std::size_t c) const {
  return static_cast<double>(right_[c]) / static_cast<double>(count_[c]);
}

double ClassRecall::mean() const {
  double sum = 0, classes = 0;
  for (std::size_t c = 0; c < count_.size(); ++c)
    if (measured(c)) {
      sum += of(c);
      ++classes;
    }
  return classes > 0 ? sum / classes : 0;
}

std::size_t ClassRecall::images() const {
  return std::accumulate(count_.begin(), count_.end(), std::size_t{0});
}

ClassRecall recall_on_images(Backend& backend, const Model& model, const LabelledExamples& images,
                             std::size_t classes) {
  ClassRecall recall(classes);
  Classifier(backend, model, {}).run(images.examples, [&](const Classification& c) {
    if (c.error.empty())
      recall.add(images.labels[c.item], std::cmp_equal(c.best(), images.labels[c.item]));
  });
  return recall;
}

ClassRecall recall_on_memory(Backend& backend, const Model& model, const FeatureMemory& memory,
                             std::size_t classes) {
  ClassRecall recall(classes);
  const std::vector<float> logits = logits_of(backend, model, memory);
  const std::size_t outputs = model.class_names.size();
  for (std::size_t i = 0; i < memory.size(); ++i) {
    const auto row = std::span(logits).subspan(i * outputs, outputs);
    recall.add(memory.labels[i], argmax(row) == memory.labels[i]);
  }
  return recall;
}

}  // namespace steelsight
