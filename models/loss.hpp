#pragma once
// What training minimises: softmax cross-entropy, mean squared error or the sum of squared errors
// over a batch, with its gradient. N rows (images), K columns (classes), row-major f32.
//
//   std::vector<float> gradient(logits.size());
//   LossResult result = compute_loss(config, logits, labels, gradient);
//
// A row whose label is kIgnoredLabel (padding of a short batch) counts for nothing and gets
// gradient 0, whatever its logits hold. The means are over the other rows, and a NaN in one of them
// makes the loss NaN. If there are none, or none with a class weight above 0, loss and gradient are
// 0.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/json_object.hpp"

namespace steelsight {

inline constexpr int kIgnoredLabel = -1;

enum class LossKind { cross_entropy, mean_squared_error, sum_of_squares };

struct LossConfig {
  LossKind kind = LossKind::cross_entropy;  // "cross_entropy", ...
  std::vector<double> class_weights = {};   // one for each class, at least 0; empty: all 1
  double label_smoothing = 0;               // in [0, 1]: the part of the target spread over K

  bool operator==(const LossConfig&) const = default;
};

// Strict. Throws ConfigError with the path of what is wrong; so do weights and smoothing with
// the squared errors, which have neither.
LossConfig parse_loss(const Json& json, const std::string& path);
Json to_json(const LossConfig& config);

struct LossResult {
  double loss = 0;           // the mean; sum_of_squares: the sum over the batch
  double weight = 0;         // what the mean was divided by: sum loss * weight over batches and
                             // divide by the sum of weight for the mean over all (1 for
                             // sum_of_squares: the mean over batches)
  std::int64_t correct = 0;  // rows whose argmax is their label
  std::int64_t rows = 0;     // rows that count
};

// All five: `gradient` is d loss / d logits, overwritten, N x K, or empty if it isn't wanted.
// K is logits.size() / labels.size(). Throw std::invalid_argument if sizes don't fit together and
// std::out_of_range for a label that is neither a class nor kIgnoredLabel.

// The loss that the config names; squared errors are taken against one-hot targets. Throws
// ConfigError for a config that parse_loss would refuse.
LossResult compute_loss(const LossConfig& config, std::span<const float> logits,
                        std::span<const int> labels, std::span<float> gradient);

// torch.nn.CrossEntropyLoss (1.13, reduction "mean"): with weights w, smoothing e and
// l(c) = logsumexp(row) - row[c], the sum of (1 - e) w[label] l(label) + e/K sum_c w[c] l(c) over
// rows, divided by the sum of w[label]. Takes logits, not probabilities.
LossResult softmax_cross_entropy(const LossConfig& config, std::span<const float> logits,
                                 std::span<const int> labels, std::span<float> gradient);

// The mean of (output - target)^2 over all elements of the rows that count (torch.nn.MSELoss);
// `targets` is N x K. The labels tell which rows count, and which are correct.
LossResult mean_squared_error(std::span<const float> outputs, std::span<const float> targets,
                              std::span<const int> labels, std::span<float> gradient);

// The sum of (output - target)^2 over the same elements, as courses write it
// (torch.nn.MSELoss(reduction="sum")).
LossResult sum_of_squares(std::span<const float> outputs, std::span<const float> targets,
                          std::span<const int> labels, std::span<float> gradient);

// N x K: 1 at the label, otherwise 0; a row of zeros for kIgnoredLabel. Throws std::out_of_range.
std::vector<float> one_hot(std::span<const int> labels, std::size_t classes);

// Each row of K = `classes` logits becomes probabilities that sum to 1. `probabilities` may be the
// same memory as `logits`. Throws std::invalid_argument if sizes don't fit together.
void softmax(std::span<const float> logits, std::size_t classes, std::span<float> probabilities);

// The place of the largest value, the first of equals; -1 for an empty row or one with a NaN.
int argmax(std::span<const float> row);

}  // namespace steelsight
