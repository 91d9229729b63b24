#include "models/loss.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "core/fields.hpp"

namespace steelsight {
namespace {

constexpr NamedValue<LossKind> kLossKinds[] = {
    {LossKind::cross_entropy, "cross_entropy"},
    {LossKind::mean_squared_error, "mean_squared_error"},
    {LossKind::sum_of_squares, "sum_of_squares"},
};

void check(const LossConfig& config, const std::string& path) {
  double sum = 0;
  for (const double weight : config.class_weights) {
    if (!(weight >= 0)) throw ConfigError(path + "/class_weights has a negative weight");
    sum += weight;
  }
  if (!config.class_weights.empty() && sum == 0)
    throw ConfigError(path + "/class_weights are all 0");
  if (!(config.label_smoothing >= 0 && config.label_smoothing <= 1))
    throw ConfigError(path + "/label_smoothing is " + std::to_string(config.label_smoothing) +
                      ", expected 0 to 1");
  if (config.kind != LossKind::cross_entropy &&
      (!config.class_weights.empty() || config.label_smoothing != 0))
    throw ConfigError(path + ": class_weights and label_smoothing need kind cross_entropy");
}

void check_size(const char* what, std::size_t got, std::size_t expected) {
  if (got != expected)
    throw std::invalid_argument(std::string(what) + " has " + std::to_string(got) +
                                " values, expected " + std::to_string(expected));
}

void check_label(int label, std::size_t row, std::size_t classes) {
  if (label != kIgnoredLabel && !(label >= 0 && std::cmp_less(label, classes)))
    throw std::out_of_range("label " + std::to_string(label) + " in row " + std::to_string(row) +
                            ", expected less than " + std::to_string(classes) +
                            " classes, or -1 for a row to ignore");
}

// K. Checks everything that the losses share.
std::size_t check_batch(std::span<const float> logits, std::span<const int> labels,
                        std::span<float> gradient) {
  if (labels.empty() || logits.empty() || logits.size() % labels.size() != 0)
    throw std::invalid_argument("logits have " + std::to_string(logits.size()) +
                                " values, expected a multiple of the " +
                                std::to_string(labels.size()) + " labels");
  if (!gradient.empty()) check_size("gradient", gradient.size(), logits.size());
  const std::size_t classes = logits.size() / labels.size();
  for (std::size_t i = 0; i < labels.size(); ++i) check_label(labels[i], i, classes);
  return classes;
}

// log(sum(exp(row))); NaN if the row holds one.
double logsumexp(std::span<const float> row) {
  const double largest = *std::max_element(row.begin(), row.end());
  double sum = 0;
  for (const float logit : row) sum += std::exp(logit - largest);
  return largest + std::log(sum);
}

// Divides the sums over rows by result.weight.
void finish_mean(LossResult& result, double sum, std::span<float> gradient) {
  if (result.weight == 0) {
    std::fill(gradient.begin(), gradient.end(), 0.0f);
    return;
  }
  result.loss = sum / result.weight;
  for (float& value : gradient) value = static_cast<float>(value / result.weight);
}

const Fields<LossConfig>& loss_fields() {
  using C = LossConfig;
  static const Fields<C> fields(
      {
          {"kind", &C::kind, kLossKinds},
          {"class_weights", &C::class_weights},
          {"label_smoothing", &C::label_smoothing},
      },
      [](C& config, const std::string& path) { check(config, path); });
  return fields;
}

}  // namespace

LossConfig parse_loss(const Json& json, const std::string& path) {
  return loss_fields().read(json, path);
}

Json to_json(const LossConfig& config) {
  return loss_fields().write(config);
}

LossResult compute_loss(const LossConfig& config, std::span<const float> logits,
                        std::span<const int> labels, std::span<float> gradient) {
  check(config, "loss");
  if (config.kind == LossKind::cross_entropy)
    return softmax_cross_entropy(config, logits, labels, gradient);
  const std::size_t classes = check_batch(logits, labels, gradient);
  const auto loss = config.kind == LossKind::sum_of_squares ? sum_of_squares : mean_squared_error;
  return loss(logits, one_hot(labels, classes), labels, gradient);
}

LossResult softmax_cross_entropy(const LossConfig& config, std::span<const float> logits,
                                 std::span<const int> labels, std::span<float> gradient) {
  const std::size_t classes = check_batch(logits, labels, gradient);
  if (!config.class_weights.empty())
    check_size("class_weights", config.class_weights.size(), classes);
  const std::vector<double> ones(config.class_weights.empty() ? classes : 0, 1.0);
  const std::vector<double>& weights = ones.empty() ? config.class_weights : ones;

  // Both parts of a row's target sum to one distribution over the classes, which needs not sum to
  // 1:
  //   target[c] = (1 - e) w[label] [c = label] + e/K w[c]
  const double sharp = 1 - config.label_smoothing;
  const double spread = config.label_smoothing / static_cast<double>(classes);

  LossResult result;
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = logits.subspan(i * classes, classes);
    const auto row_gradient = gradient.empty() ? gradient : gradient.subspan(i * classes, classes);
    if (labels[i] == kIgnoredLabel) {
      std::fill(row_gradient.begin(), row_gradient.end(), 0.0f);
      continue;
    }
    const auto label = static_cast<std::size_t>(labels[i]);
    const auto target = [&](std::size_t c) {
      return spread * weights[c] + (c == label ? sharp * weights[c] : 0);
    };
    const double normaliser = logsumexp(row);
    if (std::isnan(normaliser)) sum = normaliser;  // even where the label's weight is 0
    double mass = 0;
    for (std::size_t c = 0; c < classes; ++c) {
      mass += target(c);
      if (target(c) != 0) sum += target(c) * (normaliser - row[c]);  // row[c] may be -infinity
    }
    for (std::size_t c = 0; c < row_gradient.size(); ++c)
      row_gradient[c] = static_cast<float>(mass * std::exp(row[c] - normaliser) - target(c));
    result.weight += weights[label];
    result.correct += argmax(row) == labels[i];
    ++result.rows;
  }
  finish_mean(result, sum, gradient);
  return result;
}

