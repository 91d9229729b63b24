#pragma once
// A linear classifier in closed form: ridge regression of one-hot labels on features. With a
// handful of examples in thousands of dimensions it is better than gradient descent on
// cross-entropy, has no learning rate, and tells how well it does on examples that it has not seen:
// what each example would be called by the others' solution is known without solving again
// (figures in docs/design.md).
#include <vector>

#include "evaluation/calibration.hpp"
#include "evaluation/metrics.hpp"
#include "models/tensor.hpp"
#include "pipeline/features/features.hpp"

namespace steelsight {

struct LinearHead {
  Tensor weight;  // classes x D
  Tensor bias;    // classes; empty without one
};

struct LeastSquaresOptions {
  std::size_t classes = 2;
  // The penalty of the squared weights, of the mean squared error, at least 0. 0: chosen by
  // leave-one-out.
  double ridge = 0;
  bool bias = true;                        // false: W alone is found, for a layer without a bias
  std::vector<double> class_weights = {};  // of the squared errors; empty: all 1
};

struct LeastSquaresFit {
  LinearHead head;
  double ridge = 0;
  // Factor of the outputs, by which the regression's values, 0 to 1, become logits: the one with
  // the least cross-entropy of the left-out examples (fit_temperature() of
  // evaluation/calibration.hpp).
  double scale = 1;
  // What the readable examples are called by the solution of all others: an example's views are
  // left out together, and the first one is classified.
  Validated left_out;
};

// Minimises mean |W x + b - onehot(label)|^2 + ridge |W|^2 over all views of all readable examples.
// A ridge that is not given is the one with the best accuracy of left-out examples, each class
// counting by its weights; of those that are not worse by more than a standard error, the one
// nearest to a hundredth of the features' mean squared length: few examples can't tell them apart.
// Solved in double in the smaller of the examples' and the features' space, at most
// kMaxLeastSquaresSpace. Throws std::invalid_argument for ridge < 0; DatasetError for no examples
// or more of both than that, and where the ridge is lost beside the features' size, so that the
// rounding decides.
inline constexpr std::size_t kMaxLeastSquaresSpace = 5000;
LeastSquaresFit least_squares_head(const Features& features, const std::vector<int>& labels,
                                   const LeastSquaresOptions& options);

Accuracy accuracy_of(const Validated& left_out);

}  // namespace steelsight
