#pragma once
// A linear classifier in closed form: ridge regression of one-hot labels on features. With a
// handful of examples in thousands of dimensions it is better than gradient descent on
// cross-entropy, and has no learning rate (figures in docs/design.md).
#include <vector>

#include "models/tensor.hpp"
#include "pipeline/features/features.hpp"

namespace steelsight {

struct LinearHead {
  Tensor weight;  // classes x D
  Tensor bias;    // classes; empty without one
};

struct LeastSquaresOptions {
  std::size_t classes = 2;
  double ridge = 1e-3;  // > 0: the penalty of the squared weights, of the mean squared error
  double scale = 10;    // factor of the outputs: the regression's values, 0 to 1, become logits
  bool bias = true;     // false: W alone is found, for a layer that has no bias
};

// Minimises mean |W x + b - onehot(label)|^2 + ridge |W|^2 over all views of all readable examples.
// Solved in the space of the examples, n x n in double: meant for up to kMaxLeastSquaresRows rows.
// Throws std::invalid_argument for ridge <= 0; DatasetError for more examples or none, and where
// the ridge is lost beside the features' size, so that the rounding decides.
inline constexpr std::size_t kMaxLeastSquaresRows = 5000;
LinearHead least_squares_head(const Features& features, const std::vector<int>& labels,
                              const LeastSquaresOptions& options);

}  // namespace steelsight
