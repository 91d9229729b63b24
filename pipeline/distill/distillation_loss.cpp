#include "pipeline/distill/distillation_loss.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace steelsight {
namespace {

// Of one row; its gradient times `weight` is written.
double squared_error(const float* target, std::span<const float> output, double weight,
                     std::span<float> gradient) {
  double sum = 0;
  const auto count = static_cast<double>(output.size());
  for (std::size_t k = 0; k < output.size(); ++k) {
    const double difference = static_cast<double>(output[k]) - static_cast<double>(target[k]);
    sum += difference * difference;
    gradient[k] = static_cast<float>(weight * 2 * difference / count);
  }
  return sum / count;
}

double cross_entropy(int label, std::span<const float> logits, double weight,
                     std::span<float> gradient) {
  const LossResult result = softmax_cross_entropy({}, logits, std::span(&label, 1), gradient);
  for (float& value : gradient) value = static_cast<float>(weight * static_cast<double>(value));
  return result.loss;
}

}  // namespace

LossResult distillation_loss(const DistillationBatch& batch, double label_weight,
                             std::span<const float> outputs, std::span<float> gradient) {
  const std::size_t rows = batch.labels.size();
  const auto components = static_cast<std::size_t>(batch.targets.cols);
  if (rows == 0 || outputs.size() % rows != 0 || outputs.size() / rows < components ||
      gradient.size() != outputs.size() || batch.readable.size() != rows ||
      std::cmp_not_equal(batch.targets.rows, rows))
    throw std::invalid_argument("distillation_loss: " + std::to_string(rows) + " labels, " +
                                std::to_string(batch.targets.rows) + " targets, " +
                                std::to_string(outputs.size()) + " outputs");
  std::ranges::fill(gradient, 0.0f);
  LossResult result;
  result.rows = std::ranges::count(batch.readable, true);
  result.weight = static_cast<double>(result.rows);
  if (result.rows == 0) return result;
  const double weight = 1 / result.weight;
  const std::size_t width = outputs.size() / rows;
  for (std::size_t i = 0; i < rows; ++i) {
    if (!batch.readable[i]) continue;
    const std::span<const float> output = outputs.subspan(i * width, width);
    const std::span<float> row = gradient.subspan(i * width, width);
    result.loss += weight * squared_error(batch.targets.ptr<float>(static_cast<int>(i)),
                                          output.first(components), weight, row.first(components));
    if (batch.labels[i] == kIgnoredLabel || width == components) continue;
    result.loss += weight * label_weight *
                   cross_entropy(batch.labels[i], output.subspan(components), weight * label_weight,
                                 row.subspan(components));
  }
  return result;
}

}  // namespace steelsight