LossResult sum_of_squares(std::span<const float> outputs, std::span<const float> targets,
                          std::span<const int> labels, std::span<float> gradient) {
  const std::size_t classes = check_batch(outputs, labels, gradient);
  check_size("targets", targets.size(), outputs.size());
  LossResult result;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool counts = labels[i] != kIgnoredLabel;
    for (std::size_t at = i * classes; at < (i + 1) * classes; ++at) {
      const double difference = counts ? double{outputs[at]} - targets[at] : 0;
      result.loss += difference * difference;
      if (!gradient.empty()) gradient[at] = static_cast<float>(2 * difference);
    }
    if (!counts) continue;
    result.weight = 1;
    result.correct += argmax(outputs.subspan(i * classes, classes)) == labels[i];
    ++result.rows;
  }
  return result;
}

LossResult mean_squared_error(std::span<const float> outputs, std::span<const float> targets,
                              std::span<const int> labels, std::span<float> gradient) {
  LossResult result = sum_of_squares(outputs, targets, labels, gradient);
  const auto classes = static_cast<double>(outputs.size() / labels.size());
  result.weight = static_cast<double>(result.rows) * classes;
  finish_mean(result, result.loss, gradient);
  return result;
}

std::vector<float> one_hot(std::span<const int> labels, std::size_t classes) {
  std::vector<float> rows(labels.size() * classes);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    check_label(labels[i], i, classes);
    if (labels[i] != kIgnoredLabel) rows[i * classes + static_cast<std::size_t>(labels[i])] = 1;
  }
  return rows;
}

void softmax(std::span<const float> logits, std::size_t classes, std::span<float> probabilities) {
  if (classes == 0 || logits.size() % classes != 0)
    throw std::invalid_argument("logits have " + std::to_string(logits.size()) +
                                " values, expected a multiple of " + std::to_string(classes) +
                                " classes");
  check_size("probabilities", probabilities.size(), logits.size());
  for (std::size_t begin = 0; begin < logits.size(); begin += classes) {
    const double normaliser = logsumexp(logits.subspan(begin, classes));
    for (std::size_t at = begin; at < begin + classes; ++at)
      probabilities[at] = static_cast<float>(std::exp(logits[at] - normaliser));
  }
}

int argmax(std::span<const float> row) {
  int largest = -1;
  for (std::size_t c = 0; c < row.size(); ++c) {
    if (std::isnan(row[c])) return -1;
    if (largest < 0 || row[c] > row[static_cast<std::size_t>(largest)])
      largest = static_cast<int>(c);
  }
  return largest;
}

}  // namespace steelsight
